"""End a load early once an objective is lost for sure: what still comes could not save it.

One worker alone sees that for itself. Of several, each says once a second how it stands, and the
master decides. A standing may be old: what it counts has happened, and what its outlook lets come
is at least what came since. So standings of different moments prove a loss as surely.
"""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from pgassay.traffic import outlook, record
from pgassay.traffic.figures import windows
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.objectives import Objectives
from pgassay.traffic.outlook import Outlook
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import FigureRecord, OperationRecord, Outcome
from pgassay.traffic.verdicts import LAG_FLOOR, lost

#: Lags below this are told as none; it lies well below what makes a generator late.
_LAG: Final = LAG_FLOOR / 2


class Standing(msgspec.Struct, frozen=True):
    """How one worker stands: a part of its record, encoded, and what may still come of its share.

    The part holds all counts that a decision needs, and values only where they break a limit.
    """

    record: bytes
    outlook: Outlook


class EarlyEnd:
    """The objectives of one worker's plan, looked at while it is carried out."""

    def __init__(self, load: LoadPlan) -> None:
        """How many arrivals the closed model has depends on the answers: it is never sure."""
        self._load = load
        self._sure = load.model == "open" and load.objectives != Objectives()
        #: When the last phase ends that is judged, in seconds of load.
        self._judged = max((each.until for each in windows(load) if each.judged), default=0.0)
        #: How this worker stands, for the master of several; None before the first look.
        self.standing: Standing | None = None

    def __call__(self, found: LoadRecord, arrivals: int, elapsed: float) -> str:
        """Name what is lost, with `arrivals` that have not ended yet; empty where nothing is.

        `elapsed` are seconds of load.
        """
        if not self._sure:
            return ""
        coming = outlook.outlook(self._load, arrivals, self._judged - elapsed)
        objectives = self._load.objectives
        if self._load.workers == 1:
            return _lost(objectives, found, coming)
        self.standing = Standing(record.encode(_part(found, objectives)), coming)
        return ""


class Standings:
    """How all workers of one load stand, as the master hears of it."""

    def __init__(self, objectives: Objectives, workers: int) -> None:
        """Nothing is lost before each of the `workers` was heard."""
        self._objectives = objectives
        self._workers = workers
        self._latest: dict[str, tuple[LoadRecord, Outlook]] = {}
        self._fresh = False

    def hear(self, client: str, standing: Standing) -> None:
        """Take note of how a worker stands; what cannot be read is passed over."""
        try:
            found = record.decode(standing.record)
        except msgspec.DecodeError:
            return
        self._latest[client] = found, standing.outlook
        self._fresh = True

    def lost(self) -> str:
        """Name what is lost; empty where nothing is, and where nothing new was heard."""
        if not self._fresh or len(self._latest) < self._workers:
            return ""
        self._fresh = False
        records, outlooks = zip(*self._latest.values(), strict=True)
        return _lost(self._objectives, LoadRecord.merge(records), outlook.together(outlooks))


def _lost(objectives: Objectives, found: LoadRecord, coming: Outlook) -> str:
    result = lost(objectives, found, coming)
    return f"{result.id}: {result.note}" if result else ""


def _part(found: LoadRecord, objectives: Objectives) -> LoadRecord:
    """What a decision about `objectives` needs of a record."""
    limits: dict[str, float] = {}
    for objective in objectives.objective:
        name = objective.operation
        limits[name] = min(limits.get(name, math.inf), objective.limit)
    return LoadRecord(
        dropped=found.dropped,
        operations=[_operation(item, limits) for item in found.operations],
        lifecycle=[
            FigureRecord(item.name, lowers=item.lowers.tail(limits[item.name]))
            for item in found.lifecycle
            if item.name in limits
        ],
        lags=found.lags.tail(_LAG),
        cpu=found.cpu,
    )


def _operation(found: OperationRecord, limits: Mapping[str, float]) -> OperationRecord:
    limit = limits.get(found.name, math.inf)

    def tail(outcome: Outcome, histogram: Histogram) -> Histogram:
        return histogram.tail(limit if outcome is Outcome.SUCCEEDED else math.inf)

    return OperationRecord(
        found.name,
        latencies={outcome: tail(outcome, each) for outcome, each in found.latencies.items()},
        waited=found.waited.tail(limit),
        errors=dict(found.errors),
    )
