"""Trials: each documented request body with one fault, and what has to become of it.

The OpenAPI document decides: what lies inside a request schema must be accepted, what is matched
by `x-pgassay-undecided` may go either way, anything else must be refused (`pgassay.zone`).
"""

import copy
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from pgassay.exchange import Json, Request
from pgassay.specification import specification
from pgassay.values.faults import CHARACTER, CHOICE, SYNTAX, Bounds, Fault, faults_of, written
from pgassay.zone import Zone, Zones

#: Where a value stands in a body: names of members and numbers of items.
Place: TypeAlias = tuple[str | int, ...]

#: What stands in a path for any identifier.
SOME_ID: Final = "3b241101-e2bb-4255-8caf-4136c566a962"
# No text of a valid body holds it.
_MARK: Final = "\ue000"
#: The labels of faults that are one step beyond a limit.
_BEYOND: Final = frozenset({"minimum-1", "maximum+1"})


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The body of one operation: a valid `sample` with every member, and how it is tried.

    `needed` members are always sent, others only when they are at fault. `open` members are tried
    with values that may be accepted: where acceptance costs little and a read shows the outcome.
    `secret` ones are never shown.
    """

    name: str
    operation: str
    sample: Mapping[str, Json] = field(repr=False)
    needed: tuple[str, ...] = ()
    open: Collection[str] = ()
    secret: Collection[str] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Where values stand in the sample."""
        return tuple(_places(self.sample))

    def valid(self, member: str, fresh: Mapping[str, Json]) -> dict[str, Json]:
        """A valid body with `member`; values in `fresh` are those of the target and the moment.

        What the target wants beside the sample, such as a project, is sent as well.
        """
        names = dict.fromkeys((*self.needed, member))
        body = {name: fresh.get(name, self.sample[name]) for name in names}
        return body | {name: fresh[name] for name in fresh.keys() - self.sample.keys()}


@dataclass(frozen=True, slots=True)
class Trial:
    """A form with one fault at one place, and the zone that it lies in."""

    form: Form
    place: Place
    fault: Fault
    zone: Zone

    @property
    def member(self) -> str:
        """The member of the body that the fault is in."""
        return str(self.place[0])

    @property
    def rule(self) -> str:
        """What is wrong, to go after "although"."""
        return f"{where(self.place)} of {self.form.name} is wrong: {self.fault.label}"

    def body(self, valid: Mapping[str, Json]) -> bytes:
        """The valid body with the fault in it."""
        return _spoilt(valid, self.place, _text(self.fault, self.place, found(valid, self.place)))

    def readings(self, valid: Mapping[str, Json]) -> list[Json]:
        """What a read may show at the place once the body is accepted; empty if that is open."""
        value = found(valid, self.place)
        text, again = self.fault.text(value), self.fault.again
        sent = [] if text is None else [json.loads(text)]
        if again is not None and self.fault.twice:
            sent.append(again(value))
        return [one for one in sent if one is not None]


def where(place: Place) -> str:
    """A place without the numbers of items, such as `tags.key`."""
    return ".".join(name for name in place if isinstance(name, str))


def found(value: Json, place: Place) -> Json:
    """What stands at a place; `...` where nothing does."""
    for name in place:
        try:
            value = value[name]
        except (LookupError, TypeError):
            return ...
    return value


def trials(form: Form, place: Place, most: int) -> Iterator[Trial]:
    """The trials of a place, about so many and one of each kind at least.

    Where so many are more than the kinds, every choice and character is tried. What may be accepted
    is tried in open members.
    """
    for fault in _chosen(tuple(_faults(form, place)), most):
        zone = _zone(form, place, fault)
        if zone is Zone.INVALID or place[0] in form.open:
            yield Trial(form, place, fault, zone)


@cache
def zones() -> Zones:
    """The zones of the shipped document, compiled once."""
    return Zones(specification())


def _faults(form: Form, place: Place) -> Iterator[Fault]:
    valid = found(form.sample, place)
    known = {written(valid)}
    for fault in faults_of(valid, _bounds(form, place)):
        text = _text(fault, place, valid)
        if text not in known:
            known.add(text)
            yield fault


def _chosen(faults: tuple[Fault, ...], most: int) -> Iterator[Fault]:
    """Choose one of each kind, what lies just beyond a limit, and others evenly between."""
    kinds = {fault.kind: at for at, fault in reversed(list(enumerate(faults)))}
    beyond = (at for at, fault in enumerate(faults) if fault.label in _BEYOND)
    needed = {*kinds.values(), *beyond}
    room = max(most - len(needed), 0)
    if room:
        needed |= {at for at, fault in enumerate(faults) if fault.kind in (CHOICE, CHARACTER)}
    others = [at for at in range(len(faults)) if at not in needed]
    filling = others[:: -(-len(others) // room)] if room else []
    return (faults[at] for at in sorted([*needed, *filling]))


def _zone(form: Form, place: Place, fault: Fault) -> Zone:
    if fault.kind == SYNTAX:
        return Zone.INVALID
    if fault.twice:
        # Which of the two counts is left to receivers: RFC 8259, section 4.
        return Zone.UNDECIDED
    valid, judged = form.valid(str(place[0]), {}), fault.stand_in
    value = found(valid, place)
    if isinstance(judged, str):
        judged = value + judged
    text = _text(fault, place, value) if judged is None else written(judged)
    zone = zone_of(form, _spoilt(valid, place, text))
    return zone if judged is None or zone is Zone.INVALID else Zone.UNDECIDED


def zone_of(form: Form, body: bytes) -> Zone:
    """What the document says of a body of a form, which is announced as JSON."""
    document = specification()
    operation = document.operation(form.operation)
    path = re.sub(r"\{[^}]+\}", SOME_ID, operation.template)
    announced = {"Content-Type": "application/json"}
    return zones().of(Request(operation.method, path, announced, body), path)[1]


def _text(fault: Fault, place: Place, value: Json) -> str | None:
    text = fault.text(value)
    if fault.again is None:
        return text
    return f"{text}, {written(fault.beside or place[-1])}: {written(fault.again(value))}"


def _places(value: Json, place: Place = ()) -> Iterator[Place]:
    match value:
        case dict():
            for name in value:
                yield (*place, name)
                yield from _places(value[name], (*place, name))
        case [first, *_]:
            yield from _places(first, (*place, 0))


def _spoilt(valid: Mapping[str, Json], place: Place, text: str | None) -> bytes:
    body = copy.deepcopy(dict(valid))
    holder = found(body, place[:-1])
    if text is None:
        del holder[place[-1]]
    else:
        holder[place[-1]] = _MARK
    return json.dumps(body, ensure_ascii=False).replace(f'"{_MARK}"', text or "").encode()


def _bounds(form: Form, place: Place) -> Bounds:
    """The documented limits of the value at a place of a body."""
    document = specification()
    taken = document.operation(form.operation).definition["requestBody"]
    schema = taken["content"]["application/json"]["schema"]
    for name in place:
        schema = document.resolved(schema)
        schema = schema["items"] if isinstance(name, int) else schema["properties"][name]
    schema = document.resolved(schema)
    ends = (
        ("minLength", "maxLength"),
        ("minimum", "maximum"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    )
    pairs = [(schema.get(least), schema.get(most)) for least, most in ends]
    least, most = next((pair for pair in pairs if pair != (None, None)), (None, None))
    choices = tuple(each for each in schema.get("enum", ()) if isinstance(each, str))
    return Bounds(least, most, choices)
