# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in how bodies are read before anything looks at their members."""

import gzip
import json
import re
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from pgassay.mutants.answer import Bending
from pgassay.mutants.mutant import Faults

FAULTS = Faults()

#: Brackets from which on a body counts as deep.
_DEEP = 1000


class Rewriting(Bending):
    """A middleware that hands on another body than was sent."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        """Return what the application gets instead of `body`."""
        return body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, and let the application read what `rewrite` makes of it."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        pieces, more = [], True
        while more:
            message = await receive()
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        body = self.rewrite(b"".join(pieces), dict(scope["headers"]))

        async def read() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await super().__call__(scope, read, send)


def _changed(body: bytes, change: Any) -> bytes:
    """Return a JSON body with every text in it changed; any other body as it is."""

    def walk(value: Any) -> Any:
        match value:
            case str():
                return change(value)
            case list():
                return [walk(item) for item in value]
            case dict():
                return {name: walk(item) for name, item in value.items()}
        return value

    try:
        return json.dumps(walk(json.loads(body))).encode()
    except (ValueError, RecursionError):
        return body


@FAULTS.bending("CH-SVC-TAGS-VALUE")
class NulEndsText(Rewriting):
    """Every text in a body ends at its first NUL."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        return _changed(body, lambda text: text.partition("\0")[0])


@FAULTS.bending("CH-CFG-ENUM")
class LastLineBreakDropped(Rewriting):
    """A line break at the end of a text is dropped."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        return _changed(body, lambda text: text.removesuffix("\n"))


@FAULTS.bending("DB-DB-NAME-CHARACTERS")
class InvisibleDropped(Rewriting):
    """Characters without a width are dropped from every text."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        return _changed(body, lambda text: re.sub("[\u200b\ufeff\x7f]", "", text))


@FAULTS.bending("DB-VALUE-KEPT")
class MemberTwiceJoined(Rewriting):
    """A text that is sent twice under one name is joined."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        try:
            return json.dumps(json.loads(body, object_pairs_hook=_joined)).encode()
        except (ValueError, RecursionError):
            return body


def _joined(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        both = isinstance(value, str) and isinstance(members.get(name), str)
        members[name] = members[name] + value if both else value
    return members


@FAULTS.bending("CH-VALUE-KEPT")
class SurrogatesReplaced(Rewriting):
    """Half a pair of surrogates becomes a replacement character."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        if b"\\ud800" not in body:
            return body
        return _changed(body, lambda text: text.replace("\ud800", "\ufb01"))


@FAULTS.bending("CH-STATUS-NO-5XX", shown_by=("CH-VALUE-KEPT",))
class SurrogateCrashes(Rewriting):
    """Half a pair of surrogates is a failure of the server."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        if b"\\ud800" in body:
            json.loads(body)["name"].encode()
        return body


@FAULTS.bending("HTTP-JSON-SYNTAX")
class NotANumberIsZero(Rewriting):
    """NaN and the infinities are read as 0."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        return re.sub(rb": (NaN|-Infinity)", b": 0", body)


@FAULTS.bending("HTTP-JSON-SYNTAX")
class RestOfBodyIgnored(Rewriting):
    """What follows after the first JSON value of a body is not looked at."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        try:
            text = body.decode()
            return text[: json.JSONDecoder().raw_decode(text)[1]].encode()
        except (ValueError, RecursionError):
            return body


@FAULTS.bending("HTTP-JSON-ENCODING")
class LatinRead(Rewriting):
    """A body that is not UTF-8 is read as Latin-1."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        return body.decode("utf-8" if _is_utf_8(body) else "latin-1").encode()


@FAULTS.bending("HTTP-JSON-ENCODING")
class WideEncodingRead(Rewriting):
    """A body in UTF-16 or UTF-32 is read as such."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        encoding = json.detect_encoding(body) if body else "utf-8"
        return body if encoding.startswith("utf-8") else body.decode(encoding, "replace").encode()


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@FAULTS.bending("HTTP-JSON-SYNTAX")
class CompressionGuessed(Rewriting):
    """A compressed body is unpacked although nothing announces it."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        packed = body.startswith(b"\x1f\x8b") and b"content-encoding" not in headers
        return gzip.decompress(body) if packed else body


@FAULTS.bending("HTTP-BODY-OVERSIZE")
class UnknownCodingCrashes(Rewriting):
    """A content coding that the server does not know is a failure of the server."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        coding = headers.get(b"content-encoding", b"identity")
        return {b"identity": body, b"gzip": body}[coding]


@FAULTS.bending("HTTP-BODY-OVERSIZE")
class DeepBodyCrashes(Rewriting):
    """A deeply nested body is a failure of the server."""

    def rewrite(self, body: bytes, headers: dict[bytes, bytes]) -> bytes:
        if max(body.count(b"["), body.count(b"{")) > _DEEP:
            raise RecursionError
        return body


@FAULTS.bending("HTTP-ANSWERED")
class DeepBodyCutsConnection(Rewriting):
    """A deeply nested body is answered by the end of the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more than is sent when a body is deep."""
        message = await receive() if scope["type"] == "http" else {}
        deep = message.get("body", b"").count(b"[") > _DEEP

        async def read() -> Message:
            return message or await receive()

        if deep:
            promised = [(b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 400, "headers": promised})
            await send({"type": "http.response.body", "body": b"x"})
            return
        await self._app(scope, read, send)
