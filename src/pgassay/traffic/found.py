"""What the load half of a run found out."""

from collections.abc import Iterable
from dataclasses import dataclass

from pgassay.results import CapacityResult, GrowthResult, LoadScenario


@dataclass(frozen=True, slots=True)
class Found:
    """Scenarios and searches that were carried out; `load` is what is worth a report of its own.

    `trials` are the other loads of a search: they count in what was sent, created and removed.
    `interrupted` tells that the rest of what was planned was not begun.
    """

    load: tuple[LoadScenario, ...] = ()
    trials: tuple[LoadScenario, ...] = ()
    capacity: tuple[CapacityResult, ...] = ()
    growth: tuple[GrowthResult, ...] = ()
    interrupted: bool = False

    @classmethod
    def joined(cls, parts: Iterable["Found"]) -> "Found":
        """All parts of one run as one."""
        whole = cls()
        for part in parts:
            whole = cls(
                whole.load + part.load,
                whole.trials + part.trials,
                whole.capacity + part.capacity,
                whole.growth + part.growth,
                whole.interrupted or part.interrupted,
            )
        return whole
