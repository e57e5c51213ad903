"""What a user may choose about a load run."""

from dataclasses import dataclass
from typing import Final

from pgassay.errors import UsageError, nearest
from pgassay.target.model import Family

#: Every scenario in `load/`, in the order in which they run.
SCENARIOS: Final = ("crud_lifecycle", "scaling")


@dataclass(frozen=True, slots=True)
class Profile:
    """The defaults for one purpose: rate in arrivals per second by scenario, seconds of load."""

    rates: dict[str, float]
    duration: float


#: The smallest numbers with which `load/slo.toml` can be judged: see the percentiles' floors there.
_SMOKE: Final = Profile({"crud_lifecycle": 20.0, "scaling": 10.0}, 4.0)
_FULL: Final = Profile({"crud_lifecycle": 20.0, "scaling": 10.0}, 60.0)
PROFILES: Final = {"smoke": _SMOKE, "full": _FULL}


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Families and scenarios to run (empty: all), and the load to apply.

    `rate` (arrivals per second) and `duration` (seconds) override the profile's; 0 leaves them.
    `nonce` marks the names of what is created; empty draws a fresh one. `fail_fast` leaves out the
    scenarios after the first one that fails. The load comes from `workers` processes; with `listen`
    (HOST:PORT) they come there from elsewhere.
    """

    families: tuple[Family, ...] = ()
    scenarios: tuple[str, ...] = ()
    seed: int = 0
    rate: float = 0.0
    duration: float = 0.0
    profile: str = "smoke"
    nonce: str = ""
    fail_fast: bool = False
    workers: int = 1
    listen: str = ""

    def check(self) -> None:
        """Raise `UsageError` for a scenario or profile that does not exist, or a negative load."""
        for scenario in self.scenarios:
            _known("--scenario", scenario, SCENARIOS)
        _known("--profile", self.profile, tuple(PROFILES))
        if self.rate < 0 or self.duration < 0:
            raise UsageError("rate and duration must not be negative", expected="0 or more")


def _known(flag: str, name: str, existing: tuple[str, ...]) -> None:
    if name not in existing:
        similar = nearest(name, existing)
        raise UsageError(
            f"'{name}' does not exist",
            flag,
            f"one of {', '.join(existing)}",
            f"Did you mean '{similar}'?" if similar else "",
        )
