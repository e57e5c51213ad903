"""What one load process is to do: the plan that the examining process hands to the driver."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from pgassay.errors import ConfigurationError
from pgassay.target.model import Family, Target
from pgassay.traffic.arrivals import Process


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """One scenario on one family.

    `program` is the scenario's Locust file. `rate` is in arrivals per second; `duration` and
    `drain` (the longest wait for what is in flight after the last arrival) are seconds. At most
    `max_in_flight` arrivals are worked on at a time; more are dropped and counted. `pool` is the
    number of long-lived resources of a scenario that needs some. `nonce` marks every name; it
    begins with the nonce of the whole run, `run`.
    `target` carries no credentials: these reach the driver through its standard input, or in a run
    by hand from `target_file`. `supervised` makes the driver stop when its standard input ends.
    The rate is that of all `workers` together; this plan is the one of number `worker` (from 0).
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
    worker: int = 0
    workers: int = 1


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
