"""One change in the evidence of a check: which answer, what about it, and what it is then."""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, zip_longest
from typing import Final, TypeAlias

from pgassay.exchange import Json
from pgassay.falsification.record import Recorded

#: Headers that follow from the others, or that no document speaks of.
_IGNORED: Final = frozenset({"content-length", "content-encoding", "date", "server", "connection"})
#: A path inside a body.
Place: TypeAlias = tuple[str | int, ...]


class Kind(StrEnum):
    """What can be changed about an answer."""

    OTHER_SUCCESS = "another 2xx"
    SUCCESS = "200 for a refusal"
    OTHER_REFUSAL = "another 4xx"
    REFUSAL = "404 for a success"
    CRASH = "500"
    REMOVED = "member removed"
    NULL = "member null"
    TYPE = "member of another type"
    VALUE = "another value"
    NEGATIVE = "number made negative"
    ADDED = "member added"
    ITEM_REMOVED = "item removed"
    ITEM_REPEATED = "item repeated"
    REVERSED = "items in reverse order"
    LINE_REMOVED = "line removed"
    LINE_NUMBER = "number of a line changed"
    EMPTY = "empty body"
    STALE = "the answer before it"
    HEADER = "header removed"
    SLOW = "an hour later"
    LOST = "no answer"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the answer that was recorded under `sequence`; `place` is empty for the whole."""

    sequence: int
    kind: Kind
    place: Place = ()

    @property
    def where(self) -> str:
        """The place for people: a header's name, a JSON Pointer, a line."""
        if self.kind is Kind.HEADER:
            return str(self.place[0])
        if self.kind in {Kind.LINE_REMOVED, Kind.LINE_NUMBER}:
            return f"line {self.place[0]}"
        return "".join(f"/{part}" for part in self.place)

    def applied(self, recorded: Recorded, before: Recorded | None = None) -> Recorded:
        """Return the changed answer; `before` is the one that a stale one is taken from."""
        if self.kind is Kind.STALE and before is not None:
            stale = replace(before, sequence=recorded.sequence, check=recorded.check)
            return replace(stale, sent_at=recorded.sent_at, duration=recorded.duration)
        if self.kind is Kind.HEADER:
            kept = {k: v for k, v in recorded.answer_headers.items() if k != self.place[0]}
            return replace(recorded, answer_headers=kept)
        if self.kind in _WHOLE:
            return replace(recorded, **_WHOLE[self.kind](recorded))
        if self.kind in _LINES:
            return replace(recorded, answer=_LINES[self.kind](recorded.answer, int(self.place[0])))
        return replace(recorded, answer=self._edited(recorded.answer))

    def _edited(self, answer: str) -> str:
        body = json.loads(answer)
        holder: Json = [body]
        inside: Json = 0
        for part in self.place:
            holder, inside = holder[inside], part
        root = holder if not self.place else None
        _MEMBERS[self.kind](holder, inside)
        return json.dumps(root[0] if root is not None else body, ensure_ascii=False)


def changes(
    evidence: Sequence[Recorded], before: Mapping[int, Recorded], chance: random.Random
) -> list[Change]:
    """Return every change of the evidence, each kind in turn, otherwise in an order by chance.

    `before` maps an exchange to an earlier one of the same operation that was answered otherwise.
    """
    kinds: dict[Kind, list[Change]] = {kind: [] for kind in Kind}
    for recorded in evidence:
        for change in _of(recorded, stale=recorded.sequence in before):
            kinds[change.kind].append(change)
    for each in kinds.values():
        chance.shuffle(each)
    turns = chain.from_iterable(zip_longest(*kinds.values()))
    return [change for change in turns if change is not None]


def _of(recorded: Recorded, *, stale: bool) -> Iterator[Change]:
    if recorded.failure is not None:
        return
    number = recorded.sequence
    for kind in (*_statuses(recorded.status), Kind.SLOW, Kind.LOST, *([Kind.STALE] * stale)):
        yield Change(number, kind)
    for name in recorded.answer_headers:
        if name not in _IGNORED:
            yield Change(number, Kind.HEADER, (name,))
    if recorded.answer:
        yield Change(number, Kind.EMPTY)
        yield from _within(number, recorded.answer)


def _statuses(status: int) -> Iterator[Kind]:
    if 200 <= status < 300:
        yield from (Kind.OTHER_SUCCESS, Kind.REFUSAL)
    if 400 <= status < 500:
        yield from (Kind.SUCCESS, Kind.OTHER_REFUSAL)
    yield Kind.CRASH


def _within(number: int, answer: str) -> Iterator[Change]:
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        for line, text in enumerate(answer.splitlines(), 1):
            yield Change(number, Kind.LINE_REMOVED, (line,))
            if _NUMBER.search(text):
                yield Change(number, Kind.LINE_NUMBER, (line,))
        return
    for place, value in _places(body, ()):
        yield from (Change(number, kind, place) for kind in _fitting(place, value))


def _places(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    yield place, value
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in inside:
            yield from _places(member, (*place, key))


def _fitting(place: Place, value: Json) -> Iterator[Kind]:
    if place and isinstance(place[-1], int):
        yield from (Kind.ITEM_REMOVED, Kind.ITEM_REPEATED)
    elif place:
        yield Kind.REMOVED
    if place and value is not None:
        yield from (Kind.NULL, Kind.TYPE)
    if isinstance(value, dict):
        yield Kind.ADDED
    elif isinstance(value, list):
        yield from ([Kind.REVERSED] if len(value) > 1 and value != value[::-1] else [])
    elif place:
        yield Kind.VALUE
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield Kind.NEGATIVE


_WHOLE: Final[Mapping[Kind, Callable[[Recorded], dict[str, Json]]]] = {
    Kind.OTHER_SUCCESS: lambda each: {"status": 202 if each.status in {200, 204} else 200},
    Kind.SUCCESS: lambda each: {"status": 200},
    Kind.OTHER_REFUSAL: lambda each: {"status": 409 if each.status != 409 else 404},
    Kind.REFUSAL: lambda each: {"status": 404},
    Kind.CRASH: lambda each: {"status": 500},
    Kind.EMPTY: lambda each: {"answer": ""},
    Kind.SLOW: lambda each: {"duration": each.duration + 3600.0},
    Kind.LOST: lambda each: {"failure": "ReadTimeout: the answer was taken away"},
}
_NUMBER: Final = re.compile(r"(?<=[\s=\"])\d+(?:\.\d+)?(?=[\s\"]|$)")


def _without_line(text: str, line: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: line - 1] + lines[line:])


def _with_another_number(text: str, line: int) -> str:
    lines = text.splitlines(keepends=True)
    lines[line - 1] = _NUMBER.sub(lambda found: f"{found[0]}7", lines[line - 1], count=1)
    return "".join(lines)


_LINES: Final[Mapping[Kind, Callable[[str, int], str]]] = {
    Kind.LINE_REMOVED: _without_line,
    Kind.LINE_NUMBER: _with_another_number,
}


def _remove(holder: Json, inside: str | int) -> None:
    del holder[inside]


def _nullify(holder: Json, inside: str | int) -> None:
    holder[inside] = None


def _retype(holder: Json, inside: str | int) -> None:
    value = holder[inside]
    others: dict[type, Json] = {str: 0, list: {}, dict: []}
    holder[inside] = others.get(type(value), str(value))


def _revalue(holder: Json, inside: str | int) -> None:
    holder[inside] = _other(holder[inside])


def _negate(holder: Json, inside: str | int) -> None:
    holder[inside] = -1 - holder[inside]


def _add(holder: Json, inside: str | int) -> None:
    holder[inside]["undocumentedMember"] = "added"


def _repeat(holder: Json, inside: str | int) -> None:
    holder.insert(inside, holder[inside])


def _reverse(holder: Json, inside: str | int) -> None:
    holder[inside].reverse()


_MEMBERS: Final[Mapping[Kind, Callable[[Json, str | int], None]]] = {
    Kind.REMOVED: _remove,
    Kind.NULL: _nullify,
    Kind.TYPE: _retype,
    Kind.VALUE: _revalue,
    Kind.NEGATIVE: _negate,
    Kind.ADDED: _add,
    Kind.ITEM_REMOVED: _remove,
    Kind.ITEM_REPEATED: _repeat,
    Kind.REVERSED: _reverse,
}


def _other(value: Json) -> Json:
    """Another value of the same type; a moment becomes one a year later."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if value is None:
        return "added"
    try:
        moved = datetime.fromisoformat(value) + timedelta(days=365)
    except (ValueError, OverflowError):
        return f"{value}x"
    return moved.isoformat().replace("+00:00", "Z" if value.endswith("Z") else "+00:00")
