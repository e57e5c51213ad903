"""What a schema asks of a value, whichever of the many spellings of OpenAPI 3.0 and 3.1 it has."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from pgassay.difference.document import Document
from pgassay.errors import UsageError
from pgassay.exchange import Json

Nodes: TypeAlias = tuple[Json, ...]
"""Schemas that hold at the same time; none of them is no statement at all."""

#: A schema of the shipped document that is narrower than the documented bounds names these by it.
BORDER: Final = "x-pgassay-border"

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_PLAIN: Final = ("multipleOf", "format", "uniqueItems", "default", "not", "propertyNames")
#: What these say when they are written out is what holds without them.
_IDLE: Final = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}


@dataclass(frozen=True, slots=True)
class Shape:
    """One level of a schema: its own limits, and the schemas of what is inside the value.

    `limits` are keywords with their values as text; `values` hold for members without a name of
    their own, and `alternatives` is what `anyOf` or `oneOf` choose from, null apart.
    """

    limits: Mapping[str, str]
    enumeration: frozenset[str] | None
    members: Mapping[str, Nodes]
    required: frozenset[str]
    items: Nodes
    values: Nodes
    alternatives: tuple[Nodes, ...]


def shape(document: Document, nodes: Nodes) -> Shape:
    """Merge schemas that hold together: references, borders and `allOf` are followed.

    A schema with members and without a type reads as an object, one with items as an array: both
    are meant so, and no generator of documents takes the trouble to say it.
    """
    parts = tuple(chain.from_iterable(_parts(document, node, frozenset()) for node in nodes))
    members: dict[str, Nodes] = {}
    for part in parts:
        for name, member in _mapping(document, part, "properties").items():
            members[str(name)] = (*members.get(str(name), ()), member)
    return Shape(
        limits=_limits(parts, _types(document, parts)),
        enumeration=_enumeration(parts),
        members=members,
        required=frozenset(str(name) for part in parts for name in _list(part, "required")),
        items=tuple(part["items"] for part in parts if "items" in part),
        values=tuple(
            part["additionalProperties"]
            for part in parts
            if isinstance(part.get("additionalProperties"), dict)
        ),
        alternatives=tuple((each,) for part in parts for each in _choices(document, part)),
    )


def rendered(value: Json) -> str:
    """Return a value as text: JSON, with whole numbers as integers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    except (TypeError, ValueError):  # YAML has keys of every type, and objects inside themselves
        return str(value)


def _parts(document: Document, node: Json, seen: frozenset[str]) -> Iterator[Mapping[str, Json]]:
    """Yield the schemas that hold because `node` does; none of them has a reference."""
    if isinstance(node, bool):
        node = {} if node else {"not": {}}
    if not isinstance(node, dict):
        raise UsageError(f"{rendered(node)[:60]} is no schema", where=document.where)
    if BORDER in node:
        node = {"$ref": node[BORDER]}
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in seen:
            return
        seen |= {reference}
        yield from _parts(document, document.target(reference), seen)
    yield {key: value for key, value in node.items() if key != "$ref"}
    alternatives = _alternatives(document, node)
    alone = alternatives if len(alternatives) == 1 else []
    for part in chain(_list(node, "allOf"), alone):
        yield from _parts(document, part, seen)


def _alternatives(document: Document, part: Mapping[str, Json]) -> list[Json]:
    """Return what `anyOf` or `oneOf` choose from, without null."""
    found = [*_list(part, "anyOf"), *_list(part, "oneOf")]
    return [each for each in found if not _is_null(document, each)]


def _choices(document: Document, part: Mapping[str, Json]) -> list[Json]:
    found = _alternatives(document, part)
    return found if len(found) > 1 else []


def _is_null(document: Document, node: Json) -> bool:
    found = document.resolve(node)
    return isinstance(found, dict) and found.get("type") in ("null", ["null"])


def _types(document: Document, parts: Iterable[Mapping[str, Json]]) -> frozenset[str]:
    parts = tuple(parts)
    stated = [_type(part) for part in parts if "type" in part]
    types = frozenset.intersection(*stated) if stated else _implied(parts)
    nullable = any(
        part.get("nullable") is True
        or any(_is_null(document, each) for each in (*_list(part, "anyOf"), *_list(part, "oneOf")))
        for part in parts
    )
    return types | {"null"} if nullable and types else types


def _type(part: Mapping[str, Json]) -> frozenset[str]:
    stated = part["type"]
    types = frozenset(map(str, stated if isinstance(stated, list) else [stated]))
    return types - {"integer"} if "number" in types else types


def _implied(parts: Iterable[Mapping[str, Json]]) -> frozenset[str]:
    if any("properties" in part for part in parts):
        return frozenset({"object"})
    return frozenset({"array"}) if any("items" in part for part in parts) else frozenset()


def _limits(parts: tuple[Mapping[str, Json], ...], types: frozenset[str]) -> dict[str, str]:
    found: dict[str, Json] = {}
    for part in parts:
        for keyword, value in _stated(part):
            found[keyword] = _tighter(keyword, found.get(keyword), value)
    limits = {
        keyword: rendered(value) for keyword, value in found.items() if value != _IDLE.get(keyword)
    }
    patterns = sorted({str(part["pattern"]) for part in parts if "pattern" in part})
    if patterns:
        limits["pattern"] = " and ".join(map(rendered, patterns))
    if types:
        limits["type"] = ", ".join(sorted(types))
    if any(part.get("additionalProperties") is False for part in parts):
        limits["additionalProperties"] = "false"
    return limits


def _stated(part: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the limits of one schema; exclusive bounds of 3.0 become those of 3.1."""
    exclusive = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
    for keyword in (*_LOWER, *_UPPER, *_PLAIN):
        value = part.get(keyword)
        if value is None or (keyword in exclusive.values() and isinstance(value, bool)):
            continue
        open_bound = keyword in exclusive and part.get(exclusive[keyword]) is True
        yield exclusive[keyword] if open_bound else keyword, value


def _tighter(keyword: str, known: Json, value: Json) -> Json:
    if not isinstance(known, int | float) or not isinstance(value, int | float):
        return value
    if keyword in _LOWER:
        return max(known, value)
    return min(known, value) if keyword in _UPPER else value


def _enumeration(parts: Iterable[Mapping[str, Json]]) -> frozenset[str] | None:
    stated = [frozenset(map(rendered, _list(part, "enum"))) for part in parts if "enum" in part]
    stated += [frozenset({rendered(part["const"])}) for part in parts if "const" in part]
    return frozenset.intersection(*stated) if stated else None


def _mapping(document: Document, part: Mapping[str, Json], keyword: str) -> Mapping[str, Json]:
    return document.mapping(part.get(keyword), keyword)


def _list(part: Mapping[str, Json], keyword: str) -> list[Json]:
    found = part.get(keyword)
    return found if isinstance(found, list) else []
