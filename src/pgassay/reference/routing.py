"""Resources by their paths, found segment by segment however many there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pgassay.reference.http import Resource


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    resource: Resource | None = None
    names: tuple[str, ...] = ()


class Router:
    """Finds the resource of a path; where one names a segment, it goes before a parameter.

    That is the order of OpenAPI 3.1, section 4.8.8.2. A parameter is one segment, never empty.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._root = _Node()
        for resource in resources:
            self._add(resource)

    def find(self, path: str) -> tuple[Resource, dict[str, str]] | None:
        """Return the resource of a decoded path and its parameters, or None."""
        values: list[str] = []
        # Neither a name nor an id has such characters, so nothing is at a path with them.
        node = _descend(self._root, path.split("/"), 0, values) if path.isprintable() else None
        if node is None or node.resource is None:
            return None
        return node.resource, dict(zip(node.names, values, strict=True))

    def _add(self, resource: Resource) -> None:
        node = self._root
        for segment in resource.path.split("/"):
            if _parameter(segment) is None:
                node = node.literals.setdefault(segment, _Node())
            else:
                node.parameter = node.parameter or _Node()
                node = node.parameter
        if node.resource is not None:
            raise ValueError(f"two resources have the path {resource.path}")
        node.resource = resource
        node.names = tuple(filter(None, map(_parameter, resource.path.split("/"))))


def _descend(node: _Node, segments: Sequence[str], depth: int, values: list[str]) -> _Node | None:
    if depth == len(segments):
        return node if node.resource else None
    segment = segments[depth]
    literal = node.literals.get(segment)
    found = literal and _descend(literal, segments, depth + 1, values)
    if found or node.parameter is None or not segment:
        return found
    values.append(segment)
    found = _descend(node.parameter, segments, depth + 1, values)
    if found is None:
        values.pop()
    return found


def _parameter(segment: str) -> str | None:
    return segment[1:-1] if segment.startswith("{") else None
