"""The part of the OpenAPI document that one pass draws from, fitted to one target."""

import copy
import random
import re
from collections.abc import Iterator, Mapping
from typing import Final

from pgassay.exchange import Json
from pgassay.fuzzing.ground import Ground
from pgassay.target.model import Credential, Family, Scheme

#: The security scheme that every pass declares, whichever the target uses.
SCHEME: Final = "target"
_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_VERSIONS: Final = "/versions/{uuid}"
_SETTINGS: Final = ("PgConfig", "PgBouncerConfig")
_SETTINGS_DRAWN: Final = 5


def fitted(
    document: Mapping[str, Json],
    ground: Ground,
    credential: Credential,
    choice: random.Random,
    *,
    pinned: bool,
    bodies_only: bool,
) -> dict[str, Json]:
    """Return a copy with the operations, paths, values and credentials of the target.

    `pinned` lets identifiers of paths be those of the ground alone; otherwise any may be drawn.
    `bodies_only` leaves out what takes no body. `choice` picks the settings of PostgreSQL that are
    drawn: with all of them they would make up most of a pass.
    """
    own: dict[str, Json] = copy.deepcopy(dict(document))
    own["paths"] = dict(_paths(own["paths"], ground, bodies_only=bodies_only))
    for name in _SETTINGS:
        _sample(own["components"]["schemas"][name], choice)
    own["components"]["securitySchemes"] = _schemes(credential)
    security: list[Json] = [] if credential.scheme is Scheme.NONE else [{SCHEME: []}]
    for _, operation in operations(own):
        operation["security"] = security
    _limit(own["components"], ground.values)
    _pin(own, ground, pinned=pinned)
    _drop_dangling_links(own)
    for template, item in own["paths"].items():
        if item.keys() >= {"get", "delete"}:
            _read_after_removal(template, item, own["components"]["responses"])
    return own


def operations(document: Mapping[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield path template and operation."""
    for template, item in document["paths"].items():
        for method in item.keys() & _METHODS:
            yield template, item[method]


def _sample(schema: dict[str, Json], choice: random.Random) -> None:
    names = sorted(schema["properties"])
    kept = set(choice.sample(names, min(_SETTINGS_DRAWN, len(names))))
    schema["properties"] = {name: schema["properties"][name] for name in sorted(kept)}
    schema.pop("examples", None)


def _paths(
    paths: Mapping[str, Json], ground: Ground, *, bodies_only: bool
) -> Iterator[tuple[str, Json]]:
    for template, item in paths.items():
        kept = {
            name: value
            for name, value in item.items()
            if name not in _METHODS
            or (_claimed(value, ground) and ("requestBody" in value or not bodies_only))
        }
        if kept.keys() & _METHODS:
            yield ground.served(template), kept


def _claimed(operation: Mapping[str, Json], ground: Ground) -> bool:
    feature = operation.get("x-pgassay-feature")
    scaling = operation.get("x-pgassay-precondition") == "database-clickpipe"
    return (
        operation["x-pgassay-family"] == ground.family
        and (not feature or feature in ground.features)
        and (not scaling or bool(ground.scaling))
    )


def _schemes(credential: Credential) -> dict[str, Json]:
    match credential.scheme:
        case Scheme.BASIC | Scheme.BEARER:
            return {SCHEME: {"type": "http", "scheme": str(credential.scheme)}}
        case Scheme.HEADER:
            return {SCHEME: {"type": "apiKey", "in": "header", "name": credential.header}}
        case Scheme.NONE:
            return {}


def _limit(components: dict[str, Json], values: Mapping[str, tuple[str, ...]]) -> None:
    for schema in components["schemas"].values():
        if not isinstance(schema, dict):
            continue
        key = str(schema.get("x-pgassay-target-limited", schema.get("x-pgassay-reference")))
        if key in values:
            schema.pop("pattern", None)
            schema["enum"] = list(values[key])
            schema["examples"] = list(values[key])


def _pin(document: dict[str, Json], ground: Ground, *, pinned: bool) -> None:
    always = {"organizationId", "serviceId"}
    shared = document["components"]["parameters"]
    for template, item in document["paths"].items():
        listed = [_resolved(entry, shared) for entry in item.get("parameters", [])]
        for parameter in listed:
            name = parameter["name"]
            version = ground.family is Family.DBAAS and _VERSIONS in template and name == "uuid"
            value = ground.pins.get("version_uuid" if version else name)
            if parameter["in"] == "path" and value and (pinned or version or name in always):
                parameter["schema"] = {**parameter["schema"], "enum": [value]}
                parameter["schema"]["examples"] = [value]
        item["parameters"] = listed


def _resolved(value: dict[str, Json], shared: Mapping[str, Json]) -> dict[str, Json]:
    if "$ref" not in value:
        return value
    found: dict[str, Json] = copy.deepcopy(shared[value["$ref"].rsplit("/", 1)[-1]])
    return found


def _read_after_removal(template: str, item: dict[str, Json], shared: Mapping[str, Json]) -> None:
    """Link every removal to a read of what was removed."""
    names = re.findall(r"\{([^}]+)\}", template)
    link = {
        "operationId": item["get"]["operationId"],
        "parameters": {name: f"$request.path.{name}" for name in names},
    }
    responses = item["delete"]["responses"]
    for status in [status for status in responses if status.startswith("2")]:
        response = _resolved(responses[status], shared)
        responses[status] = response | {"links": {"readAfterRemoval": link}}


def _drop_dangling_links(document: dict[str, Json]) -> None:
    """Leave out links to operations that the target does not claim."""
    known = {operation["operationId"] for _, operation in operations(document)}
    shared = document["components"].get("links", {})
    for _, operation in operations(document):
        for response in operation["responses"].values():
            links = response.get("links", {})
            for name in list(links):
                link = links[name]
                if "$ref" in link:
                    link = shared[link["$ref"].rsplit("/", 1)[-1]]
                if link["operationId"] not in known:
                    del links[name]
