"""Which changes there are of the evidence of a check."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Final

from pgassay.exchange import Json
from pgassay.falsification.change import (
    AUTHORIZATION,
    Change,
    Kind,
    Past,
    Place,
    fished_for,
    holds_number,
)
from pgassay.falsification.record import Recorded

#: Headers that follow from the others, or that no document speaks of.
_IGNORED: Final = frozenset({"content-length", "content-encoding", "date", "server", "connection"})


def changes(
    evidence: Sequence[Recorded], pasts: Mapping[int, Past], chance: random.Random
) -> list[Change]:
    """Return every change of the evidence, each kind in turn, otherwise in an order by chance."""
    kinds: dict[Kind, list[Change]] = {kind: [] for kind in Kind}
    for recorded in evidence:
        for change in _of(recorded, pasts.get(recorded.sequence, Past())):
            kinds[change.kind].append(change)
    for each in kinds.values():
        chance.shuffle(each)
    turns = chain.from_iterable(zip_longest(*kinds.values()))
    return [change for change in turns if change is not None]


def _of(recorded: Recorded, past: Past) -> Iterator[Change]:
    if recorded.failure is not None:
        return
    number = recorded.sequence
    for kind in (*_statuses(recorded.status), Kind.SLOW, Kind.LOST, Kind.KEY):
        yield Change(number, kind)
    yield from (Change(number, Kind.STALE, (each.sequence,)) for each in past.answers)
    if past.secret:
        yield Change(number, Kind.LEAK)
    if AUTHORIZATION in recorded.headers:
        yield Change(number, Kind.ECHO)
    if fished_for(recorded):
        yield Change(number, Kind.GRANTED)
    yield from (Change(number, Kind.ANOTHER, (operation,)) for operation in past.others)
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
            if holds_number(text):
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
