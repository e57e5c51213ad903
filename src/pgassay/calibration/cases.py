"""The calibration cases: what the server does, what load comes, and what is compared afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.calibration.theory import Queue, exponential_quantile, stalled_quantile


@dataclass(frozen=True, slots=True)
class Case:
    """One run of a scenario against the server.

    `laws`, `faults` and `active` are the server's options; where nothing is wrong, the time to
    ACTIVE is compared as well. Arrivals are Poisson, `rate` a second
    for `seconds`. Of the operations in `timed`, the percentiles are compared with the server's own
    record; those in `theory` also with the quantiles of their law, and what arrivals alone begin
    (`planned`) with the law carried out in virtual time on the intended arrivals. `slopes` hold by
    how many seconds an operation gets slower in each second.
    """

    name: str
    purpose: str
    rate: float
    seconds: float
    laws: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    active: float = 0.0
    timed: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    theory: Mapping[str, Callable[[float], float]] = field(default_factory=dict)
    slopes: Mapping[str, float] = field(default_factory=dict)
    scenario: str = "crud_lifecycle"

    def law(self, operation: str) -> str:
        """The law of one operation as it is written."""
        return next(text for text in self.laws if text.startswith(f"{operation}="))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options of the server."""
        laws = (part for text in self.laws for part in ("--law", text))
        faults = (part for text in self.faults for part in ("--fault", text))
        return (*laws, *faults, "--active", str(self.active))


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

LAWS: Final = Case(
    "laws",
    "M/M/1, constant, exponential and two workers, each for one operation",
    rate=40.0,
    seconds=14.0,
    laws=(
        "create=queue:servers=1,mean=0.015",
        "list=constant:service=0.03",
        "update=exponential:mean=0.04",
        "delete=capacity:servers=2,service=0.02",
    ),
    timed=("create", "list", "update", "delete"),
    planned=("create",),
    theory={
        "create": Queue(40.0, 1, 0.015).quantile,
        "update": lambda share: exponential_quantile(0.04, share),
    },
    slopes={"list": 0.0},
)
QUEUE: Final = Case(
    "queue",
    "M/M/3, and instances that are ACTIVE after exactly 0.4 s",
    rate=40.0,
    seconds=12.0,
    laws=("create=queue:servers=3,mean=0.05",),
    active=0.4,
    timed=("create",),
    planned=("create",),
    theory={"create": Queue(40.0, 3, 0.05).quantile},
)
STALL: Final = Case(
    "stall",
    "creations stall for 2 s, listings get slower by 4 ms in each second",
    rate=40.0,
    seconds=10.0,
    laws=("create=stall:service=0.01,at=4,seconds=2", "list=leak:service=0.01,growth=0.004"),
    timed=("create",),
    planned=("create",),
    theory={"create": lambda share: stalled_quantile(0.01, 2.0, 10.0, share)},
    slopes={"list": 0.004},
)
FAULTS: Final = Case(
    "faults",
    "every kind of contradiction, each about instances of its own",
    rate=30.0,
    seconds=8.0,
    active=0.1,
    faults=(
        "lost_create:every=200",
        *(f"{kind}:every=60" for kind in KINDS if kind != "lost_create"),
    ),
)
REFUSALS: Final = Case(
    "refusals",
    "429 with Retry-After and without, 500, and connections that are reset",
    rate=20.0,
    seconds=8.0,
    faults=(
        "get=throttle:every=100,seconds=1",
        "list=throttle:every=20,header=0",
        "update=error:every=10",
        "create=reset:every=25",
        "delete=reset:every=20",
    ),
)
CASES: Final = (LAWS, QUEUE, STALL, FAULTS, REFUSALS)
