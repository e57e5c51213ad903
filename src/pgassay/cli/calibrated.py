"""One calibration case as the load half runs and reports it, in the words of the server."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgassay import traffic
from pgassay.calibration.cases import CapacityCase, Case
from pgassay.calibration.reported import Finding, Operation, Reported
from pgassay.results import CapacityResult, LoadScenario
from pgassay.target.model import Family, Target, Timing
from pgassay.traffic import capacity
from pgassay.traffic import record as records
from pgassay.traffic.phase import Process
from pgassay.traffic.plan_file import CapacityPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import Outcome
from pgassay.traffic.samples_file import RawSample, read_samples

#: Which of the server's operations a request of the generator is.
_OPERATIONS: Final[Mapping[str, str]] = {
    "versions": "versions",
    "create": "create",
    "poll": "get",
    "read": "get",
    "list": "list",
    "update": "update",
    "scale": "update",
    "delete": "delete",
}
_LISTINGS: Final = "list_heavy"
#: The only phase that is judged.
_PHASE: Final = "steady"
_OBJECTIVE: Final = """[[objective]]
id = "listings-p95"
scenario = "{scenario}"
operation = "list"
percentile = 95
limit = {limit!r}
"""
#: The server is near and quick: what takes longer than this is lost. Seconds.
_TIMING: Final = Timing(create=3, scale=3, delete=3, poll=0.05, settle=0.5, request=10)


def examine(url: str, case: Case, folder: Path, seed: int) -> Reported:
    """Run the case against the server at `url`; the files of the run stay in `folder`."""
    load = _Load(url, case.scenario, seed, "poisson", case.mix, case.population)
    scenario = load.run(folder, case.rate, case.seconds)
    found = records.read(folder / f"load-dbaas-{case.scenario}.samples.json")
    if found is None or found.crash or found.obstacle:
        return Reported({}, trouble=scenario.note or "the load process left no record")
    return _reported(scenario, found, folder)


def search(
    url: str, case: CapacityCase, folder: Path, seed: int, progress: Callable[[str], None]
) -> CapacityResult:
    """Search for the capacity of the server at `url`; each trial has a folder in `folder`."""
    wanted = CapacityPlan(
        _LISTINGS,
        case.lowest,
        case.highest,
        case.seconds,
        confirmations=1,
        precision=case.allowed,
    )
    load = _Load(url, _LISTINGS, seed, "constant", {"list": 1.0}, 1, limit=case.limit)

    def trial(family: Family, rate: float, seconds: float, number: int) -> LoadScenario:
        return load.run(folder / f"trial-{number}", rate, seconds)

    return capacity.measure(wanted, Family.DBAAS, trial, progress)


@dataclass(frozen=True, slots=True)
class _Load:
    """A scenario on the calibration server, with a plan and objectives of its own.

    `limit` is that of the percentile 95 of listings, in seconds.
    """

    url: str
    scenario: str
    seed: int
    process: Process
    mix: Mapping[str, float]
    population: int
    limit: float = 10.0

    def run(self, folder: Path, rate: float, seconds: float) -> LoadScenario:
        """Apply `rate` arrivals a second for `seconds`; all files go to `folder`.

        Raises `KeyboardInterrupt` once it is interrupted: part of a case proves nothing.
        """
        target = Target("calibration", self.url, (Family.DBAAS,), timing=_TIMING)
        folder.mkdir(parents=True, exist_ok=True)
        plan, objectives = folder / "plan.toml", folder / "slo.toml"
        plan.write_text(self._plan(rate, seconds), encoding="utf-8")
        objectives.write_text(
            _OBJECTIVE.format(scenario=self.scenario, limit=self.limit), encoding="utf-8"
        )
        options = traffic.LoadOptions(
            scenarios=(self.scenario,), seed=self.seed, plan=str(plan), slo=objectives
        )
        found = traffic.examine(target, options, folder)
        if found.interrupted:
            raise KeyboardInterrupt
        (scenario,) = found.load
        return scenario

    def _plan(self, rate: float, seconds: float) -> str:
        lines = [
            f'process = "{self.process}"',
            f"[scenario.{self.scenario}]",
            f"rate = {rate!r}",
            *([f"population = {self.population}"] if self.population else []),
            f"[[scenario.{self.scenario}.phase]]",
            f'name = "{_PHASE}"',
            f"seconds = {seconds!r}",
        ]
        if self.mix:
            lines += [f"[scenario.{self.scenario}.mix]"]
            lines += [f"{story} = {weight!r}" for story, weight in self.mix.items()]
        return "\n".join((*lines, ""))


def _reported(scenario: LoadScenario, found: LoadRecord, folder: Path) -> Reported:
    requests = Counter[str]()
    for name, count in found.requests.items():
        requests[_OPERATIONS.get(name, name)] += count
    samples = [sample for path in found.samples for sample in read_samples(folder / path)]
    return Reported(
        {name: _operation(name, count, scenario, samples) for name, count in requests.items()},
        tuple(
            Finding(each.kind, " ".join((each.subject, each.text, *each.evidence)))
            for each in scenario.ledger
        ),
        tuple(
            (sample.lower, sample.upper)
            for each in found.lifecycle
            for sample in each.samples
            if each.name == "time_to_active" and sample.upper is not None
        ),
        scenario.generator["lag_p99"],
    )


def _operation(
    name: str, requests: int, scenario: LoadScenario, samples: Iterable[RawSample]
) -> Operation:
    """Put together what was reported of the generator's operations that are one of the server."""
    statuses, sent = Counter[str](), 0
    percentiles: dict[float, float | None] = {}
    for each in scenario.operations:
        if _OPERATIONS.get(each.name, each.name) == name:
            statuses.update(each.statuses)
            sent += each.sent
            percentiles = {item.q / 100: item.value for item in each.percentiles}
    good = (
        (sample.intended, sample.latency)
        for sample in samples
        if (_OPERATIONS.get(sample.operation), sample.phase) == (name, _PHASE)
        and sample.outcome is Outcome.SUCCEEDED
    )
    unanswered = sent - sum(statuses.values())
    trends = [each for each in scenario.trends if _OPERATIONS.get(each.operation) == name]
    return Operation(
        requests,
        sent,
        percentiles,
        tuple(sorted(good)),
        statuses,
        unanswered,
        trends[0].slope if trends else None,
        any(each.slowing for each in trends),
    )
