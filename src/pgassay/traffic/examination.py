"""Run load processes one after the other, and turn their records into results."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from pgassay.errors import ConfigurationError
from pgassay.results import LoadScenario
from pgassay.target.model import Target
from pgassay.traffic import judgement, neighbour, plan_file, slo
from pgassay.traffic.found import Found
from pgassay.traffic.generator import Generator, generator
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.slo import Objectives
from pgassay.traffic.watching import Watched
from pgassay.verdict import Verdict


class Examination:
    """The load half of one run."""

    def __init__(
        self,
        target: Target,
        options: LoadOptions,
        run_folder: Path,
        progress: Callable[[str], None],
        target_file: Path | None,
    ) -> None:
        """Check the options and read the objectives; nothing is sent."""
        options.check()
        self._target = target
        self._options = options
        self._folder = run_folder
        self._progress = progress
        #: What the monitors saw in all scenarios.
        self.watched = Watched()
        self._objectives = slo.read(options.slo or slo.shipped())
        self._planner = Planner(
            target, options, plan_file.read(options.plan), run_folder, target_file
        )

    def run(self) -> Found:
        """Run and judge every chosen scenario on every chosen family, until interrupted."""
        self._folder.mkdir(parents=True, exist_ok=True)
        scenarios: list[LoadScenario] = []
        options, plans = self._options, list(self.plans())
        with generator(self._target, options, self._folder, self._progress) as source:
            try:
                for planned in plans:
                    scenarios.append(self._examine(planned, source, first=not scenarios))
                    if scenarios[-1].interrupted:
                        break
                    if options.fail_fast and scenarios[-1].verdict is Verdict.FAIL:
                        break
            except KeyboardInterrupt:  # between two loads
                return Found(tuple(scenarios), interrupted=True)
        cut = any(scenario.interrupted for scenario in scenarios)
        return Found(tuple(scenarios), interrupted=cut)

    def plans(self) -> Iterator[LoadPlan]:
        """Yield the plans of the scenarios, in the order in which they run."""
        for load in self._planner.plans():
            yield replace(load, objectives=self._objectives.of(load.scenario, load.family))

    def _examine(self, load: LoadPlan, source: Generator, *, first: bool) -> LoadScenario:
        self._progress(
            f"{load.family} {load.scenario}: {load.rate:g} arrivals/s for {load.duration:g} s"
        )
        stem = self._folder / f"load-{load.family}-{load.scenario}"
        if any(self._target.credential(name, load.family) is None for name in load.tenants[1:]):
            return self._untestable(load)
        try:
            found = source.carry_out(load, stem)
        except ConfigurationError as error:
            if first:
                raise
            # Such as workers that do not come back: what was measured before must not be lost.
            found = LoadRecord(obstacle=str(error))
        self.watched.merge(found.watched)
        result = _completed(load, judgement.judge(load, found, self._objectives))
        self._progress(f"{load.family} {load.scenario}: {result.verdict} {result.note}".rstrip())
        return result

    def _untestable(self, load: LoadPlan) -> LoadScenario:
        """What is said of a scenario whose second tenant the target file does not hold."""
        lacking = ", ".join(f"[auth.{name}]" for name in load.tenants[1:])
        found = LoadRecord(obstacle=f"the target file has no second tenant: {lacking} is needed")
        result = judgement.judge(load, found, Objectives())
        self._progress(f"{load.family} {load.scenario}: {Verdict.NOT_TESTABLE} {result.note}")
        return replace(result, verdict=Verdict.NOT_TESTABLE)


def _completed(load: LoadPlan, result: LoadScenario) -> LoadScenario:
    """Add what only the plan knows: what was reduced, the model, what a quiet tenant felt."""
    if len(load.tenants) > 1:
        result = neighbour.judged(result)
    closed = load.model == "closed"
    hides = ("closed model: latencies count from the real send, which hides stalls",)
    notes = [result.note, *load.reduced, *(hides if closed else ())]
    return replace(
        result,
        note="; ".join(filter(None, notes)),
        model=load.model,
        users=load.users if closed else 0,
    )
