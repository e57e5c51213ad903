"""Two documents side by side: one line for each thing that is in one only or differs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from pgassay.difference.document import Document, Operation
from pgassay.difference.shape import Nodes, Shape, shape
from pgassay.errors import UsageError
from pgassay.exchange import Json

Kind: TypeAlias = Literal["only in ours", "only in theirs", "differs"]
_Side = TypeVar("_Side")
#: Documents may describe trees; what differs deeper than this differs above it already.
_DEEPEST = 40
#: Nearly everything is JSON, so that places leave it out.
_JSON = "(application/json)"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that the documents say differently; the text of a silent side is empty.

    The key does not depend on the order of a document or on the names of its components:
    `METHOD PATH [PLACE] [KEYWORD]`. A place is `request`, a status, or `query`, `path`, `header`
    and `cookie` with the name of a parameter (of `path`: its number). Members follow after a dot,
    `[]` are the items of an array, `{}` the values of a map, `|2` the second of several
    alternatives; a media type other than JSON stands in parentheses. Each value of two
    enumerations has a key.
    """

    key: str
    ours: str
    theirs: str

    @property
    def kind(self) -> Kind:
        """Who says it."""
        if not self.theirs:
            return "only in ours"
        return "differs" if self.ours else "only in theirs"


def compare(
    ours: Document, theirs: Document, chosen: Callable[[Operation], bool] = lambda _: True
) -> tuple[Difference, ...]:
    """Return the differences, by key; `chosen` tells which operations of `ours` take part.

    Raises `UsageError` for a document whose references or schemas cannot be followed.
    """
    found = _Comparison(ours, theirs)
    mine = {key: each for key, each in ours.operations().items() if chosen(each)}
    try:
        for key, left, right in found.common("", mine, theirs.operations()):
            found.operation(key, left, right)
    except RecursionError as error:
        raise UsageError(
            "its schemas are nested too deeply, or one is a part of itself", where=theirs.where
        ) from error
    return tuple(sorted(set(found.differences)))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The two documents, the differences found so far, and the schemas being compared."""

    ours: Document
    theirs: Document
    differences: list[Difference] = field(default_factory=list)
    under_way: list[tuple[frozenset[int], frozenset[int]]] = field(default_factory=list)

    def note(self, key: str, ours: str, theirs: str) -> None:
        if ours != theirs:
            self.differences.append(Difference(key, ours, theirs))

    def common(
        self, prefix: str, ours: Mapping[str, _Side], theirs: Mapping[str, _Side]
    ) -> Iterator[tuple[str, _Side, _Side]]:
        """Note what one side lacks, and yield the key and both values of the rest."""
        for name in {**ours, **theirs}:
            if name in ours and name in theirs:
                yield f"{prefix}{name}", ours[name], theirs[name]
            else:
                self.note(f"{prefix}{name}", _presence(name, ours), _presence(name, theirs))

    def operation(self, key: str, ours: Operation, theirs: Operation) -> None:
        parameters = (_parameters(self.ours, ours), _parameters(self.theirs, theirs))
        for place, left, right in self.common(f"{key} ", *parameters):
            self.note(f"{place} required", _required(left), _required(right))
            self.schema(place, _of_parameter(self.ours, left), _of_parameter(self.theirs, right))
        bodies = (_request(self.ours, ours), _request(self.theirs, theirs))
        for place, left, right in self.common(f"{key} ", *bodies):
            self.note(f"{place} required", _required(left), _required(right))
            self.content(place, left, right)
        answers = (_responses(self.ours, ours), _responses(self.theirs, theirs))
        for place, left, right in self.common(f"{key} ", *answers):
            self.content(place, left, right)
            headers = (_headers(self.ours, left), _headers(self.theirs, right))
            for _ in self.common(f"{place} header ", *headers):
                pass

    def content(self, place: str, ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> None:
        medias = (_medias(self.ours, ours), _medias(self.theirs, theirs))
        for where, left, right in self.common(place, *medias):
            self.schema(where.removesuffix(_JSON), _schema(left), _schema(right))

    def schema(self, place: str, ours: Nodes, theirs: Nodes) -> None:
        """Compare two schemas; what refers to itself is compared once."""
        pair = (frozenset(map(id, ours)), frozenset(map(id, theirs)))
        if pair in self.under_way or len(self.under_way) >= _DEEPEST:
            return
        self.under_way.append(pair)
        self.shapes(place, shape(self.ours, ours), shape(self.theirs, theirs))
        self.under_way.pop()

    def shapes(self, place: str, ours: Shape, theirs: Shape) -> None:
        for keyword in {**ours.limits, **theirs.limits}:
            limits = (ours.limits.get(keyword, ""), theirs.limits.get(keyword, ""))
            self.note(f"{place} {keyword}", *limits)
        self.enumerations(place, ours.enumeration, theirs.enumeration)
        for where, left, right in self.common(f"{place}.", ours.members, theirs.members):
            name = where.removeprefix(f"{place}.")
            wanted = (_yes(name in ours.required), _yes(name in theirs.required))
            self.note(f"{where} required", *wanted)
            self.schema(where, left, right)
        for where, left, right in self.common(place, _inside(ours), _inside(theirs)):
            self.schema(where, left, right)
        self.alternatives(place, ours.alternatives, theirs.alternatives)

    def alternatives(self, place: str, ours: tuple[Nodes, ...], theirs: tuple[Nodes, ...]) -> None:
        """Compare alternatives in their order, if both sides have as many."""
        if len(ours) != len(theirs):
            self.note(f"{place} anyOf", _counted(ours), _counted(theirs))
            return
        for number, (left, right) in enumerate(zip(ours, theirs, strict=True), 1):
            self.schema(f"{place}|{number}", left, right)

    def enumerations(
        self, place: str, ours: frozenset[str] | None, theirs: frozenset[str] | None
    ) -> None:
        if ours is None or theirs is None:
            self.note(f"{place} enum", _listed(ours), _listed(theirs))
            return
        for value in ours ^ theirs:
            self.note(f"{place} enum {value}", _yes(value in ours), _yes(value in theirs))


def _parameters(document: Document, operation: Operation) -> dict[str, Mapping[str, Json]]:
    """Return the parameters by place and name; those of the operation replace those of its path."""
    found = (document.mapping(each, "a parameter") for each in operation.parameters)
    return {_place(operation.template, each): each for each in found}


def _place(template: str, parameter: Mapping[str, Json]) -> str:
    place, name = str(parameter.get("in", "")), str(parameter.get("name", ""))
    if place == "path":
        before = template.partition(f"{{{name}}}")[0]
        return f"path.{before.count('{') + 1}"
    # Names of header fields have no case.
    return f"{place}.{name.lower() if place == 'header' else name}"


def _of_parameter(document: Document, parameter: Mapping[str, Json]) -> Nodes:
    medias = _medias(document, parameter)
    return _schema(next(iter(medias.values()))) if medias else _schema(parameter)


def _request(document: Document, operation: Operation) -> dict[str, Mapping[str, Json]]:
    body = operation.definition.get("requestBody")
    return {} if body is None else {"request": document.mapping(body, "a request body")}


def _responses(document: Document, operation: Operation) -> dict[str, Mapping[str, Json]]:
    found = document.mapping(operation.definition.get("responses"), "the responses")
    return {str(status): document.mapping(each, "a response") for status, each in found.items()}


def _headers(document: Document, response: Mapping[str, Json]) -> dict[str, Json]:
    found = document.mapping(response.get("headers"), "the headers")
    return {str(name).lower(): header for name, header in found.items()}


def _medias(document: Document, holder: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
    """Return the media types as they stand in a key, in parentheses."""
    found = document.mapping(holder.get("content"), "the content")
    return {_media(str(name)): document.mapping(each, name) for name, each in found.items()}


def _media(name: str) -> str:
    return f"({name.partition(';')[0].strip().lower()})"


def _schema(holder: Mapping[str, Json]) -> Nodes:
    return (holder["schema"],) if "schema" in holder else ()


def _inside(level: Shape) -> dict[str, Nodes]:
    found = {"[]": level.items, "{}": level.values}
    return {place: nodes for place, nodes in found.items() if nodes}


def _required(holder: Mapping[str, Json]) -> str:
    return _yes(holder.get("required") is True)


def _presence(name: str, side: Mapping[str, object]) -> str:
    return _yes(name in side)


def _yes(holds: bool) -> str:  # noqa: FBT001 - it turns a truth value into text
    return "yes" if holds else ""


def _counted(alternatives: tuple[Nodes, ...]) -> str:
    return f"{len(alternatives)} alternatives" if alternatives else ""


def _listed(values: frozenset[str] | None) -> str:
    return "" if values is None else ", ".join(sorted(values))
