"""Choices in how answers travel and are worded, which no document and no RFC takes."""

import re
import time
from email.utils import formatdate
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pgassay.mutants.answer import Answer
from pgassay.reference import SystemClock

from .variant import Translating, Variant, bending, each_object

#: A UUID, or a reference that ends with one, as a whole text of JSON or a label.
_IDENTIFIER = re.compile(rb'"(?:/[\w/-]*/)?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"')
_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_LAST = re.compile(rb"[\w-]+\"$")


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


def capital(answer: Answer) -> Answer:
    def raised(found: re.Match[bytes]) -> bytes:
        return _LAST.sub(lambda last: last[0].upper(), found[0])

    place, _, last = answer.headers.get("location", "").rpartition("/")
    headers = answer.headers | ({"location": f"{place}/{last.upper()}"} if place else {})
    body = _IDENTIFIER.sub(raised, answer.body)
    return Answer(answer.method, answer.path, answer.status, headers, body)


class LowerCase(Translating):
    """Take identifiers in either case."""

    def path(self, path: str) -> str:
        return _UUID.sub(lambda found: found[0].lower(), path)

    def body(self, body: bytes) -> bytes:
        return _IDENTIFIER.sub(lambda found: found[0].lower(), body)


def wordy(answer: Answer) -> Answer:
    value = answer.value
    if value is None:
        return answer
    if answer.status >= 400:
        text = {"error": "E-1042 (sic)"} if answer.clickhouse else {"message": "Non, merci."}
        return answer.saying(value | {name: text[name] for name in text if name in value})
    return answer.saying(each_object(value, annotated))


def annotated(value: dict[str, Any]) -> dict[str, Any]:
    own = {"generation": 3, "links": [{"rel": "self"}], "note": None}
    return value | own if value.keys() & {"id", "uuid", "requestId"} else value


class HourAhead(SystemClock):
    def now(self) -> float:
        return super().now() + 3600


class DatedAhead(HttpToolsProtocol):
    """Say in each answer that it is an hour later."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        later = formatdate(time.time() + 3600, usegmt=True)
        self.cycle.default_headers = [(b"date", later.encode())]


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
        connected=True,
    ),
    Variant(
        "Capitals",
        "Identifiers are shown in capitals and taken in either case: RFC 9562, section 4.",
        middleware=(bending(capital), Middleware(LowerCase)),
    ),
    Variant(
        "Wordy",
        "Errors have other texts, and what is shown has members that no document knows.",
        middleware=(bending(wordy),),
        warned=frozenset(
            {
                "CH-ENVELOPE-ERROR-DETAIL",
                "CH-SCHEMA-UNDOCUMENTED-MEMBER",
                "DB-SCHEMA-UNDOCUMENTED-MEMBER",
            }
        ),
    ),
    Variant(
        "HourAhead",
        "The server's clock is an hour ahead of the suite's, also in the header Date.",
        protocol=DatedAhead,
        connected=True,
        clock=HourAhead,
        time_scale=0.001,
    ),
)
