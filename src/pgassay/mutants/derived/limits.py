"""Rule 1: each limit is one step off, both ways.

A limit that no value is beyond makes no fault: no text has less than no characters, an empty one is
refused by a pattern too, and no request has a number that does not fit a machine word. So no mutant
is derived from these.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pgassay.mutants.derived.behaviours import mutant, rules, spoken
from pgassay.mutants.derived.values import Place
from pgassay.mutants.mutant import Mutant
from pgassay.reference.clickhouse.parameters import Parameter
from pgassay.reference.clickhouse.rules import PasswordRules, ScalingRules, StepRule, TextRule
from pgassay.reference.dbaas import rules as dbaas

NAME: Final = "limit"

#: Members of rules that are limits, and what a request that breaks one has.
_LIMITS: Final = {
    "minimum": "too little",
    "low": "too little",
    "shortest": "too little",
    "maximum": "too much",
    "high": "too much",
    "longest": "too much",
    "pooler_maximum": "too much",
    "points": "too much",
}
#: Rules about how many characters a text has: there the least limit of all is 0.
_LENGTHS: Final = (TextRule, PasswordRules, dbaas.TextRule, dbaas.IdentifierRule)
_WORD: Final = 2**31 - 1


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    known = dict(rules())
    for place, value in known.items():
        owner = known.get(place[:-1])
        if place[-1] in _LIMITS and not isinstance(owner, StepRule) and _documented(owner, place):
            for step in (-1, 1):
                if not _pointless(owner, place, value + step):
                    yield from _moved(place, step, {place: value + step})
        elif isinstance(value, ScalingRules):
            yield from _paired(place, value)


def _documented(owner: Any, place: Place) -> bool:
    """Tell whether a document has the limit; of parameters it has the least value of numbers."""
    if isinstance(owner, Parameter):
        return place[-1] == "minimum" and owner.kind != "enum"
    return True


def _pointless(owner: Any, place: Place, limit: int) -> bool:
    """Tell whether no request can show the limit."""
    if limit == 0 and isinstance(owner, TextRule) and place[-1] == "minimum":
        return re.fullmatch(owner.pattern, "") is None
    return limit > _WORD or (limit < 0 and isinstance(owner, _LENGTHS))


def _paired(place: Place, rule: ScalingRules) -> Iterator[Mutant]:
    """Move the limits of two numbers together: each request for one has to fit the other's."""
    pairs = {(*place, "cpu"): rule.cpu, (*place, "memory"): rule.memory}
    for limit in ("minimum", "maximum"):
        for steps in (-1, 1):
            yield from _moved(
                (*place, limit),
                steps,
                {(*at, limit): getattr(one, limit) + steps * one.step for at, one in pairs.items()},
            )
    halved = {(*at, "step"): one.step // 2 for at, one in pairs.items()}
    doubled = {(*at, "step"): one.step * 2 for at, one in pairs.items()}
    for change, values in (("halved", halved), ("doubled", doubled)):
        sentence = f"The step of {spoken(place)} is {change}."
        yield from mutant(NAME, (*place, "step"), change, sentence, values)


def _moved(place: Place, steps: int, values: Mapping[Place, int]) -> Iterator[Mutant]:
    change, direction = ("plus 1", "higher") if steps > 0 else ("minus 1", "lower")
    sentence = f"The limit {spoken(place)} is one step {direction}: {_effect(place, steps)}."
    yield from mutant(NAME, place, change, sentence, values)


def _effect(place: Place, steps: int) -> str:
    beyond = _LIMITS[place[-1]]
    widened = (beyond == "too much") == (steps > 0)
    return f"{beyond} is accepted" if widened else "enough is refused"
