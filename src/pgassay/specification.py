"""The OpenAPI document: which operation a request belongs to and what may answer it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from pgassay._folders import folder
from pgassay.errors import SuiteBroken
from pgassay.exchange import Json
from pgassay.target.model import Family

#: The keywords that refuse members which the document does not name.
_CLOSING = {"additionalProperties", "unevaluatedProperties"}
#: How many requests' operations are kept at hand.
_REMEMBERED = 10_000
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document: `template` is its path with `{parameters}`."""

    id: str
    family: Family
    method: str
    template: str
    feature: str
    optional: bool
    definition: Mapping[str, Json] = field(repr=False, compare=False)
    pattern: re.Pattern[str] = field(repr=False, compare=False)

    def documents(self, status: int) -> bool:
        """Tell whether the document lists `status` for this operation, alone or in a range."""
        return self._response(status) is not None

    def content(self, status: int) -> Mapping[str, Json]:
        """The documented media types of `status`, by name in lower case without parameters."""
        content = (self._response(status) or {}).get("content", {})
        return {name.split(";")[0].strip().lower(): media for name, media in content.items()}

    def _response(self, status: int) -> Mapping[str, Json] | None:
        responses = self.definition["responses"]
        found: Mapping[str, Json] | None = responses.get(
            str(status), responses.get(f"{status // 100}XX")
        )
        return found


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which an answer breaks its schema, and where in the body."""

    place: str
    message: str
    undocumented_member: bool = False

    def __str__(self) -> str:
        """Render place and message."""
        return f"{self.place}: {self.message}"


class Specification:
    """The parsed OpenAPI document with its operations and compiled response schemas."""

    def __init__(self, path: Path, switches: Mapping[str, str] | None = None) -> None:
        """Read the document at `path`; raises `SuiteBroken` where it cannot be read.

        `switches` are the choices of a target that replace schemas with `x-pgassay-switch`.
        """
        self.path = path
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise SuiteBroken("the OpenAPI document cannot be read", where=str(path)) from error
        self.sha256 = hashlib.sha256(raw).hexdigest()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: dict[str, Json] = yaml.load(raw, Loader=loader)  # noqa: S506 - safe loaders
        _switch(self.document["components"]["schemas"], switches or {})
        self.operations = tuple(self._operations())
        self._by_id = {operation.id: operation for operation in self.operations}
        self._matches: dict[tuple[str, str], Operation | None] = {}
        self._validators: dict[tuple[str, int, str], jsonschema_rs.Validator | None] = {}

    def operation(self, operation_id: str) -> Operation:
        """Return the operation of that id; raises `KeyError`."""
        return self._by_id[operation_id]

    def match(self, method: str, path: str) -> Operation | None:
        """Return the operation that a request belongs to, or None; `path` may have a query."""
        key = (method.upper(), path.partition("?")[0].partition("#")[0])
        if key not in self._matches:
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            self._matches[key] = self._match(*key)
        return self._matches[key]

    def _match(self, method: str, path: str) -> Operation | None:
        bare = path.rstrip("/") if len(path) > 1 else path
        found = [
            operation
            for operation in self.operations
            if operation.method == method and operation.pattern.fullmatch(bare)
        ]
        # A literal segment goes before a parameter, as OpenAPI demands.
        return min(found, key=lambda operation: operation.template.count("{"), default=None)

    def violations(
        self, operation: Operation, status: int, media: str, value: Json
    ) -> list[Violation]:
        """Return how `value` violates what is documented for an answer."""
        validator = self._validator(operation, status, media)
        if validator is None:
            return []
        return [
            Violation(
                _pointer(error.instance_path),
                error.message,
                undocumented_member=bool(_CLOSING & set(map(str, error.schema_path[-1:]))),
            )
            for error in validator.iter_errors(value)
        ]

    def component(self, name: str) -> jsonschema_rs.Validator:
        """Return a validator of the component schema `name`."""
        return self._compile({"$ref": f"#/components/schemas/{name}"})

    def _validator(
        self, operation: Operation, status: int, media: str
    ) -> jsonschema_rs.Validator | None:
        key = (operation.id, status, media)
        if key not in self._validators:
            schema = operation.content(status).get(media, {}).get("schema")
            self._validators[key] = None if schema is None else self._compile(schema)
        return self._validators[key]

    def _compile(self, schema: Json) -> jsonschema_rs.Validator:
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema]}
        whole["components"] = self.document["components"]
        return jsonschema_rs.validator_for(whole, validate_formats=True)

    def resolved(self, value: Json) -> Json:
        """What a schema, parameter or response that may be a reference stands for."""
        while isinstance(value, dict) and "$ref" in value:
            target: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def _operations(self) -> Iterator[Operation]:
        for template, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(method, template, item[method])

    def _operation(self, method: str, template: str, definition: Mapping[str, Json]) -> Operation:
        parts = re.split(r"\{[^}]+\}", template)
        responses = {
            status: self.resolved(response) for status, response in definition["responses"].items()
        }
        return Operation(
            id=definition["operationId"],
            family=Family(definition["x-pgassay-family"]),
            method=method.upper(),
            template=template,
            feature=definition.get("x-pgassay-feature", ""),
            optional=bool(definition.get("x-pgassay-optional", False)),
            definition={**definition, "responses": responses},
            pattern=re.compile("[^/]+".join(map(re.escape, parts))),
        )


def _switch(schemas: dict[str, Json], switches: Mapping[str, str]) -> None:
    for name, schema in schemas.items():
        for switch, choices in schema.get("x-pgassay-switch", {}).items():
            if switches.get(switch) in choices:
                schemas[name] = {"$ref": choices[switches[switch]]}


def _pointer(path: list[str | int]) -> str:
    return "/" + "/".join(map(str, path)) if path else "the body"


@cache
def specification(redaction: str = "on", cdc_max_cores: int = 32) -> Specification:
    """Return the shipped document, read once per process, with choices as the target states them.

    A target that states no `redaction` may show credentials in reads: both kinds of server are
    legal.
    """
    switches = {"redaction": redaction or "off", "cdc_max_cores": str(cdc_max_cores)}
    return Specification(folder("spec") / "openapi.yaml", switches)
