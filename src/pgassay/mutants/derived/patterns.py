"""Rule 2: each pattern is looser and tighter.

Looser patterns let a line end in behind, anything before or behind, or one more character, unless a
reading of the documents allows any; tighter ones refuse one character that every reading allows.
"""

import re
import string
from collections.abc import Iterator
from typing import Any, Final

from pgassay.mutants.derived.behaviours import legal_values, mutant, rules, spoken
from pgassay.mutants.derived.values import Place
from pgassay.mutants.mutant import Mutant
from pgassay.reference.behaviour import ANYTHING

NAME: Final = "pattern"

_LOOSER: Final = {
    "end-open": ("has anything behind what it may be", r"(?s:(?:{}).*)"),
    "start-open": ("has anything before what it may be", r"(?s:.*(?:{}))"),
    "newline-behind": ("has a newline behind it", r"(?:{})\n?"),
}
_NAMES: Final = {" ": "space", "-": "hyphen", "_": "underscore", ".": "dot", "$": "dollar sign"}
#: Characters that one mutant each refuses, if a text may hold them.
_REFUSED: Final = {**_NAMES, "7": "digit 7", "Q": "capital Q"}


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for place, value in rules():
        if place[-1] == "pattern":
            yield from _looser(place, value)
            yield from _tighter(place, value)
        elif place[-1] == "classes":
            yield from _classes(place, value)


def _looser(place: Place, pattern: str) -> Iterator[Mutant]:
    if ANYTHING in legal_values(place):
        return
    for change, (what, looser) in _LOOSER.items():
        sentence = f"The {spoken(place[:-1])} is accepted when it {what}."
        yield from mutant(NAME, place, change, sentence, {place: looser.format(pattern)})
    for character in _refused_by_all(place):
        looser = f"(?:{pattern}|.*{re.escape(character)}.*)"
        sentence = f"The {spoken(place[:-1])} is accepted with the character {character} in it."
        change = f"with {ord(character):x}"
        yield from mutant(NAME, place, change, sentence, {place: looser})


def _tighter(place: Place, pattern: str) -> Iterator[Mutant]:
    for character, named in _REFUSED.items():
        if all(_inside(each, character) for each in legal_values(place)):
            tighter = f"(?!.*{re.escape(character)}){pattern}"
            sentence = f"The {spoken(place[:-1])} is refused when it has a {named}."
            yield from mutant(NAME, place, f"without {named}", sentence, {place: tighter})


def _refused_by_all(place: Place) -> Iterator[str]:
    """Yield the first ASCII character of those that no reading allows inside a text."""
    patterns = legal_values(place)
    for character in string.punctuation:
        if not any(_inside(pattern, character) for pattern in patterns):
            yield character
            return


def _inside(pattern: str, character: str) -> bool:
    return re.fullmatch(pattern, f"a{character}a") is not None


def _classes(place: Place, classes: tuple[Any, ...]) -> Iterator[Mutant]:
    for index, each in enumerate(classes):
        fewer = classes[:index] + classes[index + 1 :]
        sentence = f"The {spoken(place[:-1])} is accepted without a character of {each}."
        yield from mutant(NAME, place, f"without class {index + 1}", sentence, {place: fewer})
    sentence = f"The {spoken(place[:-1])} is refused without a punctuation character."
    yield from mutant(NAME, place, "and punctuation", sentence, {place: (*classes, "[!-/]")})
