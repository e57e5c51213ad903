"""The calibration cases: what the server does, what load comes, and what is compared afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.calibration.theory import Queue, exponential_quantile, stalled_quantile

#: The scenarios' name for an operation, where it is another.
STORIES: Final[Mapping[str, str]] = {"get": "read"}


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a scenario against the server.

    `laws`, `faults` and `active` are the server's options; where nothing is wrong, the time to
    ACTIVE is compared as well. `rate` arrivals a second come for `seconds`, as a Poisson process;
    `mix` weighs a scenario's stories, `population` instances exist throughout. Of the operations in
    `timed`, the percentiles are compared with the server's own record; those in `theory` also with
    the quantiles of their law, and what arrivals begin (`planned`) with the law carried out in
    virtual time on the intended arrivals. `slopes` hold by how many seconds an operation gets
    slower in each second.
    """

    name: str
    purpose: str
    scenario: str
    rate: float
    seconds: float
    mix: Mapping[str, float] = field(default_factory=dict)
    population: int = 0
    laws: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    active: float = 0.0
    timed: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    theory: Mapping[str, Callable[[float], float]] = field(default_factory=dict)
    slopes: Mapping[str, float] = field(default_factory=dict)

    def law(self, operation: str) -> str:
        """The law of one operation as it is written."""
        return next(text for text in self.laws if text.startswith(f"{operation}="))

    def rate_of(self, operation: str) -> float:
        """How many requests of an operation the arrivals begin in a second."""
        share = self.mix.get(STORIES.get(operation, operation), 0.0) / (sum(self.mix.values()) or 1)
        return self.rate * share if self.mix else self.rate

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options of the server."""
        laws = (part for text in self.laws for part in ("--law", text))
        faults = (part for text in self.faults for part in ("--fault", text))
        return (*laws, *faults, "--active", str(self.active))


@dataclass(frozen=True, slots=True)
class CapacityCase:
    """A search for the rate at which `servers` workers of `service` seconds are all busy.

    Trials of `seconds`, evenly spaced, begin at `lowest` arrivals a second and go to `highest` at
    most. A rate is kept when the percentile 95 of listings stays below `limit` seconds: below the
    capacity nobody waits, above it the line grows all the time. `allowed` is the share by which the
    rate found may be off, and what the search's bracket may be wide.
    """

    name: str
    purpose: str
    servers: int
    service: float
    lowest: float
    highest: float
    seconds: float
    limit: float
    allowed: float = 0.1

    @property
    def capacity(self) -> float:
        """The truth in requests per second."""
        return self.servers / self.service

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options of the server."""
        return ("--law", f"list=capacity:servers={self.servers},service={self.service}")


#: Which finding each fault of an instance is to be reported as.
KINDS: Final[Mapping[str, str]] = {
    "lost_create": "lost create",
    "phantom": "phantom",
    "duplicate_id": "duplicate id",
    "hidden_item": "list gap",
    "repeated_item": "list repeat",
    "resurrected_delete": "resurrected delete",
    "backward_state": "backward state",
    "stale_read": "stale read",
}

# Where times matter one request is one arrival, so that the generator has little else to do, also
# on a small machine. Times are long enough for 3 % of them to be more than the 2 ms that a client's
# own work and the loopback may take.
LAWS: Final = Case(
    "laws",
    "M/M/1 for listings, always 100 ms for reads",
    "list_heavy",
    rate=60.0,
    seconds=14.0,
    mix={"list": 1.0, "read": 1.0},
    population=2,
    laws=("list=queue:servers=1,mean=0.025", "get=constant:service=0.1"),
    timed=("list", "get"),
    planned=("list",),
    theory={"list": Queue(30.0, 1, 0.025).quantile, "get": lambda share: 0.1},
    slopes={"get": 0.0},
)
QUEUE: Final = Case(
    "queue",
    "M/M/3 for listings",
    "list_heavy",
    rate=40.0,
    seconds=12.0,
    mix={"list": 1.0},
    population=2,
    laws=("list=queue:servers=3,mean=0.06",),
    timed=("list",),
    planned=("list",),
    theory={"list": Queue(40.0, 3, 0.06).quantile},
)
STALL: Final = Case(
    "stall",
    "listings stall for 2 s, reads get slower by 4 ms in each second",
    "list_heavy",
    rate=80.0,
    seconds=10.0,
    mix={"list": 1.0, "read": 1.0},
    population=2,
    laws=("list=stall:service=0.08,at=4,seconds=2", "get=leak:service=0.01,growth=0.004"),
    timed=("list",),
    planned=("list",),
    theory={"list": lambda share: stalled_quantile(0.08, 2.0, 10.0, share)},
    slopes={"get": 0.004},
)
LIVES: Final = Case(
    "lives",
    "whole lives: ACTIVE after exactly 0.4 s, exponential updates, three workers for deletions",
    "crud_lifecycle",
    rate=20.0,
    seconds=8.0,
    laws=("update=exponential:mean=0.12", "delete=capacity:servers=3,service=0.08"),
    active=0.4,
    timed=("update", "delete"),
    theory={"update": lambda share: exponential_quantile(0.12, share)},
)
FAULTS: Final = Case(
    "faults",
    "every kind of contradiction, each about instances of its own",
    "crud_lifecycle",
    rate=30.0,
    seconds=7.0,
    active=0.1,
    faults=(
        "lost_create:every=200",
        *(f"{kind}:every=60" for kind in KINDS if kind != "lost_create"),
    ),
)
REFUSALS: Final = Case(
    "refusals",
    "429 with Retry-After and without, 500, and connections that are reset",
    "crud_lifecycle",
    rate=20.0,
    seconds=6.0,
    faults=(
        "get=throttle:every=100,seconds=1",
        "list=throttle:every=20,header=0",
        "update=error:every=10",
        "create=reset:every=25",
        "delete=reset:every=20",
    ),
)
CASES: Final = (LAWS, QUEUE, STALL, LIVES, FAULTS, REFUSALS)
CAPACITY: Final = CapacityCase(
    "capacity",
    "four workers of 50 ms: 80 listings a second",
    servers=4,
    service=0.05,
    lowest=60.0,
    highest=240.0,
    seconds=2.0,
    limit=0.12,
)
