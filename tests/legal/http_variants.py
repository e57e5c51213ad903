"""Choices that RFC 9110 and 9112 leave to a server, or to a gateway that stands before it."""

import json
from hashlib import sha256

from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pgassay.mutants.answer import Answer

from .variant import Variant, each_object

KIBIBYTE = 1024


def page(status: int, **headers: str) -> Response:
    return HTMLResponse(f"<h1>{status}</h1>", status, {"connection": "close", **headers})


class Gateway:
    """Refuse in its own words what it does not pass on: no HEAD, no chunks, no expectations."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        if scope["method"] == "HEAD":
            return page(405, allow="GET, POST, PUT, PATCH, DELETE, OPTIONS")
        if scope["method"] == "OPTIONS":
            allowed = {"access-control-allow-origin": "*", "access-control-allow-methods": "*"}
            return Response(None, 204, allowed)
        if len(scope["path"]) + len(scope["query_string"]) > 8 * KIBIBYTE:
            return page(414)
        if sum(map(len, [*headers, *headers.values()])) > 8 * KIBIBYTE or len(headers) > 100:
            return page(431)
        if b"transfer-encoding" in headers:
            return page(411)
        return page(417) if b"expect" in headers else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self.refusal(scope) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)


def tag(body: bytes) -> str:
    """The tag of a version: of all that is shown but the id of the request."""
    value = json.loads(body) if body.startswith((b"{", b"[")) else body.decode()
    kept = each_object(value, lambda each: {n: v for n, v in each.items() if n != "requestId"})
    return f'"{sha256(json.dumps(kept).encode()).hexdigest()[:16]}"'


class Versioned:
    """Give tags and keep conditions; give ranges; send answers in chunks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        wanted = asked.get("if-match", "*")
        if wanted != "*":
            now = await self.answer({**scope, "method": "GET"}, receive)
            if now.status == 200 and wanted != tag(now.body):
                await page(412)(scope, receive, send)
                return
        answer = await self.answer(scope, receive)
        if answer.method == "GET" and answer.status == 200:
            answer = self.ranged(self.conditional(answer, asked), asked)
        if scope["http_version"] == "1.0":
            answer = answer.with_header("content-length", str(len(answer.body)))
        await self.send(answer, send)

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        headers.pop("content-length", None)
        body = b"".join(each.get("body", b"") for each in messages[1:])
        return Answer(scope["method"], scope["path"], messages[0]["status"], headers, body)

    def conditional(self, answer: Answer, asked: dict[str, str]) -> Answer:
        tagged = answer.with_header("etag", tag(answer.body))
        if asked.get("if-none-match") not in {"*", tagged.headers["etag"]}:
            return tagged
        return Answer(answer.method, answer.path, 304, {"etag": tagged.headers["etag"]}, b"")

    def ranged(self, answer: Answer, asked: dict[str, str]) -> Answer:
        size, wanted = len(answer.body), asked.get("range", "")
        if answer.status == 304 or not wanted.startswith("bytes="):
            return answer
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else size - int(last)
        told = f"bytes */{size}" if start >= size else f"bytes {start}-{start}/{size}"
        part = answer.with_header("content-range", told)
        status, body = (416, b"") if start >= size else (206, answer.body[start : start + 1])
        return Answer(answer.method, answer.path, status, part.headers, body)

    async def send(self, answer: Answer, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        half = len(answer.body) // 2
        for piece, more in ((answer.body[:half], True), (answer.body[half:], False)):
            await send({"type": "http.response.body", "body": piece, "more_body": more})


class Eager(HttpToolsProtocol):
    """Ask for every body at once, before anything is known of the request."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.expect_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.cycle.waiting_for_100_continue = False


VARIANTS = (
    Variant(
        "Gateway",
        "HEAD, chunked bodies, expectations, long heads and long paths are turned away by a "
        "gateway in HTML, and OPTIONS is answered for browsers: RFC 9110, sections 9.1 and 15.5.",
        middleware=(Middleware(Gateway),),
        connected=True,
    ),
    Variant(
        "Versioned",
        "Answers have tags, conditions and ranges are kept, bodies come in chunks, 100 (Continue) "
        "is sent at once: RFC 9110, sections 10.1.1, 13 and 14; RFC 9112, section 7.1.",
        middleware=(Middleware(Versioned),),
        connected=True,
        protocol=Eager,
    ),
)
