"""One change in the evidence of a check: which answer, what about it, and what it is then."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pgassay.exchange import Json
from pgassay.falsification.disclosure import CREDENTIAL
from pgassay.falsification.edit import Kind, Place, edited
from pgassay.falsification.record import Recorded

__all__ = ["AUTHORIZATION", "Change", "Kind", "Past", "Place", "fished_for", "holds_number"]

#: As the client writes it.
AUTHORIZATION: Final = "Authorization"


@dataclass(frozen=True, slots=True)
class Past:
    """What came before an exchange, and may come up again in its answer.

    `answers` are earlier ones of the same operation, answered otherwise; `secret` is the marker of
    the secret that was sent last. `others` are the latest successes of other operations, by their
    ids.
    """

    answers: tuple[Recorded, ...] = ()
    secret: str = ""
    others: Mapping[str, Recorded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the answer that was recorded under `sequence`; `place` is empty for the whole."""

    sequence: int
    kind: Kind
    place: Place = ()

    @property
    def where(self) -> str:
        """The place for people: a header's name, a JSON Pointer, a line."""
        if self.kind is Kind.HEADER:
            return str(self.place[0])
        if self.kind in {Kind.ANOTHER, Kind.STALE}:
            return str(self.place[0])
        if self.kind in {Kind.LINE_REMOVED, Kind.LINE_NUMBER}:
            return f"line {self.place[0]}"
        return "".join(f"/{part}" for part in self.place)

    def applied(self, recorded: Recorded, past: Past) -> Recorded:
        """Return the changed answer."""
        if self.kind in _WHOLE:
            return replace(recorded, **_WHOLE[self.kind](recorded, past))
        if self.kind is Kind.ANOTHER:
            return replace(recorded, **_said(past.others[str(self.place[0])]))
        if self.kind is Kind.STALE:
            earlier = {each.sequence: each for each in past.answers}
            return replace(recorded, **_said(earlier[int(self.place[0])]))
        if self.kind is Kind.HEADER:
            kept = {k: v for k, v in recorded.answer_headers.items() if k != self.place[0]}
            return replace(recorded, answer_headers=kept)
        if self.kind in _LINES:
            return replace(recorded, answer=_LINES[self.kind](recorded.answer, int(self.place[0])))
        return replace(recorded, answer=edited(recorded.answer, self.kind, self.place))


def fished_for(recorded: Recorded) -> dict[str, str]:
    """Return what a request wants to find in the head of its answer, and must not.

    That are headers behind a line break in its path or body, and leave for a foreign site to send
    a browser's credentials (Fetch standard, section 3.2).
    """
    found = {
        name.lower(): value
        for name, value in _INJECTED.findall(f"{recorded.path} {recorded.body or ''}")
    }
    origin = recorded.headers.get("Origin")
    if origin:
        found["access-control-allow-origin"] = origin
        found["access-control-allow-credentials"] = "true"
    return found


def holds_number(line: str) -> bool:
    """Tell whether a line of text holds a number that can be changed."""
    return _NUMBER.search(line) is not None


_WHOLE: Final[Mapping[Kind, Callable[[Recorded, Past], dict[str, Json]]]] = {
    Kind.OTHER_SUCCESS: lambda each, _: {"status": 202 if each.status in {200, 204} else 200},
    Kind.SUCCESS: lambda each, _: {"status": 200},
    Kind.OTHER_REFUSAL: lambda each, _: {"status": 409 if each.status != 409 else 404},
    Kind.REFUSAL: lambda each, _: {"status": 404},
    Kind.CRASH: lambda each, _: {"status": 500},
    Kind.EMPTY: lambda each, _: {"answer": ""},
    Kind.SLOW: lambda each, _: {"duration": each.duration + 3600.0},
    Kind.GRANTED: lambda each, _: _granted(each),
    Kind.LEAK: lambda each, past: {"answer": _with_secret(each.answer, past.secret)},
    Kind.ECHO: lambda each, _: {"answer": _with_secret(each.answer, each.headers[AUTHORIZATION])},
    Kind.KEY: lambda each, _: {"answer": _with_secret(each.answer, CREDENTIAL)},
    Kind.LOST: lambda each, _: {"failure": "ReadTimeout: the answer was taken away"},
}
_INJECTED: Final = re.compile(r"(?:%0d%0a|\\r\\n)([\w-]+):(?: |%20)(\w+)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?<=[\s=\"])\d+(?:\.\d+)?(?=[\s\"]|$)")


def _said(other: Recorded) -> dict[str, Json]:
    names = ("status", "answer", "answer_headers")
    return {name: getattr(other, name) for name in names}


def _granted(recorded: Recorded) -> dict[str, Json]:
    return {"answer_headers": recorded.answer_headers | fished_for(recorded)}


def _with_secret(answer: str, secret: str) -> str:
    """Add a member that holds a secret, or a line where the answer is no JSON object."""
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return json.dumps({**body, "disclosed": secret}, ensure_ascii=False)
    return f"{answer}\n# {secret}\n"


def _without_line(text: str, line: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: line - 1] + lines[line:])


def _with_another_number(text: str, line: int) -> str:
    lines = text.splitlines(keepends=True)
    lines[line - 1] = _NUMBER.sub(lambda found: f"{found[0]}7", lines[line - 1], count=1)
    return "".join(lines)


_LINES: Final[Mapping[Kind, Callable[[str, int], str]]] = {
    Kind.LINE_REMOVED: _without_line,
    Kind.LINE_NUMBER: _with_another_number,
}
