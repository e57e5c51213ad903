"""Service level objectives as values: what a load is judged by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Objective:
    """A limit in seconds for one percentile of one operation (or lifecycle figure)."""

    id: str
    scenario: str
    operation: str
    percentile: float
    limit: float
    minimum_samples: int = 0
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """The share (0 to 1) of a scenario's requests that may fail or stay without an answer."""

    id: str
    scenario: str
    share: float
    minimum_samples: int = 1
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objectives:
    """Everything that an SLO file demands."""

    objective: tuple[Objective, ...] = ()
    budget: tuple[Budget, ...] = ()

    def of(self, scenario: str, family: str) -> "Objectives":
        """Return those that apply to one scenario on one family."""

        def applies(clause: Objective | Budget) -> bool:
            return clause.scenario == scenario and family in (clause.families or (family,))

        return Objectives(
            tuple(filter(applies, self.objective)), tuple(filter(applies, self.budget))
        )
