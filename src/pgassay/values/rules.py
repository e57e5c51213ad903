"""Which requirement a fault in a body breaks, by its place and its kind."""

from collections.abc import Mapping
from typing import Final

import pytest
from _pytest.mark import ParameterSet

from pgassay.check import judging
from pgassay.values.faults import SYNTAX, Bounds, faults_of
from pgassay.values.trials import Form, Place, found, where

#: The requirement of each rule. A key is a place, alone or with a kind of fault, such as `name` and
#: `name length`; `tags.*` stands for all places in `tags`, the empty key for all others, and
#: `accepted` for what the empty key would otherwise be blamed for refusing. Keys of aspects are
#: explained at `about`.
Rules = Mapping[str, str]

#: Judged of every body.
ANSWERED: Final = "HTTP-ANSWERED"
_BROKEN_JSON: Final = "HTTP-JSON-SYNTAX"
#: Limits by which a value can have every kind of fault.
_SOME: Final = (Bounds(2, 2), Bounds(choices=("some",)))


def broken_by(rules: Rules, place: Place, kind: str) -> str:
    """The requirement that a fault of some kind at a place breaks."""
    if kind == SYNTAX:
        return _BROKEN_JSON
    here, around = where(place), f"{where(place[:-1])}.*"
    keys = (f"{here} {kind}", here, f"{around} {kind}", around)
    return next((rules[key] for key in keys if key in rules), rules[""])


def accepted_by(rules: Rules, place: Place, kind: str) -> str:
    """The requirement by which a value of some kind at a place must be accepted."""
    rule = broken_by(rules, place, kind)
    return rules.get("accepted", rule) if rule == rules[""] else rule


def about(rules: Rules, aspect: str, member: str) -> str:
    """The requirement on an aspect of all values, where it is not one on a member alone.

    `untouched` is about refused requests, `kept` about values that must be accepted, `altered`
    about those that may be; empty where a form has no such requirement.
    """
    return rules.get(f"{member} {aspect}", rules.get(aspect, ""))


def cases_of(form: Form, rules: Rules) -> list[ParameterSet]:
    """A case for each place of a form, bound to the requirements that are judged there."""
    return [
        pytest.param(place, id=where(place), marks=judging(*judged_at(rules, form, place)))
        for place in form.places
    ]


def judged_at(rules: Rules, form: Form, place: Place) -> tuple[str, ...]:
    """The requirements that are judged at a place of a form."""
    valid = found(form.sample, place)
    kinds = [fault.kind for bounds in _SOME for fault in faults_of(valid, bounds)]
    aspects = ("untouched", "kept", "altered") if place[0] in form.open else ("untouched",)
    judged = [broken_by(rules, place, kind) for kind in kinds]
    if place[0] in form.open:
        judged += [accepted_by(rules, place, kind) for kind in kinds]
    judged += [about(rules, aspect, str(place[0])) for aspect in aspects]
    return tuple(dict.fromkeys([*filter(None, judged), ANSWERED]))
