"""Kinds of changes, and those that are made inside a JSON body."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from pgassay.exchange import Json

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
    STALE = "an earlier answer"
    LEAK = "the secret that was sent last added"
    KEY = "the credential's secret added"
    ECHO = "the request's authorization added"
    ANOTHER = "the answer to another operation"
    HEADER = "header removed"
    GRANTED = "headers added that the request fishes for"
    SLOW = "an hour later"
    LOST = "no answer"


def edited(answer: str, kind: Kind, place: Place) -> str:
    """Return a JSON text with one place of it changed."""
    whole: Json = [json.loads(answer)]
    holder: Json = whole
    inside: str | int = 0
    for part in place:
        holder, inside = holder[inside], part
    _EDITS[kind](holder, inside)
    return json.dumps(whole[0], ensure_ascii=False)


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


_EDITS: Final[Mapping[Kind, Callable[[Json, str | int], None]]] = {
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
