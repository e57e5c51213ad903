"""Whether a request, as it was sent, must be accepted, must be refused, or is left open.

The OpenAPI document has three zones: inside the request schema, matched by an
`x-pgassay-undecided` entry, and everything else. The zone is read off the bytes that were sent,
not off the intention of the generator: a wrong type may become right on its way into a URL.
"""

import json
import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema_rs

from pgassay.exchange import Json, Request
from pgassay.specification import Operation, Specification

_ABSENT: Final = object()
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Zone(Enum):
    """What the document says of a request."""

    VALID = "must be accepted"
    UNDECIDED = "may be accepted or refused"
    INVALID = "must be refused"


class Unreadable(ValueError):
    """A body that is not JSON."""


class Zones:
    """Tell the zone of requests by one OpenAPI document."""

    def __init__(self, specification: Specification) -> None:
        """Compile schemas of `specification` as they are needed."""
        self._specification = specification
        self._compiled = cache(self._compile)

    def of(self, request: Request, path: str) -> tuple[Operation | None, Zone]:
        """The operation that `request` belongs to, and its zone.

        `path` is the path as documented, with the query. Off the document nothing is decided.
        """
        operation = self._specification.match(request.method, path)
        if operation is None:
            return None, Zone.UNDECIDED
        try:
            case = _case(operation, path, request)
        except Unreadable:
            takes_body = "requestBody" in operation.definition
            return operation, Zone.INVALID if takes_body else Zone.UNDECIDED
        if case is None:
            return operation, Zone.UNDECIDED
        return operation, self._zone(operation, case)

    def _zone(self, operation: Operation, case: Mapping[str, Json]) -> Zone:
        try:
            if self._undecided(operation, case):
                return Zone.UNDECIDED
            if not self._valid(operation, case):
                return Zone.INVALID
            # 1.0 is an integer for JSON Schema; many typed parsers of JSON see it differently.
            return Zone.UNDECIDED if _has_integral_float(case.get("body")) else Zone.VALID
        except ValueError:
            # Lone surrogates and numbers beyond a double cannot be validated.
            return Zone.UNDECIDED

    def _undecided(self, operation: Operation, case: Json) -> bool:
        entries = operation.definition.get("x-pgassay-undecided", [])
        return any("when" not in entry or self._holds(entry["when"], case) for entry in entries)

    def _valid(self, operation: Operation, case: Mapping[str, Json]) -> bool:
        for parameter in self._parameters(operation):
            place, name = parameter["in"], parameter["name"]
            if place not in {"path", "query"}:
                continue
            value = case[place].get(name, _ABSENT)
            if value is _ABSENT:
                if parameter.get("required"):
                    return False
            elif not any(self._holds(parameter["schema"], read) for read in _readings(value)):
                return False
        return self._valid_body(operation, case)

    def _valid_body(self, operation: Operation, case: Mapping[str, Json]) -> bool:
        wanted = operation.definition.get("requestBody")
        if wanted is None:
            return "body" not in case
        if "body" not in case:
            return not wanted.get("required", False)
        return self._holds(wanted["content"]["application/json"]["schema"], case["body"])

    def _parameters(self, operation: Operation) -> list[dict[str, Json]]:
        document = self._specification.document
        listed = [
            *document["paths"][operation.template].get("parameters", []),
            *operation.definition.get("parameters", []),
        ]
        shared = document["components"]["parameters"]
        return [
            shared[entry["$ref"].rsplit("/", 1)[-1]] if "$ref" in entry else entry
            for entry in listed
        ]

    def _holds(self, schema: Json, value: Json) -> bool:
        return bool(self._compiled(json.dumps(schema, sort_keys=True)).is_valid(value))

    def _compile(self, schema: str) -> jsonschema_rs.Validator:
        whole = {
            "$schema": _DIALECT,
            "allOf": [json.loads(schema)],
            "components": self._specification.document["components"],
        }
        return jsonschema_rs.validator_for(whole, validate_formats=True)


def _case(operation: Operation, path: str, request: Request) -> dict[str, Json] | None:
    """The request as `x-pgassay-undecided` sees it; None where the document says nothing of it."""
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    if any(len(values) > 1 for values in query.values()):
        return None
    shape = re.sub(r"\{([^}]+)\}", r"(?P<\1>[^/]+)", operation.template)
    found = re.fullmatch(shape, parts.path.rstrip("/"))
    identifiers = found.groupdict() if found else {}
    case: dict[str, Json] = {
        "path": {name: unquote(text) for name, text in identifiers.items()},
        "query": {name: values[0] for name, values in query.items()},
    }
    if request.body:
        headers = {name.lower(): value for name, value in request.headers.items()}
        media = headers.get("content-type", "").split(";")[0].strip().lower()
        if media != "application/json" or "requestBody" not in operation.definition:
            return None
        case["body"] = _parsed(request.body)
    return case


def _parsed(body: bytes) -> Json:
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _readings(text: str) -> list[Json]:
    """What a server may read a text of a URL as."""
    found: list[Json] = [text]
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        found.append(int(text))
    if text in {"true", "false"}:
        found.append(text == "true")
    return found


def _has_integral_float(value: Json) -> bool:
    if isinstance(value, dict):
        return any(map(_has_integral_float, value.values()))
    if isinstance(value, list):
        return any(map(_has_integral_float, value))
    return isinstance(value, float) and value.is_integer()
