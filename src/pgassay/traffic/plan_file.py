"""Plan files: what a load run applies, as TOML that fits `spec/schema/plan.schema.json`.

A plan is named by its path, or by the name of one in `load/plans/`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from pgassay import document
from pgassay._folders import folder
from pgassay.errors import ConfigurationError, UsageError, nearest
from pgassay.target.model import Family
from pgassay.traffic.phase import Process
from pgassay.traffic.plan import Model

#: How the cost of an operation grows with the number of existing resources, n.
Law: TypeAlias = Literal["constant", "log n", "n", "n log n", "n squared"]

#: The stories of the scenarios that have several, and their usual weights.
MIXES: Final[Mapping[str, Mapping[str, float]]] = {
    "read_mostly": {"read": 90.0, "list": 8.0, "update": 2.0},
    "list_heavy": {"list": 90.0, "read": 10.0},
    "config_and_password": {"configuration": 70.0, "password": 30.0},
}

_UNREADABLE: Final = document.Unreadable("load plan", "Copy one of load/plans/ to start from.")


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """A phase of `seconds` in which the rate goes from `level` to `until` times the scenario's.

    Without `until` the rate stays. `process` is the plan's when absent. What is not `measured` is
    recorded and not judged.
    """

    name: str
    seconds: float
    level: float = 1.0
    until: float | None = None
    process: Process | None = None
    measured: bool = True


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """What a plan says about one scenario; `rate` is in arrivals per second.

    `phase` replaces the plan's phases. `population` is the number of resources that exist while
    load is applied; 0 leaves the scenario's own. `users` and `think` (seconds) belong to the closed
    model. `background` is the rate of the quiet tenant. One `on_request` runs only when it is named
    with `--scenario`.
    """

    rate: float
    phase: tuple[PhasePlan, ...] = ()
    population: int = 0
    mix: Mapping[str, float] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    model: Model | None = None
    users: int = 10
    think: float = 0.0
    background: float = 0.0
    families: tuple[Family, ...] = ()
    on_request: bool = False


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """The search for the highest rate that keeps the objectives, by one scenario.

    `objectives` are ids of the SLO file; empty means all that apply to the scenario. Rates between
    `lowest` and `highest` (arrivals per second) are tried for `seconds` each, the first `warm_up`
    of which are not judged. The rate found must be kept `confirmations` times more, and then for
    `hold` seconds. The search ends once the bracket is narrower than `precision`, as a share of it.
    """

    scenario: str
    lowest: float
    highest: float
    seconds: float
    objectives: tuple[str, ...] = ()
    warm_up: float = 0.0
    confirmations: int = 2
    hold: float = 0.0
    precision: float = 0.05


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The measurement of how operations slow down as resources get more.

    At each of `sizes` (existing resources), `samples` of each operation in `laws` are taken, one
    after the other; the law there is the steepest that is allowed.
    """

    sizes: tuple[int, ...]
    samples: int
    laws: Mapping[str, Law]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it was read; `path` is where it stands.

    `drain` is the longest wait for what is in flight after the last arrival, in seconds; None means
    what the target's timing makes of it. `seed` and `families` are those of the command when
    absent.
    """

    name: str
    path: str
    description: str = ""
    seed: int | None = None
    families: tuple[Family, ...] = ()
    model: Model = "open"
    process: Process = "poisson"
    drain: float | None = None
    phase: tuple[PhasePlan, ...] = ()
    scenario: Mapping[str, ScenarioPlan] = field(default_factory=dict)
    capacity: CapacityPlan | None = None
    growth: GrowthPlan | None = None

    def phases_of(self, scenario: str) -> tuple[PhasePlan, ...]:
        """The scenario's own phases, or those of the plan."""
        return self.scenario[scenario].phase or self.phase


def read(place: str) -> PlanFile:
    """Read the plan at the path `place`, or the shipped one of that name.

    Raises:
        UsageError: there is neither; the message names the most similar shipped plan.
        ConfigurationError: the plan cannot be used; the message names file, key and what was
            expected.
    """
    path = _path(place)
    schema = folder("spec") / "schema" / "plan.schema.json"
    table = document.load(path, schema, _UNREADABLE)
    plan = msgspec.convert({"name": path.stem, **table, "path": str(path)}, PlanFile)
    _check_phases(plan, path)
    _check_mixes(plan, path)
    _check_searches(plan, path)
    return plan


def shipped() -> tuple[str, ...]:
    """The names of the plans in `load/plans/`."""
    return tuple(sorted(path.stem for path in (folder("load") / "plans").glob("*.toml")))


def _path(place: str) -> Path:
    if place in shipped():
        return folder("load") / "plans" / f"{place}.toml"
    path = Path(place)
    if path.suffix != ".toml" and not path.exists():
        similar = nearest(place, shipped())
        raise UsageError(
            f"there is no plan '{place}'",
            "--plan",
            f"a TOML file, or one of {', '.join(shipped())}",
            f"Did you mean '{similar}'?" if similar else "",
        )
    return path


def _check_phases(plan: PlanFile, path: Path) -> None:
    for name in plan.scenario:
        phases = plan.phases_of(name)
        if not phases:
            raise ConfigurationError(
                "the scenario has no phases",
                document.place(path, f"scenario.{name}"),
                "[[phase]] of the plan, or phases of the scenario's own",
            )
        if not any(phase.measured for phase in phases):
            raise ConfigurationError(
                "no phase is measured",
                document.place(path, f"scenario.{name}"),
                "at least one phase without `measured = false`",
            )


def _check_mixes(plan: PlanFile, path: Path) -> None:
    for name, scenario in plan.scenario.items():
        known = MIXES.get(name, {})
        for story in scenario.mix:
            if story not in known:
                key = f"scenario.{name}.mix"
                raise _unknown(f"there is no story '{story}'", story, known, path, key)
        if scenario.mix and not any(scenario.mix.values()):
            raise ConfigurationError(
                "all weights are zero",
                document.place(path, f"scenario.{name}.mix"),
                "one above zero",
            )


def _check_searches(plan: PlanFile, path: Path) -> None:
    search, growth = plan.capacity, plan.growth
    if search and search.scenario not in plan.scenario:
        what = f"the plan has no table [scenario.{search.scenario}]"
        raise _unknown(what, search.scenario, plan.scenario, path, "capacity.scenario")
    if search and search.lowest >= search.highest:
        where = document.place(path, "capacity.lowest")
        raise ConfigurationError(
            f"{search.lowest:g} is not below the highest rate, {search.highest:g}", where
        )
    if search and search.warm_up >= search.seconds:
        where = document.place(path, "capacity.warm_up")
        raise ConfigurationError("the warm-up leaves nothing of a trial's seconds", where)
    if growth and list(growth.sizes) != sorted(set(growth.sizes)):
        where = document.place(path, "growth.sizes")
        raise ConfigurationError("the sizes do not grow", where, "each above the one before")


def _unknown(
    what: str, name: str, known: Iterable[str], path: Path, key: str
) -> ConfigurationError:
    names = sorted(known)
    similar = nearest(name, names)
    return ConfigurationError(
        what,
        document.place(path, key),
        f"one of {', '.join(names)}" if names else "none: this scenario has a single story",
        f"Did you mean '{similar}'?" if similar else "",
    )
