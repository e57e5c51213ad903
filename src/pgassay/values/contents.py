"""Ways to write a body that are no JSON object in UTF-8, and bodies that ask too much of a parser.

Sources: RFC 8259, sections 2, 4, 8.1 and 9; RFC 9110, sections 8.3, 8.4, 15.5.1, 15.5.14, 15.5.16.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pgassay.exchange import Json

_MEBIBYTE: Final = 1024 * 1024
#: How a body is announced unless that is at fault.
ANNOUNCED: Final[Mapping[str, str]] = {"Content-Type": "application/json"}


#: How to spoil the text of a JSON object; what lenient parsers forgive is among them.
_NOT_JSON: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "empty": lambda body: b"",
    "cut": lambda body: body[:-1],
    "trailing-comma": lambda body: body[:-1] + b",}",
    "single-quotes": lambda body: body.replace(b'"', b"'"),
    "comment": lambda body: body[:-1] + b"/* x */}",
    "second-value": lambda body: body + b"{}",
    "text-before": lambda body: b"x" + body,
    "not-a-number": lambda body: body[:-1] + b', "x": 01}',
    "no-utf-8": lambda body: body[:-1] + b', "x": "\xff\xfe"}',
}

#: JSON values where an object is expected.
_NOT_AN_OBJECT: Final[Mapping[str, Json]] = {
    "array": [],
    "array-of-object": [{}],
    "text": "x",
    "number": 7,
    "true": True,
    "null": None,
}


@dataclass(frozen=True, slots=True)
class Content:
    """A body that must be refused: how it is made of a valid one, announced, and judged.

    Where what is at fault may be accepted, one member has a wrong value as well: whatever the
    server thinks of the writing, it has to read on and refuse the body.
    """

    label: str
    requirement: str
    write: Callable[[bytes], bytes] = bytes
    headers: Mapping[str, str] = field(default_factory=lambda: ANNOUNCED)
    wrong: bool = False

    def body(self, valid: Mapping[str, Json]) -> bytes:
        """The body in place of a valid one."""
        first = next(iter(valid))
        members = {**valid, first: [{}]} if self.wrong else valid
        return self.write(_json(members))


def _json(value: Json) -> bytes:
    return json.dumps(value).encode()


def _as(encoding: str) -> Callable[[bytes], bytes]:
    return lambda body: (body[:-1].decode() + ', "x": "\xe9"}').encode(encoding)


def _with(member: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    return lambda body: body[:-1] + b", " + member() + b"}"


def _deep(depth: int) -> bytes:
    return b'"x": ' + b"[" * depth + b"]" * depth


def _deep_objects(depth: int) -> bytes:
    return b'"x": ' + b'{"x": ' * depth + b"0" + b"}" * depth


def _many(count: int) -> bytes:
    return b", ".join(b'"x%d": 0' % number for number in range(count))


def _labelled(requirement: str, ways: Mapping[str, Callable[[bytes], bytes]]) -> Iterator[Content]:
    yield from (Content(label, requirement, way) for label, way in ways.items())


def _instead(text: bytes) -> Callable[[bytes], bytes]:
    return lambda _: text


#: Bodies that are no JSON objects in UTF-8, or are not announced as such.
FOREIGN: Final = (
    *_labelled("HTTP-JSON-SYNTAX", _NOT_JSON),
    *_labelled(
        "HTTP-JSON-SYNTAX",
        {
            "compressed-unannounced": gzip.compress,
            "nan": _with(lambda: b'"x": NaN'),
            "infinity": _with(lambda: b'"x": -Infinity'),
        },
    ),
    *_labelled(
        "HTTP-JSON-OBJECT",
        {name: _instead(_json(value)) for name, value in _NOT_AN_OBJECT.items()},
    ),
    *_labelled(
        "HTTP-JSON-ENCODING",
        {name: _as(name) for name in ("latin-1", "utf-16", "utf-16-le", "utf-32")},
    ),
    *(
        Content(f"as-{kind}", "HTTP-CONTENT-TYPE-REQUEST", headers={"Content-Type": media})
        for kind, media in {
            "text": "text/plain",
            "xml": "application/xml",
            "form": "application/x-www-form-urlencoded",
            "multipart": "multipart/form-data; boundary=x",
            "no-media-type": "json",
            "similar-type": "application/jsonp",
        }.items()
    ),
)


def _extreme(
    label: str, write: Callable[[bytes], bytes] = bytes, headers: Mapping[str, str] = ANNOUNCED
) -> Content:
    return Content(label, "HTTP-BODY-OVERSIZE", write, headers, wrong=True)


#: Bodies that are wrong anyway, in a writing that parsers stumble over.
EXTREME: Final = (
    _extreme("deep-arrays", _with(lambda: _deep(10_000))),
    _extreme("deep-objects", _with(lambda: _deep_objects(10_000))),
    _extreme("unclosed-arrays", lambda _: b"[" * 100_000),
    _extreme("many-members", _with(lambda: _many(5_000))),
    _extreme("many-digits", _with(lambda: b'"x": ' + b"9" * 100_000)),
    _extreme("long-name", _with(lambda: b'"' + b"x" * 100_000 + b'": 0')),
    _extreme("long-text", _with(lambda: b'"x": "' + b"x" * 100_000 + b'"')),
    _extreme("nul-bytes", lambda body: b"\x00" * 1000 + body),
    _extreme("byte-order-mark", lambda body: b"\xef\xbb\xbf" + body),
    _extreme("compressed", gzip.compress, {**ANNOUNCED, "Content-Encoding": "gzip"}),
    _extreme("no-gzip", headers={**ANNOUNCED, "Content-Encoding": "gzip"}),
    _extreme("unknown-coding", headers={**ANNOUNCED, "Content-Encoding": "x-none"}),
    _extreme("no-content-type", headers={}),
    _extreme("other-charset", headers={"Content-Type": "application/json; charset=utf-16"}),
    _extreme("broken-content-type", headers={"Content-Type": "application/json; charset="}),
)
#: Bodies that take a while to send and to write down.
HUGE: Final = (
    _extreme("mebibyte-of-blanks", lambda body: body + b" " * _MEBIBYTE),
    _extreme("hundred-thousand-members", _with(lambda: _many(100_000))),
    _extreme("ten-mebibytes", _with(lambda: b'"x": "' + b"x" * (10 * _MEBIBYTE) + b'"')),
)
