"""Where in an answer the offending part is, as far as the finding's own words tell.

A place is `status`, `header NAME`, or a JSON Pointer (RFC 6901) into the body. It only guides the
eye of who reads a report; no verdict rests on it.
"""

import json
from collections.abc import Iterator
from typing import Final

from pgassay.exchange import Exchange, Json
from pgassay.expectation import same

#: Larger bodies are not searched: this runs once for each finding.
_LONGEST: Final = 200_000


def offending(actual: str, title: str, exchange: Exchange | None) -> str:
    """Return the place in `exchange` that `actual` was read from; empty where it does not show."""
    if exchange is None or not exchange.answered:
        return ""
    if actual.startswith((f"status {exchange.status}", exchange.line)):
        return "status"
    named = [name for name in exchange.headers if f"{name}:" in actual.lower()]
    if named:
        return f"header {named[0]}"
    if len(exchange.body) > _LONGEST or not exchange.is_json:
        return ""
    body = exchange.json()
    place = actual.partition(": ")[0]
    if place.startswith("/") and place in dict(_members(body)):
        return place
    return _place_of(actual, title, body)


def _place_of(actual: str, title: str, body: Json) -> str:
    """The one member with the value `actual`; of several the one that `title` names."""
    try:
        value = json.loads(actual)
    except (ValueError, RecursionError):
        return ""
    found = [place for place, member in _members(body) if place and same(member, value)]
    if len(found) > 1:
        words = title.replace("`", " ").split()
        found = [place for place in found if place.rpartition("/")[2] in words]
    return found[0] if len(found) == 1 else ""


def _members(value: Json, place: str = "") -> Iterator[tuple[str, Json]]:
    yield place, value
    below: Iterator[tuple[str, Json]] = iter(())
    if isinstance(value, dict):
        below = ((str(name), member) for name, member in value.items())
    elif isinstance(value, list):
        below = ((str(at), member) for at, member in enumerate(value))
    for name, member in below:
        escaped = name.replace("~", "~0").replace("/", "~1")
        yield from _members(member, f"{place}/{escaped}")
