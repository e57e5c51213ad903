"""Make text from a target fit to be shown: legible, laid out and bounded.

A target may answer anything. What it sends must not steer a terminal, break a document or fill a
page, and what is left out is always said.
"""

import json
from difflib import SequenceMatcher
from typing import Final

from pgassay.exchange import Json

#: The longest body that is parsed in order to lay it out, in characters.
_LONGEST_PARSED: Final = 200_000
#: Texts less alike than this are shown without marking what differs (0 to 1).
_ALIKE: Final = 0.55
_LONGEST_COMPARED: Final = 400


def legible(text: str) -> str:
    """Return `text` with everything invisible but newlines and tabs written as an escape.

    What is left is valid in XML 1.0 and HTML, encodes as UTF-8 and cannot steer a terminal.
    """
    if text.isprintable():
        return text
    return "".join(map(_legible_character, text))


def _legible_character(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def excerpt(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, and how many follow."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… [{len(text) - limit:,} more characters are not shown]"


def line(text: str, limit: int = 300) -> str:
    """Return the legible beginning of `text` on a single line."""
    return excerpt(" ".join(legible(text).split()), limit)


def pretty(body: str, limit: int = 6000) -> str:
    """Return a body laid out for reading (JSON with indentation), at most `limit` characters."""
    return excerpt(_laid_out(body), limit)


def _laid_out(body: str) -> str:
    if len(body) > _LONGEST_PARSED or not body.lstrip().startswith(("{", "[")):
        return body
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


def differences(expected: str, actual: str) -> list[tuple[str, bool]]:
    """Cut `actual` into pieces and tell which of them `expected` does not have.

    Texts that have little in common come back whole and unmarked: marking all would say nothing.
    """
    if max(len(expected), len(actual)) > _LONGEST_COMPARED or expected == actual:
        return [(actual, False)]
    matcher = SequenceMatcher(None, expected, actual, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [(actual, False)]
    return [
        (actual[start:end], operation != "equal")
        for operation, _, _, start, end in matcher.get_opcodes()
        if end > start
    ]


def storable(value: Json) -> Json:
    """Return a JSON value whose texts all encode as UTF-8: lone surrogates become escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {storable(name): storable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value
