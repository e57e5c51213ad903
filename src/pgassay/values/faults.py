"""What can be wrong with one value of a JSON body, whatever the rule of its member is.

A fault says how a valid value is spoilt. Whether the result has to be refused is not known here:
the OpenAPI document tells, see `pgassay.values.trials`. Sources of what parsers take differently:
RFC 8259, sections 6 to 8; Unicode Standard, sections 3.11 and 5.18.
"""

import json
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pgassay.exchange import Json
from pgassay.values.tags import tags

#: The kind of faults after which a body is no JSON.
SYNTAX: Final = "syntax"
#: Kinds of which every fault is about another value or character: none stands for the others.
CHOICE: Final = "choice"
CHARACTER: Final = "character"


class Raw(str):
    """JSON text that is sent as it is, or text that only resembles JSON."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to spoil a value: its label, the kind of rule it is about, and how it is done.

    `spoil` returns the value to send, text as `Raw`, or `...` to leave the member out. `stand_in`
    is judged in its place where no schema can judge the value itself. `again` is the value of a
    second member after this one: of `beside`, or of the same name.
    """

    label: str
    kind: str
    spoil: Callable[[Any], Json]
    stand_in: Json = None
    again: Callable[[Any], Json] | None = None
    beside: str = ""

    @property
    def twice(self) -> bool:
        """Tell whether the member is named twice."""
        return self.again is not None and not self.beside

    def text(self, valid: Json) -> str | None:
        """The JSON text to send in place of a valid value; None to leave the member out."""
        return written(self.spoil(valid))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The documented limits of a value: of a number itself, of the length of a text, array or map.

    `choices` are all texts that there are to choose from; empty means any.
    """

    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()


def written(value: Json) -> str | None:
    """The JSON text of a value or of `Raw` text; None for `...`."""
    if value is ...:
        return None
    return str(value) if isinstance(value, Raw) else json.dumps(value, ensure_ascii=False)


def faults_of(valid: Json, bounds: Bounds) -> Iterator[Fault]:
    """Yield the faults that a valid value of this JSON type can have, at its limits as well."""
    yield from _OF_ANY
    match valid:
        case str():
            yield from (*_OF_TEXT, *_OF_SCALARS, *_lengths(bounds))
            yield from _choices(bounds.choices) if bounds.choices else _CHARACTERS
            if valid.isdecimal():
                yield Fault("without-quotes", "notation", int)
        case int() | float():
            yield from (*_OF_NUMBERS, *_OF_SCALARS, *_sizes(bounds))
        case list():
            yield from (*_OF_ARRAYS, *_counts(bounds))
        case dict():
            yield from (*_OF_MAPS, *_members(bounds))


def _all(kind: str, spoilers: Mapping[str, Callable[[Any], Json]]) -> tuple[Fault, ...]:
    return tuple(Fault(label, kind, spoil) for label, spoil in spoilers.items())


def _fixed(kind: str, values: Mapping[str, Json]) -> tuple[Fault, ...]:
    return tuple(Fault(label, kind, _always(value)) for label, value in values.items())


def _always(value: Json) -> Callable[[Any], Json]:
    return lambda _: value


def _inside(outsider: str) -> Callable[[str], str]:
    return lambda text: text[: len(text) // 2] + outsider + text[len(text) // 2 :]


def _after(outsider: str) -> Callable[[str], str]:
    return lambda text: text + outsider


def _before(outsider: str) -> Callable[[str], str]:
    return lambda text: outsider + text


def _step(value: Json) -> Json:
    return "x" if isinstance(value, str) else 1


def _unpaired(escape: str) -> Callable[[str], Raw]:
    return lambda text: Raw(json.dumps(text)[:-1] + escape + '"')


_OF_ANY: Final = (
    *_fixed("missing", {"missing": ...}),
    *_fixed("type", {"null": None, "true": True}),
    *_all("type", {"array-of-it": lambda value: [value], "object-of-it": lambda v: {"value": v}}),
    *_fixed(
        SYNTAX,
        {
            "not-a-number": Raw("NaN"),
            "infinity": Raw("-Infinity"),
            "undefined": Raw("undefined"),
            "nothing": Raw(""),
        },
    ),
)
_OF_SCALARS: Final = (
    Fault("twice", "twice", lambda value: value, again=lambda value: value + _step(value)),
    Fault("twice-null-last", "twice", lambda value: value, again=lambda _: None),
    Fault(
        "unknown-beside",
        "unknown",
        lambda value: value,
        again=lambda _: "pgassay",
        beside="no_such_member",
    ),
)
_OF_TEXT: Final = (
    *_fixed("type", {"false": False}),
    *_fixed("notation", {"integer": 7, "number": 1.5}),
    *_fixed("length", {"empty": ""}),
    *_all("length", {"long": lambda text: text + "x" * 70_000}),
    *_fixed("form", {"unknown": "no-such-value", "blank-only": " "}),
    *_all("first", {"blank-before": _before(" "), "byte-order-mark": _before("\ufeff")}),
    *_all(
        "form",
        {
            "upper-case": str.upper,
            "capitalised": str.capitalize,
            "cut": lambda text: text[:-1],
            "doubled": lambda text: text + text,
            "blank-after": _after(" "),
            "tab-after": _after("\t"),
            "newline-after": _after("\n"),
            "carriage-return-after": _after("\r\n"),
            "slash": _inside("/"),
            "quote": _inside('"'),
            "nul-inside": _inside("\x00"),
            "nul-after": _after("\x00"),
            "control": _inside("\x1f"),
            "delete": _inside("\x7f"),
            "zero-width": _inside("\u200b"),
            "line-separator-after": _after("\u2028"),
            "right-to-left": _after("\u202e\u05d0\u05d1"),
            "combining": _after("e\u0301"),
            "ligature": _after("\ufb01"),
            "wide-digit": _after("\uff11"),
            "cyrillic": _after("\u0430"),
            "emoji": _after("\U0001f418"),
            "noncharacter": _after("\uffff"),
        },
    ),
    Fault("lone-surrogate", "surrogate", _unpaired("\\ud800"), "\ufffd"),
    Fault("reversed-surrogates", "surrogate", _unpaired("\\udc18\\ud83d"), "\ufffd\ufffd"),
    # The same text in another notation: RFC 8259, section 7.
    Fault(
        "escaped",
        "form",
        lambda text: Raw('"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"'),
    ),
)
_CHARACTERS: Final = _all(
    CHARACTER,
    {f"with-{ord(each):02x}": _inside(each) for each in f"{string.punctuation} "},
)
_OF_NUMBERS: Final = (
    *_fixed("type", {"false": False}),
    *_fixed("notation", {"empty-text": ""}),
    *_all(
        "notation",
        {
            "number-as-text": str,
            "number-as-text-with-blank": lambda number: f"{number} ",
        },
    ),
    *_all(
        "fraction",
        {
            "fraction": lambda number: number + 0.5,
            "whole-fraction": float,
            "exponent": lambda number: Raw(f"{number}e0"),
        },
    ),
    *_all(
        "range",
        {
            "negative": lambda number: -number if number else -1,
            "beyond-32-bits": lambda number: 2**32 + number,
            "beyond-64-bits": lambda number: 2**64 + number,
            "huge": lambda number: 10**30 + number,
        },
    ),
    Fault("beyond-a-double", "range", lambda _: Raw("1e400"), 10**30),
    Fault("of-400-digits", "range", lambda _: Raw("9" * 400), 10**30),
    *_all(
        SYNTAX,
        {
            "leading-zero": lambda number: Raw(f"0{number}"),
            "plus-sign": lambda number: Raw(f"+{number}"),
            "trailing-point": lambda number: Raw(f"{number}."),
            "hexadecimal": lambda number: Raw(hex(int(number))),
        },
    ),
)
_OF_ARRAYS: Final = (
    *_fixed("type", {"integer": 7, "text": "stage=test", "of-null": [None], "of-text": ["stage"]}),
    *_all("type", {"its-object": lambda items: items[0], "of-arrays": lambda items: [items]}),
)
_OF_MAPS: Final = (
    *_fixed("type", {"integer": 7, "text": "work_mem=4MB", "array": []}),
    *_fixed("length", {"empty": {}}),
    *_all(
        "unknown",
        {
            "unknown-member": lambda members: {**members, "no_such_parameter": 1},
            "nameless-member": lambda members: {**members, "": 1},
        },
    ),
)


def _counts(bounds: Bounds) -> Iterator[Fault]:
    if bounds.most is not None:
        yield from _fixed("count", {"maximum+1": tags(bounds.most + 1)})


def _choices(choices: tuple[str, ...]) -> Iterator[Fault]:
    """Yield each choice in the other case, and the next of numbers."""
    for choice in choices:
        yield Fault(f"{choice}-in-other-case", CHOICE, _always(choice.swapcase()))
        if choice.isdecimal():
            yield Fault(f"{choice}+1", CHOICE, _always(str(int(choice) + 1)))


def _members(bounds: Bounds) -> Iterator[Fault]:
    if bounds.most is not None:
        names = [f"setting_{number}" for number in range(bounds.most + 1)]

        def crowd(members: Mapping[str, Json]) -> Json:
            return {**members, **dict.fromkeys(names[len(members) :], "1")}

        yield Fault("maximum+1", "count", crowd)


def _sizes(bounds: Bounds) -> Iterator[Fault]:
    if bounds.least is not None:
        yield from _fixed("range", {"minimum": bounds.least, "minimum-1": bounds.least - 1})
    if bounds.most is not None:
        yield from _fixed("range", {"maximum": bounds.most, "maximum+1": bounds.most + 1})


def _lengths(bounds: Bounds) -> Iterator[Fault]:
    for label, length in (("minimum-1", (bounds.least or 1) - 1), ("maximum", bounds.most)):
        if length:
            yield Fault(label, "length", _fitted(length))
    if bounds.most is not None:
        yield Fault("maximum+1", "length", _fitted(bounds.most + 1))


def _fitted(length: int) -> Callable[[str], str]:
    return lambda text: text[:length].ljust(length, "x")
