"""Text beside what a rule allows, and JSON values that are no text."""

from typing import Final

from pgassay.exchange import Json

#: JSON values of every type but string, by a name for reports.
NOT_TEXT: Final[dict[str, Json]] = {
    "null": None,
    "true": True,
    "integer": 7,
    "number": 1.5,
    "array": [],
    "object": {},
}

#: Characters that no list of letters, digits, dots, underscores and hyphens contains.
OUTSIDERS: Final[dict[str, str]] = {
    "blank": " ",
    "slash": "/",
    "colon": ":",
    "newline": "\n",
    "nul": "\x00",
    "umlaut": "ä",
    "cyrillic-a": "\u0430",
    "wide-digit": "\uff11",
    "emoji": "\U0001f418",
}


def intrusions(word: str, outsider: str) -> tuple[str, str, str]:
    """`word` with `outsider` before it, inside it and after it."""
    half = len(word) // 2
    return outsider + word, word[:half] + outsider + word[half:], word + outsider


def as_other_types(number: int) -> dict[str, Json]:
    """A number's value dressed as every JSON type that is no number, by name."""
    return {
        "string": str(number),
        "true": True,
        "null": None,
        "array": [number],
        "object": {"value": number},
    }
