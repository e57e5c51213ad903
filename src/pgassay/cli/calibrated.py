"""One calibration case as the load half runs and reports it, in the words of the server."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pgassay import traffic
from pgassay.calibration.cases import Case
from pgassay.calibration.reported import Finding, Operation, Reported
from pgassay.results import LoadScenario
from pgassay.target.model import Family, Target, Timing
from pgassay.traffic import record as records
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
#: The server is near and quick: what takes longer than this is lost. Seconds.
_TIMING: Final = Timing(create=10, scale=10, delete=5, poll=0.05, settle=0.5, request=10)


def examine(url: str, case: Case, folder: Path, seed: int) -> Reported:
    """Run the case against the server at `url`; the files of the run stay in `folder`."""
    target = Target("calibration", url, (Family.DBAAS,), timing=_TIMING)
    options = traffic.LoadOptions(
        scenarios=(case.scenario,), seed=seed, rate=case.rate, duration=case.seconds
    )
    (scenario,) = traffic.examine(target, options, folder)
    found = records.read(folder / f"load-dbaas-{case.scenario}.samples.json")
    if found is None or found.crash or found.obstacle:
        return Reported({}, trouble=scenario.note or "the load process left no record")
    return _reported(scenario, found, folder)


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
        if _OPERATIONS.get(sample.operation) == name and sample.outcome is Outcome.SUCCEEDED
    )
    unanswered = sent - sum(statuses.values())
    return Operation(requests, sent, percentiles, tuple(sorted(good)), statuses, unanswered)
