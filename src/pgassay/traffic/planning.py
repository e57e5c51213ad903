"""From a plan file, a target and the user's options to the plans of load processes."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pgassay._folders import folder
from pgassay.target.model import Family, Limits, Target
from pgassay.traffic import affordable
from pgassay.traffic.kind import KINDS, SCENARIOS
from pgassay.traffic.options import LoadOptions, unknown_scenario
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import MIXES, PhasePlan, PlanFile, ScenarioPlan


class Planner:
    """The plans of one run; each has its own nonce, so that none sees another's resources."""

    def __init__(
        self,
        target: Target,
        options: LoadOptions,
        plan_file: PlanFile,
        run_folder: Path,
        target_file: Path | None = None,
    ) -> None:
        """Check that the plan holds the chosen scenarios; raises `UsageError`."""
        for name in options.scenarios:
            if name not in plan_file.scenario:
                raise unknown_scenario(
                    name, tuple(plan_file.scenario), "`--plan standard` holds every scenario."
                )
        self._target = target
        self._options = options
        self._file = plan_file
        self._folder = run_folder
        self._target_file = str(target_file.resolve()) if target_file else ""
        self._nonce = options.nonce or secrets.token_hex(4)

    def plans(self) -> Iterator[LoadPlan]:
        """Yield the plans, family by family.

        What the target's limits allow in all is shared out evenly; a scenario that gets none of it
        is left out.
        """
        pairs = [
            (f"{self._nonce}{chr(ord('a') + number)}", family, name)
            for number, (family, name) in enumerate(self._pairs())
            if self._wanted(family, name)
        ]
        limits = self._target.limits
        if limits.total_resources:
            pairs = pairs[: limits.total_resources]
            limits = replace(limits, total_resources=limits.total_resources // max(len(pairs), 1))
        for nonce, family, name in pairs:
            yield self.plan(family, name, nonce, limits)

    def plan(self, family: Family, name: str, nonce: str, limits: Limits) -> LoadPlan:
        """The plan of one scenario on one family within `limits`; `nonce` marks its resources."""
        wanted, kind, timing = self._file.scenario[name], KINDS[name], self._target.timing
        # Each tenant keeps its own pace; together they keep the target's.
        pace = self._target.limits.requests_per_second / len(kind.tenants)
        limits = replace(limits, requests_per_second=pace)
        possible = affordable.scenario(
            kind,
            self._phases(name),
            wanted.population or kind.population,
            wanted.background,
            limits,
        )
        stem = self._folder.resolve() / f"load-{family}-{name}"
        drain = timing.create + timing.scale + timing.request
        return LoadPlan(
            family=family,
            scenario=name,
            program=str(folder("load") / f"{name}.py"),
            rate=_mean_rate(possible.phases),
            duration=sum(phase.seconds for phase in possible.phases),
            drain=drain if self._file.drain is None else self._file.drain,
            max_in_flight=possible.max_in_flight,
            pool=possible.population,
            seed=self._options.seed,
            run=self._nonce,
            nonce=nonce,
            target=replace(
                self._target,
                credentials={},
                limits=replace(self._target.limits, requests_per_second=pace),
            ),
            journal=f"{stem}.jsonl",
            output=f"{stem}.samples.json",
            target_file=self._target_file,
            supervised=True,
            phases=possible.phases,
            # Only the open model knows arrivals of two kinds.
            model=(wanted.model or self._file.model) if len(kind.tenants) == 1 else "open",
            users=wanted.users,
            think=wanted.think,
            mix=wanted.mix or MIXES.get(name, {}),
            population=possible.population,
            sizes=self._sizes(wanted),
            background=possible.background,
            tenants=kind.tenants,
            reduced=possible.reduced,
            web=self._options.web,
        )

    def _pairs(self) -> Iterator[tuple[Family, str]]:
        families = self._options.families or self._file.families or self._target.families
        for family in families:
            if family in self._target.families:
                yield from ((family, name) for name in SCENARIOS)

    def _wanted(self, family: Family, name: str) -> bool:
        wanted = self._file.scenario.get(name)
        if wanted is None or family not in (wanted.families or (family,)):
            return False
        return name in self._options.scenarios if self._options.scenarios else not wanted.on_request

    def _phases(self, name: str) -> tuple[Phase, ...]:
        """The phases at the scenario's rate, as the options change them."""
        rate = self._options.rate or self._file.scenario[name].rate
        phases = tuple(_phase(one, rate, self._file) for one in self._file.phases_of(name))
        if self._options.duration:
            whole = sum(phase.seconds for phase in phases)
            phases = affordable.longer(phases, self._options.duration / whole)
        return phases

    def _sizes(self, wanted: ScenarioPlan) -> tuple[str, ...]:
        """The plan's sizes that the target file allows; all of these where the plan names none."""
        allowed = self._target.clickhouse.sizes
        return tuple(size for size in allowed if size in wanted.sizes) or allowed


def _phase(planned: PhasePlan, rate: float, plan_file: PlanFile) -> Phase:
    until = planned.level if planned.until is None else planned.until
    return Phase(
        planned.name,
        planned.seconds,
        planned.process or plan_file.process,
        rate * planned.level,
        rate * until,
        planned.measured,
    )


def _mean_rate(phases: Sequence[Phase]) -> float:
    """Arrivals per second of the measured phases."""
    measured = [phase for phase in phases if phase.measured]
    return sum(phase.arrivals for phase in measured) / sum(phase.seconds for phase in measured)
