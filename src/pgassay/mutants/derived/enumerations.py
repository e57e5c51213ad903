"""Rule 3: each enumeration has one value too many, and one too few.

The value too many is one that somebody could take for a legal one: the next number, a legal one in
the other case, a prefix cut short. The value too few is each of a few, or the first of many.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pgassay.mutants.derived.behaviours import mutant, rules, spoken
from pgassay.mutants.derived.values import Place
from pgassay.mutants.mutant import Mutant

NAME: Final = "enumeration"

#: More values than these are not left out one by one.
_MANY: Final = 4
#: The patterns of a password are no values that somebody sends: another rule is about them.
_OTHERS: Final = "classes"


def derive() -> Iterator[Mutant]:
    """Yield the mutants: of rules that list texts, or have something to say about each of some."""
    for place, values in rules():
        if place[-1] == _OTHERS or not values:
            continue
        if isinstance(values, Mapping) or (
            isinstance(values, tuple) and isinstance(values[0], str)
        ):
            yield from _grown(place, values)
            yield from _shrunk(place, values)


def _grown(place: Place, values: Any) -> Iterator[Mutant]:
    unknown = _unknown(place, list(values))
    sentence = f"The {spoken(place)} have a value too many: {unknown}."
    yield from mutant(
        NAME, place, f"with {_word(unknown)}", sentence, {place: _and(values, unknown)}
    )


def _shrunk(place: Place, values: Any) -> Iterator[Mutant]:
    known = list(values)
    for value in known if len(known) <= _MANY else known[:1]:
        sentence = f"The {spoken(place)} have a value too few: {value}."
        fewer = _but(values, value)
        yield from mutant(NAME, place, f"without {_word(value)}", sentence, {place: fewer})


def _and(values: Any, unknown: str) -> Any:
    if isinstance(values, Mapping):
        return {**values, unknown: next(iter(values.values()))}
    return (*values, unknown)


def _but(values: Any, value: str) -> Any:
    if isinstance(values, Mapping):
        return {name: each for name, each in values.items() if name != value}
    return tuple(each for each in values if each != value)


def _unknown(place: Place, values: list[str]) -> str:
    """Return a value that is not among the values, but looks as if it could be."""
    if place[-1] == "reserved_prefixes":
        return values[0][:-1]
    last = values[-1]
    if last.lstrip("-").isdigit():
        return str(int(last) + (1 if int(last) > 0 else -1))
    return values[0].swapcase()


def _word(value: str) -> str:
    """Write a value so that a name that holds it says whether it is in capitals, or negative."""
    if value.startswith("-"):
        return f"minus {value[1:]}"
    return f"capital {value}" if value.isupper() else value
