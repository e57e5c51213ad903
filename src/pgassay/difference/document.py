"""An OpenAPI document of anybody: read without trust, and asked for operations and references."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pgassay.errors import UsageError
from pgassay.exchange import Json

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{[^}]*\}")
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # chosen when it runs
    """Reads YAML as OpenAPI means it: `on`, `no` and dates are text (YAML 1.2, JSON schema)."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name, read by its base class
        first: [(tag, form) for tag, form in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its definition, and all its parameters, those of the path first."""

    template: str
    definition: Mapping[str, Json]
    parameters: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document, and the file that it came from."""

    where: str
    content: Mapping[str, Json] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "Document":
        """Read JSON or YAML; raises `UsageError` for whatever is no OpenAPI 3 document."""
        try:
            text = path.read_text(encoding="utf-8-sig")
            # YAML is a superset of JSON, and its reader twenty times slower.
            content = json.loads(text) if text.lstrip()[:1] == "{" else _yaml(text)
        except OSError as error:
            raise UsageError(error.strerror or "cannot be read", where=str(path)) from error
        except (ValueError, RecursionError, yaml.YAMLError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(
                f"this is neither JSON nor YAML ({reason})",
                where=str(path),
                expected="an OpenAPI document in UTF-8",
            ) from error
        if not isinstance(content, dict) or not isinstance(content.get("paths"), dict):
            raise UsageError(
                "this has no paths",
                where=str(path),
                expected="an OpenAPI document: an object with the member paths",
            )
        if "swagger" in content:
            raise UsageError("this is OpenAPI 2", where=str(path), expected="OpenAPI 3.0 or 3.1")
        return cls(str(path), content)

    def operations(self) -> dict[str, Operation]:
        """Return the operations by method and path, without the names of path parameters."""
        return {
            f"{method.upper()} {_normal(template)}": operation
            for template, item in (
                (str(path), item) for path, item in self.content["paths"].items()
            )
            for method, operation in self._of_item(template, item)
        }

    def _of_item(self, template: str, item: Json) -> Iterator[tuple[str, Operation]]:
        item = self.mapping(item, template)
        shared = self.sequence(item.get("parameters"), template)
        for method in _METHODS:
            if method in item:
                definition = self.mapping(item[method], f"{method} {template}")
                own = self.sequence(definition.get("parameters"), f"{method} {template}")
                yield method, Operation(template, definition, (*shared, *own))

    def resolve(self, node: Json) -> Json:
        """Follow references until something else is found; siblings of `$ref` are lost."""
        seen: set[str] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            reference = node["$ref"]
            if reference in seen:
                raise UsageError(f"the reference {reference} leads to itself", where=self.where)
            seen.add(reference)
            node = self.target(reference)
        return node

    def mapping(self, node: Json, place: str) -> Mapping[str, Json]:
        """Return the object that `node` is or refers to, or an empty one for nothing."""
        found = self.resolve(node)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise UsageError(f"{place}: this is no object", where=self.where)
        return found

    def sequence(self, node: Json, place: str) -> Collection[Json]:
        """Return the list that `node` is, or an empty one for nothing."""
        if node is None:
            return ()
        if not isinstance(node, list):
            raise UsageError(f"{place}: this is no list", where=self.where)
        return node

    def target(self, reference: str) -> Json:
        """Return what a reference names, which may be a reference again."""
        if not reference.startswith("#/"):
            raise UsageError(
                f"the reference {reference} leads out of the document",
                where=self.where,
                expected="references that begin with #/",
                remedy="Bundle the document into one file first.",
            )
        target: Json = self.content
        for part in self._parts(reference):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or key not in target:
                raise UsageError(f"the reference {reference} leads nowhere", where=self.where)
            target = target[key]
        return target

    def _parts(self, reference: str) -> list[str]:
        parts = reference.removeprefix("#/").split("/")
        # Excerpts of large documents carry the components without their envelope.
        bare = parts[0] == "components" and "components" not in self.content
        return parts[1:] if bare else parts


def _normal(template: str) -> str:
    return _PARAMETER.sub("{}", template).rstrip("/") or "/"


def _yaml(text: str) -> Json:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from the safe loader
