"""Requests as bytes: the form that any client gives them, and those of one's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Self, TypeAlias
from urllib.parse import SplitResult

from pgassay.exchange import Request

#: Answers are examined as they come, so no coding is asked for.
_DEFAULTS: Final = {"User-Agent": "pgassay", "Accept": "*/*", "Accept-Encoding": "identity"}


class Step(Enum):
    """What a form does between the bytes that it sends."""

    #: Wait for an answer; a final one makes an end of sending.
    LISTEN = "listen"
    #: Close the connection without waiting for an answer: the end of a conversation.
    HANG_UP = "hang up"


@dataclass(frozen=True, slots=True)
class Plain:
    """A request as any client writes it, for a form to change.

    `line` is the request line and `fields` are the field lines, without their ends; `origin` is
    scheme and authority of the server.
    """

    line: bytes
    fields: tuple[bytes, ...]
    body: bytes
    origin: bytes

    @classmethod
    def of(cls, request: Request, base: SplitResult, path: str) -> Self:
        """Write a request, whose headers are complete but for those that frame the body."""
        host, body = base.netloc.encode(), request.body
        fields = [b"Host: " + host]
        fields += [f"{name}: {value}".encode() for name, value in request.headers.items()]
        if body is not None:
            fields.append(b"Content-Length: %d" % len(body))
        target = (base.path.rstrip("/") + path).encode()
        line = b" ".join([request.method.encode(), target, b"HTTP/1.1"])
        return cls(line, tuple(fields), body or b"", base.scheme.encode() + b"://" + host)

    @property
    def head(self) -> bytes:
        """Request line and fields with their ends, and the empty line behind them."""
        return b"\r\n".join([self.line, *self.fields, b"", b""])

    def adding(self, *fields: bytes) -> Self:
        """Return the request with further field lines."""
        return replace(self, fields=self.fields + fields)

    def without(self, name: bytes) -> Self:
        """Return the request without the lines of a field."""
        start = name.lower() + b":"
        kept = tuple(line for line in self.fields if not line.lower().startswith(start))
        return replace(self, fields=kept)


Form: TypeAlias = Callable[[Plain], Iterable[bytes | Step]]


def plain(request: Plain) -> tuple[bytes, ...]:
    """The form that changes nothing."""
    return (request.head + request.body,)


@dataclass(frozen=True, slots=True)
class Message:
    """A request and the form in which it is sent."""

    request: Request
    form: Form = plain

    def written(
        self, headers: Mapping[str, str], base: SplitResult, path: str
    ) -> tuple[Request, tuple[bytes | Step, ...]]:
        """Return the request with all of its headers, and the pieces in which it is sent.

        `path` is the request's path as the target serves it.
        """
        complete = replace(self.request, headers=_DEFAULTS | dict(headers))
        pieces = tuple(self.form(Plain.of(complete, base, path)))
        if self.form is plain:
            return complete, pieces
        raw = b"".join(piece for piece in pieces if isinstance(piece, bytes))
        return replace(complete, raw=raw), pieces
