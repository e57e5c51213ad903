"""What a user may choose about a load run."""

from dataclasses import dataclass
from pathlib import Path

from pgassay.errors import UsageError, nearest
from pgassay.target.model import Family
from pgassay.traffic.brief import PATIENCE
from pgassay.traffic.kind import SCENARIOS


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Families and scenarios to run (empty: those of the plan), and the load to apply.

    `plan` is the path of a plan file or the name of a shipped one. `rate` (arrivals per second) and
    `duration` (seconds of load in all, phases keeping their shares) override the plan's; 0 leaves
    them. `slo` is the SLO file, the shipped one when None. `nonce` marks the names of what is
    created; empty draws a fresh one. `fail_fast` leaves out the scenarios after the first one that
    fails. The load comes from `workers` processes; with `listen` (HOST:PORT) they come there from
    elsewhere, and are waited for `patience` seconds. `web` is the port of Locust's page, 0 for
    none.
    """

    families: tuple[Family, ...] = ()
    scenarios: tuple[str, ...] = ()
    seed: int = 0
    rate: float = 0.0
    duration: float = 0.0
    plan: str = "smoke"
    slo: Path | None = None
    nonce: str = ""
    fail_fast: bool = False
    workers: int = 1
    listen: str = ""
    patience: float = PATIENCE
    web: int = 0

    def check(self) -> None:
        """Raise `UsageError` for a scenario that does not exist, or a negative load."""
        for scenario in self.scenarios:
            if scenario not in SCENARIOS:
                raise unknown_scenario(scenario, SCENARIOS)
        if self.rate < 0 or self.duration < 0:
            raise UsageError("rate and duration must not be negative", expected="0 or more")


def unknown_scenario(name: str, existing: tuple[str, ...], remedy: str = "") -> UsageError:
    """The error for a scenario that is not one of `existing`."""
    similar = nearest(name, existing)
    return UsageError(
        f"there is no scenario '{name}'",
        "--scenario",
        f"one of {', '.join(existing)}",
        f"Did you mean '{similar}'?" if similar else remedy,
    )
