"""What is known of a worker that left no record: what its journal and its samples prove.

Changes are journalled before and after they are sent, and samples are written once a second, so
that both survive the death of their writer, but for its last second.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pgassay import journal
from pgassay.errors import UsageError
from pgassay.exchange import Json
from pgassay.resource import ResourceRecord
from pgassay.traffic.births import Birth
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord, add_counts
from pgassay.traffic.samples_file import RawSample, read_samples
from pgassay.traffic.session import sample_file

#: The kinds of resources whose identifiers all workers draw from one pool.
_ALONE: Final = frozenset({"service", "instance"})


@dataclass(slots=True)
class _Journalled:
    """Requests by operation, and the resources by path that were created and seen to go."""

    requests: Counter[str] = field(default_factory=Counter)
    created: dict[str, ResourceRecord] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    births: list[Birth] = field(default_factory=list)

    @property
    def left(self) -> tuple[ResourceRecord, ...]:
        return tuple(each for path, each in self.created.items() if path not in self.removed)


def of_lost(share: LoadPlan, sentence: str) -> LoadRecord:
    """Return the record of a lost worker as far as its files tell; `sentence` says how it was lost.

    What it created and was not seen to remove is `left`. How many arrivals it offered is not known,
    and stays 0.
    """
    known, operations = _journalled(share), _measured(share)
    requests = {record.name: record.sent for record in operations}
    left = known.left
    path = sample_file(share)
    return LoadRecord(
        operations=operations,
        # The greater of both: reads are not journalled, and the last samples were not written.
        requests=dict(known.requests | Counter(requests)),
        created=len(known.created),
        removed=len(known.created) - len(left),
        left=left,
        lost=(_told(sentence, share, len(left)),),
        samples=(path.name,) if path is not None and path.exists() else (),
        births=tuple(known.births),
    )


def _journalled(share: LoadPlan) -> _Journalled:
    known = _Journalled()
    before: Mapping[str, Json] = {}
    for entry in _entries(Path(share.journal)):
        match entry.get("kind"):
            case "intent":
                known.requests[str(entry["check"]).rpartition("/")[2]] += 1
            case "created":
                known.created[str(entry["path"])] = _created(entry)
                known.births += _births(share.worker, entry, before)
            case "removed":
                known.removed.add(str(entry["path"]))
            case "exchange" if entry["method"] == "DELETE" and _gone(int(entry["status"])):
                known.removed.add(str(entry["path"]))
        before = entry
    return known


def _births(
    worker: int, created: Mapping[str, Json], before: Mapping[str, Json]
) -> Iterator[Birth]:
    """The birth of what was `created`, whose exchange the journal has just `before`."""
    if created["resource"] in _ALONE and before.get("kind") == "exchange":
        identifier, name, tenant = (str(created[member]) for member in ("id", "name", "credential"))
        sequence, sent_at = int(before["sequence"]), float(before["sent_at"])
        yield Birth(worker, sequence, identifier, name, sent_at, tenant)


def _created(entry: Mapping[str, Json]) -> ResourceRecord:
    family, kind, identifier, name, path = (
        str(entry[member]) for member in ("family", "resource", "id", "name", "path")
    )
    reason = "the worker that created it was lost"
    return ResourceRecord(family, kind, identifier, name, path, reason)


def _entries(path: Path) -> Iterator[Mapping[str, Json]]:
    try:
        yield from journal.read(path)
    except UsageError:
        return


def _gone(status: int) -> bool:
    return 200 <= status < 300 or status in {404, 410}


def _measured(share: LoadPlan) -> list[OperationRecord]:
    path = sample_file(share)
    judged = {phase.name for phase in share.timetable if phase.measured}
    records: dict[str, OperationRecord] = {}
    try:
        for sample in read_samples(path) if path is not None else ():
            record = records.setdefault(sample.operation, OperationRecord(sample.operation))
            _enter(record, sample, judged=sample.phase in judged)
    except (OSError, UsageError):
        pass  # A file that is not there, or not whole, proves what was read of it.
    return list(records.values())


def _enter(record: OperationRecord, sample: RawSample, *, judged: bool) -> None:
    outcome = sample.outcome
    record.offered += 1
    record.sent += 1
    record.bytes_sent += sample.sent_bytes
    record.bytes_received += sample.received_bytes
    add_counts(record.statuses, {str(sample.status): 1} if sample.status else {})
    add_counts(record.errors, {sample.error: 1} if sample.error else {})
    if judged:
        complete = outcome is not Outcome.UNFINISHED
        record.add(outcome, sample.latency, sample.lag, complete=complete)
    else:
        record.unjudged[outcome] = record.unjudged.get(outcome, 0) + 1


def _told(sentence: str, share: LoadPlan, left: int) -> str:
    if not Path(share.journal).exists():
        return f"{sentence}; its journal {Path(share.journal).name} stayed with it"
    return f"{sentence}; {left} resources that it created are left for `pgassay sweep`"
