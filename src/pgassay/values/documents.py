"""Request bodies that are no JSON objects, or more than a server should take.

Sources: RFC 8259, sections 2 and 4; RFC 9110, 15.5.1 and 15.5.14.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from pgassay.exchange import Json

MEBIBYTE: Final = 1024 * 1024

#: How to spoil the text of a JSON object; what lenient parsers forgive is among them.
NOT_JSON: Final[Mapping[str, Callable[[bytes], bytes]]] = {
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
NOT_AN_OBJECT: Final[Mapping[str, Json]] = {
    "array": [],
    "array-of-object": [{}],
    "text": "x",
    "number": 7,
    "true": True,
    "null": None,
}


def as_json(value: Json) -> bytes:
    """The JSON text of a value."""
    return json.dumps(value).encode()


def with_large_description(body: bytes) -> bytes:
    """The JSON object `body` with a description of a mebibyte."""
    return _with(body, b'"' + b"large " * (MEBIBYTE // 6) + b'"')


def with_deep_description(body: bytes, depth: int = 1000) -> bytes:
    """The JSON object `body` with arrays nested `depth` levels deep as its description."""
    return _with(body, b"[" * depth + b"]" * depth)


def _with(body: bytes, description: bytes) -> bytes:
    members = {name: value for name, value in json.loads(body).items() if name != "description"}
    return as_json(members)[:-1] + b', "description": ' + description + b"}"
