"""What one load process is to do: the plan that the examining process hands to the driver."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from pgassay.errors import ConfigurationError
from pgassay.target.model import Family, Target
from pgassay.traffic.objectives import Objectives
from pgassay.traffic.phase import DRAIN, Phase, Process

Model: TypeAlias = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One scenario on one family.

    `program` is the scenario's Locust file. `phases` say when arrivals come; without any there is
    one, `duration` seconds at `rate` arrivals per second as `arrivals` (the process) spaces them.
    With phases, `duration` is their sum and `rate` the mean of the measured ones. `drain` is the
    longest wait for what is in flight after the last arrival, in seconds. At most `max_in_flight`
    arrivals are worked on at a time; more are dropped and counted.

    `pool` is the number of long-lived resources that a scenario changes, one arrival at a time;
    `population` is the number that exist while load is applied. `mix` holds the weights of a
    scenario's stories by name, `sizes` those of services that may be used. `background` is the rate
    (arrivals per second, constant, in all phases) of the quiet tenant where a scenario has one.

    Rates are those of all `workers` together, all other numbers those of this one, which is number
    `worker` (from 0). In the closed `model`, `users` do one arrival
    after the other and pause `think` seconds in between; the phases then only say how long, and
    which samples are judged. `reduced` has a sentence for each thing that the target's limits made
    smaller than it was wanted. Arrivals end early once one of `objectives` is lost for sure.

    `web` is the port of 127.0.0.1 at which Locust's page shows the load; 0 for none. `existing` are
    the numbers of resources at which `samples` of each operation are timed, where the load is a
    measurement of growth.

    `nonce` marks every name; it begins with the nonce of the whole run, `run`. `target` carries no
    credentials: those of `tenants`, in their order, reach the driver through its standard input, or
    in a run by hand from `target_file`. `supervised` makes the driver stop when its standard input
    ends.
    """

    family: Family
    scenario: str
    program: str
    rate: float
    duration: float
    drain: float
    max_in_flight: int
    pool: int
    seed: int
    run: str
    nonce: str
    target: Target
    journal: str
    output: str
    arrivals: Process = "poisson"
    target_file: str = ""
    supervised: bool = False
    phases: tuple[Phase, ...] = ()
    worker: int = 0
    workers: int = 1
    model: Model = "open"
    users: int = 0
    think: float = 0.0
    mix: Mapping[str, float] = field(default_factory=dict)
    population: int = 0
    sizes: tuple[str, ...] = ()
    background: float = 0.0
    tenants: tuple[str, ...] = ("main",)
    reduced: tuple[str, ...] = ()
    objectives: Objectives = field(default_factory=Objectives)
    web: int = 0
    existing: tuple[int, ...] = ()
    samples: int = 0

    @property
    def timetable(self) -> tuple[Phase, ...]:
        """The phases, in order; never empty."""
        single = Phase("steady", self.duration, self.arrivals, self.rate, self.rate)
        return self.phases or (single,)

    def phase_at(self, seconds: float) -> Phase:
        """The phase of a moment `seconds` after the start of the load; `DRAIN` after the last.

        A sample belongs to the phase of its intended time.
        """
        end = 0.0
        for phase in self.timetable:
            end += phase.seconds
            if seconds < end:
                return phase
        return DRAIN


def write(plan: LoadPlan, path: Path) -> None:
    """Write `plan` as JSON; ValueError if its target still holds credentials."""
    if plan.target.credentials:
        raise ValueError("a plan is written to disk and must not hold credentials")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")


def read(path: Path) -> LoadPlan:
    """Read a plan; raises `ConfigurationError` where it is missing or not a plan."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=LoadPlan)
    except OSError as error:
        raise ConfigurationError(
            f"the load plan cannot be read: {error.strerror}",
            str(path),
            remedy="`pgassay load` leaves the plan of each scenario in its run folder.",
        ) from error
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"this is not a load plan: {error}", str(path)) from error
