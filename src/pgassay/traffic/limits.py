"""What a target can bear: the searches of a plan, each run through load processes like any other.

A trial of the search for the capacity is a load of its own, with its own nonce, journal and log in
the run's folder. The growth is one load without arrivals.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pgassay._folders import folder
from pgassay.errors import ConfigurationError
from pgassay.results import CapacityResult, GrowthResult, LoadScenario
from pgassay.target.model import Family, Limits, Target
from pgassay.traffic import affordable, capacity, growth, judgement, slo, visits
from pgassay.traffic.found import Found
from pgassay.traffic.generator import Generator, OneProcess, generator
from pgassay.traffic.kind import KINDS
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import CapacityPlan, PhasePlan, PlanFile
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.search import Over
from pgassay.traffic.slo import Objectives
from pgassay.traffic.watching import Watched
from pgassay.verdict import Verdict

#: Seconds that one resource may take to be created and deleted, and one sample of all operations:
#: far more than they should, for the end of a load that hangs.
_SECONDS_PER_RESOURCE: Final = 0.1
_SECONDS_PER_SAMPLE: Final = 3.0


class Searches:
    """The searches of one plan, on every chosen family."""

    def __init__(
        self,
        target: Target,
        plan: PlanFile,
        options: LoadOptions,
        run_folder: Path,
        progress: Callable[[str], None],
        target_file: Path | None,
    ) -> None:
        """Read the objectives; nothing is sent. Raises `ConfigurationError`."""
        self._target = target
        self._options = options
        self._folder = run_folder
        self._progress = progress
        self._target_file = target_file
        self._plan = plan
        #: What the monitors saw in all trials.
        self.watched = Watched()
        self._nonce = options.nonce or secrets.token_hex(4)
        source = options.slo or slo.shipped()
        self._objectives = slo.read(source)
        if self._plan.capacity is not None:
            _check_objectives(self._plan.capacity, self._objectives, source)

    def run(self) -> Found:
        """Carry out what the plan searches for, family by family, until interrupted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        parts: list[Found] = []
        try:
            for part in self._parts():
                parts.append(part)
                if part.interrupted:
                    break
        except KeyboardInterrupt:  # between two loads
            parts.append(Found(interrupted=True))
        return Found.joined(parts)

    def _parts(self) -> Iterator[Found]:
        plan = self._plan
        for family in self._families():
            if plan.capacity is not None:
                yield self._search(plan.capacity, family)
            if plan.growth is not None:
                growths, load = self._grow(family)
                yield Found((load,), growth=growths, interrupted=load.interrupted)

    def _search(self, plan: CapacityPlan, family: Family) -> Found:
        with generator(self._target, self._options, self._folder, self._progress) as source:
            trials = _Trials(self, plan, family, source)
            found = trials.run()
        return Found(tuple(trials.remarkable), tuple(trials.others), (found,), (), trials.cut)

    def _families(self) -> Iterator[Family]:
        wanted = self._options.families or self._plan.families or self._target.families
        return (family for family in wanted if family in self._target.families)

    def trial(
        self, family: Family, rate: float, seconds: float, number: int, source: Generator
    ) -> LoadScenario:
        """Run the capacity plan's scenario once; raises `capacity.Refused`."""
        search = self._plan.capacity
        assert search is not None  # noqa: S101  # only a capacity plan has trials
        nonce = f"{self._nonce}{_mark(number)}"
        planner = Planner(
            self._target,
            replace(
                self._options,
                # They choose among the loads; the search has its own scenario and rates.
                scenarios=(),
                rate=0.0,
                duration=0.0,
                seed=self._options.seed + number,
            ),
            _trial_plan(self._plan, search, rate, seconds),
            self._folder,
            self._target_file,
        )
        load = planner.plan(family, search.scenario, nonce, self._target.limits)
        if load.reduced:
            raise capacity.Refused("; ".join(load.reduced))
        stem = self._folder.resolve() / f"load-{family}-capacity-{number:02d}"
        objectives = _chosen(self._objectives.of(search.scenario, family), search.objectives)
        load = replace(
            load,
            run=self._nonce,
            journal=f"{stem}.jsonl",
            output=f"{stem}.samples.json",
            objectives=objectives,
        )
        record = source.carry_out(load, stem)
        self.watched.merge(record.watched)
        return judgement.judge(load, record, objectives)

    @property
    def limits(self) -> Limits:
        """What the target's owner allows."""
        return self._target.limits

    @property
    def progress(self) -> Callable[[str], None]:
        """Whoever is told what happens."""
        return self._progress

    def _grow(self, family: Family) -> tuple[tuple[GrowthResult, ...], LoadScenario]:
        wanted = self._plan.growth
        assert wanted is not None  # noqa: S101  # the caller has looked
        plan, note = affordable.growth(wanted, self._target.limits)
        load = self._growth_load(family, plan.sizes, plan.samples)
        self._progress(f"{family} growth: {', '.join(map(str, plan.sizes))} resources")
        stem = self._folder / f"load-{family}-growth"
        record = OneProcess(self._target, self._progress).carry_out(load, stem)
        result = judgement.judge(load, record, Objectives())
        cut = record.crash or record.obstacle or ("interrupted" if record.interrupted else "")
        if cut:
            note = "; ".join(filter(None, (note, cut.strip().splitlines()[-1])))
        measured = visits.read(visits.place(load))
        found = growth.results(family, measured, plan.laws, note)
        for one in found:
            self._progress(
                f"{family} growth of {one.operation}: {one.law or 'no law'}, {one.verdict}"
            )
        return found, _without_objectives(result, record)

    def _growth_load(self, family: Family, sizes: tuple[int, ...], samples: int) -> LoadPlan:
        stem = self._folder.resolve() / f"load-{family}-growth"
        visited = samples * 2 * len(sizes)
        return LoadPlan(
            family=family,
            scenario="growth",
            program=str(folder("load") / "growth.py"),
            rate=0.0,
            duration=0.0,
            drain=max(sizes, default=0) * _SECONDS_PER_RESOURCE + visited * _SECONDS_PER_SAMPLE,
            max_in_flight=visits.TOGETHER,
            pool=0,
            seed=self._options.seed,
            run=self._nonce,
            nonce=f"{self._nonce}g",
            target=replace(self._target, credentials={}),
            journal=f"{stem}.jsonl",
            output=f"{stem}.samples.json",
            target_file=str(self._target_file.resolve()) if self._target_file else "",
            supervised=True,
            existing=sizes,
            samples=samples,
        )


class _Trials:
    """The search for the capacity of one family, and what is remarkable about its trials."""

    def __init__(
        self, searches: Searches, plan: CapacityPlan, family: Family, source: Generator
    ) -> None:
        self._searches = searches
        self._plan, self._note = affordable.capacity(plan, KINDS[plan.scenario], searches.limits)
        self._family = family
        self._source = source
        self._created = 0
        self._loads: list[LoadScenario] = []
        #: Whether the search was interrupted.
        self.cut = False

    def run(self) -> CapacityResult:
        """Search, and say what the target's limits changed."""
        found = capacity.measure(self._plan, self._family, self._trial, self._searches.progress)
        note = "; ".join(filter(None, (found.note, self._note)))
        self._searches.progress(f"{self._family} capacity: {found.verdict} {note}".rstrip())
        return replace(found, note=note)

    @property
    def remarkable(self) -> list[LoadScenario]:
        """The last load, which held what was found, and every one that broke or found something."""
        return [load for load in self._loads if self._remarkable(load)]

    @property
    def others(self) -> list[LoadScenario]:
        """All other loads, of which the search tells what there is to tell."""
        return [load for load in self._loads if not self._remarkable(load)]

    def _remarkable(self, load: LoadScenario) -> bool:
        last = load is self._loads[-1]
        return last or bool(load.ledger or load.left) or load.verdict is Verdict.ERROR

    def _trial(self, family: Family, rate: float, seconds: float, number: int) -> LoadScenario:
        most = self._searches.limits.total_resources
        if most and KINDS[self._plan.scenario].creates and self._created + rate * seconds > most:
            raise capacity.Refused(f"the target allows {most} resources in all")
        try:
            load = self._searches.trial(family, rate, seconds, number, self._source)
        except KeyboardInterrupt:  # before it began, or once it was over
            self.cut = True
            raise Over("interrupted") from None
        except ConfigurationError as error:
            if not self._loads:
                raise
            # Such as workers that do not come back: what was found before must not be lost.
            raise Over(str(error)) from None
        self._created += load.created
        self._loads.append(load)
        if load.interrupted:
            self.cut = True
            raise Over("interrupted")
        return load


def _trial_plan(plan: PlanFile, search: CapacityPlan, rate: float, seconds: float) -> PlanFile:
    """The plan of one trial: its scenario at a constant rate, the warm-up not judged."""
    phases = [PhasePlan("trial", seconds - search.warm_up)]
    if search.warm_up:
        phases.insert(0, PhasePlan("warm-up", search.warm_up, measured=False))
    scenario = replace(plan.scenario[search.scenario], rate=rate, phase=tuple(phases))
    return replace(plan, scenario={search.scenario: scenario})


def _chosen(objectives: Objectives, names: tuple[str, ...]) -> Objectives:
    """The objectives of these names; all where there are none."""
    return Objectives(
        tuple(item for item in objectives.objective if item.id in (names or (item.id,))),
        tuple(item for item in objectives.budget if item.id in (names or (item.id,))),
    )


def _check_objectives(search: CapacityPlan, objectives: Objectives, source: Path) -> None:
    known = {item.id for item in objectives.objective if item.scenario == search.scenario}
    known |= {item.id for item in objectives.budget if item.scenario == search.scenario}
    for name in search.objectives:
        if name not in known:
            raise ConfigurationError(
                f"{source.name} has no objective '{name}' for {search.scenario}",
                "capacity.objectives",
                f"one of {', '.join(sorted(known))}",
            )


def _without_objectives(load: LoadScenario, record: LoadRecord) -> LoadScenario:
    """The verdict of a load that has neither arrivals nor objectives: was it carried out whole?"""
    if record.crash or record.findings:
        return load
    cut = record.obstacle or ("interrupted" if record.interrupted else "")
    verdict = Verdict.INCONCLUSIVE if cut else Verdict.PASS
    left = f"{len(record.left)} resources could not be removed" if record.left else ""
    # It has no arrivals; its requests are what was asked, and proves what it proves.
    requests = sum(record.requests.values())
    note = "; ".join(filter(None, (cut, f"{requests:,} requests, no arrivals", left)))
    return replace(load, verdict=verdict, note=note, saturated="", offered=requests, sent=requests)


def _mark(number: int) -> str:
    """A trial's part of a nonce, such as t007: never the beginning of another one's."""
    return f"t{number:03d}"
