"""Changes that were asked for: they come to be read in their order, and no earlier value returns.

What reads show of a member must go along the values that were asked for, one after the other;
some may be skipped, none may come back. Lists may lag behind reads, and answers to changes may be
ahead of them: only reads of the thing itself are compared.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.exchange import Exchange, Json
from pgassay.expectation import same, show
from pgassay.monitors.judgement import Judgement, judge
from pgassay.monitors.sightings import Sighting, lists, sightings
from pgassay.monitors.stopwatch import Span, Stopwatch, ended
from pgassay.specification import Operation
from pgassay.target.model import Family
from pgassay.values.configuration import canonical
from pgassay.values.tags import as_set

JUDGES = (
    "CH-CDC-CHANGE-HOLDS",
    "CH-CFG-CHANGE-HOLDS",
    "CH-SVC-CHANGE-HOLDS",
    "DB-INST-CHANGE-HOLDS",
)

_HOLDS: Final = {
    "service": "CH-SVC-CHANGE-HOLDS",
    "scaling": "CH-CDC-CHANGE-HOLDS",
    "configuration": "CH-CFG-CHANGE-HOLDS",
    "instance": "DB-INST-CHANGE-HOLDS",
}
_MEMBERS: Final = {
    "service": ("name", "size", "haType", "tags", "isPrimary"),
    "scaling": ("replicaCpuMillicores", "replicaMemoryGb"),
    "configuration": ("pgConfig", "pgBouncerConfig"),
    "instance": (
        "name",
        "description",
        "cpu",
        "ram",
        "disk_size",
        "nodes_number",
        "sync_replica_number",
    ),
}
#: Reads of what has no identity of its own.
_PARTS: Final = {
    "clickPipeCdcScalingGet": "scaling",
    "postgresInstanceConfigGet": "configuration",
}
#: Changes whose body holds the values that reads come to show.
_CHANGES: Final = frozenset(
    {"postgresServicePatch", "clickPipeCdcScalingUpdate", "postgresInstanceConfigPost"}
)
#: States after which a change may have been given up.
_FAILED: Final = frozenset({"ERROR", "unavailable"})


@dataclass(slots=True)
class _Course:
    """The values of one member: those that reads may show from now on begin at `at`."""

    values: list[tuple[Json, Span | None]] = field(default_factory=list)
    at: int = 0
    last: Span | None = None

    def ask(self, value: Json, asked: Span) -> None:
        """Expect a value some time; before the first read nothing is expected."""
        if self.values:
            self.values.append((value, asked))

    def forget(self) -> None:
        """Begin anew: any value may be read next."""
        self.values, self.at = [], 0

    def follow(self, value: Json) -> int | None:
        """Go on to a value that was read; None where it is none of the expected ones."""
        for index in range(self.at, len(self.values)):
            if same(self.values[index][0], value):
                self.at = index
                return index
        return None

    def had(self, value: Json) -> bool:
        """Tell whether the value was overtaken by another that was asked for.

        Not while more was asked for: a server may show that in another form, without members that
        it does not know, and so as what was there before.
        """
        last = self.at == len(self.values) - 1
        return last and any(same(past, value) for past, _ in self.values[: self.at])


@dataclass(slots=True)
class _Known:
    """What is known of one thing: its members' courses, and when the last change was over."""

    courses: dict[str, _Course] = field(default_factory=dict)
    changed: float = 0.0
    read: float = 0.0


class ChangeMonitor:
    """Compare what reads show with the changes that were accepted, and measure how long they take.

    Changes that overlap have no order to be judged by.
    """

    def __init__(self, stopwatch: Stopwatch) -> None:
        """Give the times that changes took to `stopwatch`."""
        self._stopwatch = stopwatch
        self._things: dict[str, _Known] = {}

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None:
            return
        path = exchange.request.path.split("?")[0].rstrip("/")
        if exchange.request.method == "DELETE" and exchange.succeeded:
            self._things.pop(path, None)  # what is on its way out shows no changes any more
        elif exchange.request.method != "GET":
            if not exchange.rejected:
                self._change(path, exchange, operation)
        elif exchange.succeeded:
            for sighting in _read(path, exchange, operation):
                yield from self._see(sighting, exchange)

    def _change(self, path: str, exchange: Exchange, operation: Operation) -> None:
        asked = _asked(exchange, operation)
        if operation.id == "postgresServicePatchState":
            path = path.rpartition("/")[0]
        known = self._things.get(path)
        if known is None:
            return
        overlapping = exchange.sent_at < known.changed
        known.changed = max(known.changed, ended(exchange))
        for member, course in known.courses.items():
            if overlapping or asked is None:
                course.forget()
            elif member in asked:
                course.ask(_plain(member, asked[member]), Span.of(exchange))
            elif exchange.request.method == "PUT":
                course.forget()  # what is left out is kept, or as it is by default

    def _see(self, sighting: Sighting, exchange: Exchange) -> Iterator[Judgement]:
        known = self._things.setdefault(sighting.path, _Known())
        if exchange.sent_at < known.read:
            return  # overlapping reads have no order
        span = Span.of(exchange)
        known.read = span.ended
        for member in _MEMBERS[sighting.kind]:
            if member in sighting.members:
                course = known.courses.setdefault(member, _Course())
                if str(sighting.state) in _FAILED:
                    course.forget()
                value = _plain(member, sighting.members[member])
                yield self._judge(sighting, member, value, course, span)
                course.last = span

    def _judge(
        self, sighting: Sighting, member: str, value: Json, course: _Course, span: Span
    ) -> Judgement:
        before, index, returned = course.at, course.follow(value), course.had(value)
        expected = show(course.values[course.at][0]) if course.values else ""
        if index is None:
            course.forget()
            course.values.append((value, None))
        elif index > before and (asked := course.values[index][1]):
            name = f"{sighting.kind} {member} to be shown"
            self._stopwatch.take(sighting.family, name, asked, course.last, span)
        return judge(
            _HOLDS[sighting.kind],
            index is not None or not returned,
            f"an earlier {member} is shown again",
            f"{expected}, which was shown already, or what was asked for later",
            show(value),
        )


def _read(path: str, exchange: Exchange, operation: Operation) -> Iterator[Sighting]:
    kind = _PARTS.get(operation.id)
    if kind is not None:
        body = exchange.json()
        shown = body.get("result") if isinstance(body, dict) else None
        if isinstance(shown, dict):
            yield Sighting(Family.CLICKHOUSE, kind, path, None, shown)
        return
    for sighting in () if lists(operation) else sightings(exchange, operation):
        if sighting.path == path and sighting.kind in _MEMBERS:
            yield sighting


def _asked(exchange: Exchange, operation: Operation) -> Mapping[str, Json] | None:
    """The members that a change sets, or None where that cannot be told."""
    try:
        body = json.loads(exchange.request.body or b"{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    if operation.id == "postgresServicePatchState":
        return {"isPrimary": True} if body.get("command") == "promote" else {}
    whole = operation.id in _CHANGES or operation.family is Family.DBAAS
    return body if whole else None


def _plain(member: str, value: Json) -> Json:
    if member == "tags":
        return as_set(value)
    if member in _MEMBERS["configuration"] and isinstance(value, dict):
        return {name: canonical(part) for name, part in value.items()}
    return value
