"""Choices in how answers travel, which RFC 8259, 9110 and 9112 leave to a server."""

from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from pgassay.mutants.answer import Answer

from .variant import Variant, bending, each_object


def turned(value: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(value.items()))


def decorated(answer: Answer) -> Answer:
    headers = {
        **answer.headers,
        "server": "gateway/1.27",
        "via": "1.1 edge-7",
        "vary": "Accept, Origin",
        "cache-control": "no-store",
        "strict-transport-security": "max-age=31536000",
        "x-ratelimit-remaining": "998",
        "set-cookie": "route=a7; Path=/; HttpOnly",
    }
    if headers.get("content-type") == "application/json":
        headers["content-type"] = "application/json; charset=utf-8"
    value = answer.value
    changed = Answer(answer.method, answer.path, answer.status, headers, answer.body)
    return changed if value is None else changed.saying(each_object(value, turned))


class Compressing(GZipMiddleware):
    """Starlette's, which overlooks that `gzip;q=0` takes no gzip."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope.get("headers", ())).get(b"accept-encoding", b"")
        take = self.app if b"gzip;q=0" in asked else super().__call__
        await take(scope, receive, send)


def closed(answer: Answer) -> Answer:
    return answer.with_header("connection", "close")


VARIANTS = (
    Variant(
        "Decorated",
        "Gateway headers, a charset on JSON, members in another order: JSON objects have none. "
        "Every operation takes effect before its answer arrives.",
        middleware=(bending(decorated),),
    ),
    Variant(
        "CompressedAndClosed",
        "Answers are compressed for clients that accept it; each ends its connection.",
        middleware=(bending(closed), Middleware(Compressing, minimum_size=0)),
    ),
)
