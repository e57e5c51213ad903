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
from pgassay.specification import Operation, Specification, specification
from pgassay.values.faults import SYNTAX, Bounds, Fault, faults_of, written
from pgassay.zone import Zone, Zones

#: Where a value stands in a body: names of members and numbers of items.
Place: TypeAlias = tuple[str | int, ...]

_SOME_ID: Final = "3b241101-e2bb-4255-8caf-4136c566a962"
# No text of a valid body holds it.
_MARK: Final = "\ue000"


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
        """A valid body with `member`; values in `fresh` are those of the target and the moment."""
        names = dict.fromkeys((*self.needed, member))
        return {name: fresh.get(name, self.sample[name]) for name in names}


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
        return _spoilt(valid, self.place, self.fault.text(found(valid, self.place)))

    def sent(self, valid: Mapping[str, Json]) -> Json:
        """The value that is sent at the place; `...` where none is."""
        text = self.fault.text(found(valid, self.place))
        return ... if text is None else json.loads(text)


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
    """The trials of a place, at most so many; what may be accepted is tried in open members."""
    document = specification()
    operation, zones = document.operation(form.operation), _zones()
    faults = tuple(_faults(document, operation, form, place))
    for fault in faults[:: -(-len(faults) // most)]:
        zone = _zone(zones, operation, form, place, fault)
        if zone is Zone.INVALID or place[0] in form.open:
            yield Trial(form, place, fault, zone)


@cache
def _zones() -> Zones:
    return Zones(specification())


def _faults(
    document: Specification, operation: Operation, form: Form, place: Place
) -> Iterator[Fault]:
    valid = found(form.sample, place)
    known = {written(valid)}
    for fault in faults_of(valid, bounds(document, operation, place)):
        text = fault.text(valid)
        if text not in known:
            known.add(text)
            yield fault


def _zone(zones: Zones, operation: Operation, form: Form, place: Place, fault: Fault) -> Zone:
    if fault.kind == SYNTAX:
        return Zone.INVALID
    valid, judged = form.valid(str(place[0]), {}), fault.stand_in
    if isinstance(judged, str):
        judged = found(valid, place) + judged
    text = fault.text(found(valid, place)) if judged is None else written(judged)
    path = re.sub(r"\{[^}]+\}", _SOME_ID, operation.template)
    announced = {"Content-Type": "application/json"}
    request = Request(operation.method, path, announced, _spoilt(valid, place, text))
    zone = zones.of(request, path)[1]
    return zone if judged is None or zone is Zone.INVALID else Zone.UNDECIDED


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


def bounds(document: Specification, operation: Operation, place: Place) -> Bounds:
    """The documented limits of the value at a place of an operation's body."""
    schema = operation.definition["requestBody"]["content"]["application/json"]["schema"]
    for name in place:
        schema = document.resolved(schema)
        schema = schema["items"] if isinstance(name, int) else schema["properties"][name]
    schema = document.resolved(schema)
    ends = [
        (schema.get(least), schema.get(most))
        for least, most in (("minLength", "maxLength"), ("minimum", "maximum"))
    ]
    return next((Bounds(*pair) for pair in ends if pair != (None, None)), Bounds())
