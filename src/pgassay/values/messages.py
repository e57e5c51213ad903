"""Requests in forms that no usual client gives them: odd and legal ones, and broken ones.

Sources: RFC 9112 (HTTP/1.1), RFC 9110 (HTTP semantics).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from pgassay.wire import Form, Plain, Step

KIBIBYTE: Final = 1024


def verbatim(request: Plain) -> list[bytes]:
    """The usual form, which the journal keeps byte by byte."""
    return [request.head + request.body]


def adding(*fields: bytes) -> Form:
    """The request with further field lines."""
    return lambda request: [request.adding(*fields).head + request.body]


def instead(name: bytes, *fields: bytes) -> Callable[[Plain], list[bytes]]:
    """The request with other lines in the place of a field."""
    return lambda request: [request.without(name).adding(*fields).head + request.body]


def line(change: Callable[[Plain], bytes]) -> Form:
    """The request with another request line."""
    return lambda request: [replace(request, line=change(request)).head + request.body]


def chunked(size: int, *, extension: bytes = b"", trailer: bytes = b"") -> Form:
    """The body in chunks of `size` bytes (RFC 9112, section 7.1)."""

    def form(request: Plain) -> Iterable[bytes]:
        yield request.without(b"Content-Length").adding(b"Transfer-Encoding: chunked").head
        for start in range(0, len(request.body), size):
            part = request.body[start : start + size]
            yield b"%x%s\r\n%s\r\n" % (len(part), extension, part)
        yield b"0\r\n" + trailer + b"\r\n"

    return form


CHUNKED: Final[Mapping[str, Form]] = {
    "one-chunk": chunked(KIBIBYTE * KIBIBYTE),
    "a-byte-each": chunked(1),
    "extensions": chunked(16, extension=b';name="value";flag'),
    "trailer": chunked(64, trailer=b"X-Checksum: none\r\n"),
}


def waiting(request: Plain) -> list[bytes | Step]:
    """The head with an expectation, and the body once an answer has come."""
    return [request.adding(b"Expect: 100-continue").head, Step.LISTEN, request.body]


def impatient(request: Plain) -> list[bytes]:
    """The head with an expectation, and the body at once, as clients may."""
    return [request.adding(b"Expect: 100-continue").head, request.body]


def dripping(request: Plain) -> list[bytes]:
    """The body byte by byte."""
    return [request.head, *(bytes([byte]) for byte in request.body)]


def cut(request: Plain) -> list[bytes | Step]:
    """A body that lacks its end, which is blank: only who counts misses anything."""
    [whole] = _lengths(b"%d" % (len(request.body) + 16))(request)
    return [whole, Step.HANG_UP]


def _lengths(*values: bytes) -> Callable[[Plain], list[bytes]]:
    return instead(b"Content-Length", *(b"Content-Length: " + value for value in values))


def _both(request: Plain) -> Iterable[bytes]:
    """Two ways to frame one body: read by its length, it hides another request."""
    body = b"0\r\n\r\n"
    fields = (b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    yield request.without(b"Content-Length").adding(*fields).head + body


#: Bodies whose end receivers would see in different places (RFC 9112, sections 6.1 and 6.3).
AMBIGUOUS: Final[Mapping[str, Form]] = {
    "length-and-chunks": _both,
    "two-lengths": lambda request: _lengths(b"%d" % len(request.body), b"7")(request),
    "list-of-lengths": lambda request: _lengths(b"%d, 7" % len(request.body))(request),
    "signed-length": lambda request: _lengths(b"+%d" % len(request.body))(request),
    "negative-length": _lengths(b"-1"),
    "length-in-words": _lengths(b"ten"),
    "endless-length": _lengths(b"9" * 40),
}

#: Requests whose host is not told, or told twice (RFC 9112, section 3.2).
HOSTS: Final[Mapping[str, Form]] = {
    "none": instead(b"Host"),
    "two": adding(b"Host: other.example"),
    "no-name": instead(b"Host", b"Host: not a host"),
}

#: Field lines that must be refused (RFC 9112, section 5.1; RFC 9110, section 5.5).
BROKEN_FIELDS: Final[Mapping[str, Form]] = {
    "space-before-colon": adding(b"X-Pgassay : 1"),
    "no-colon": adding(b"X-Pgassay"),
    "no-name": adding(b": 1"),
    "nul": adding(b"X-Pgassay: a\x00b"),
}

#: What a server may refuse or forgive (RFC 9112, sections 2.2, 5.2 and 6.3).
FORGIVABLE: Final[Mapping[str, Form]] = {
    "bare-line-feeds": lambda request: [request.head.replace(b"\r\n", b"\n")],
    "folded-field": adding(b"X-Pgassay: one\r\n two"),
    "empty-line-first": lambda request: [b"\r\n" + request.head],
    "octets-above-127": adding(b"X-Pgassay: \xff\xfe"),
    "empty-field": adding(b"X-Pgassay:"),
}


def _of(size: int) -> Form:
    return adding(b"X-Pgassay: " + b"x" * size)


#: Heads that are longer than usual (RFC 9110, section 5.4; RFC 6585, section 5).
LONG_HEADS: Final[Mapping[str, Form]] = {
    "8-kibibytes": _of(8 * KIBIBYTE),
    "100-kibibytes": _of(100 * KIBIBYTE),
    "a-mebibyte": _of(KIBIBYTE * KIBIBYTE),
    "200-fields": adding(*(b"X-Pgassay-%d: 1" % number for number in range(200))),
}

ABSOLUTE: Final = line(
    lambda request: b" ".join(
        [
            request.line.split()[0],
            request.origin + request.line.split()[1],
            request.line.split()[2],
        ]
    )
)
OLD: Final = line(lambda request: request.line.replace(b"HTTP/1.1", b"HTTP/1.0"))
