"""The public service's rate limit: so many requests of a key in a fixed window.

Sources: documentation "API overview" (10 requests in 10 seconds for each key); the names and forms
of the headers and the short body of the 429 are what official clients have recorded.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pgassay.reference.clickhouse.backend import Backend
from pgassay.reference.clickhouse.endpoints import ROOT
from pgassay.reference.http import ApiError, basic_credentials, json_response
from pgassay.reference.settings import RateLimit

_COMMENT = 'comment="fixed window"'


@dataclass(slots=True)
class _Window:
    """What a key has sent since `began` (epoch seconds)."""

    began: float
    requests: int = 0


class FixedWindows:
    """The windows of all keys; one begins with the first request after the last one's end."""

    def __init__(self, limit: RateLimit, now: Callable[[], float]) -> None:
        self._limit = limit
        self._now = now
        # There is one for each known key at most: who is not known is refused before.
        self._windows: dict[str, _Window] = {}

    def take(self, key_id: str) -> tuple[bool, dict[str, str]]:
        """Count a request of a key: whether it may pass, and the headers that tell about it."""
        now, limit = self._now(), self._limit
        window = self._windows.get(key_id)
        if window is None or now >= window.began + limit.seconds:
            window = self._windows[key_id] = _Window(now)
        window.requests += 1
        left = window.began + limit.seconds - now
        headers = {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(max(0, limit.requests - window.requests)),
            # Rounded up: who waits for so long finds the window over.
            "X-RateLimit-Reset": _number(math.ceil(left * 1000) / 1000),
            "X-RateLimit-Policy": f"{limit.requests};w={_number(limit.seconds)};{_COMMENT}",
        }
        return window.requests <= limit.requests, headers


class RateLimiting:
    """A middleware that limits what each key of the clickhouse family may send.

    Requests without a key in use pass by: their 401 is not counted, and carries no such headers.
    """

    def __init__(self, app: ASGIApp, service: Backend, limit: RateLimit) -> None:
        self._app = app
        self._service = service
        self._windows = FixedWindows(limit, service.clock.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 429."""
        key_id = self._key(scope)
        if key_id is None:
            await self._app(scope, receive, send)
            return
        passes, headers = self._windows.take(key_id)
        if passes:
            await self._app(scope, receive, _with_headers(send, headers))
        else:
            refusal = json_response(429, {"error": "TOO_MANY_REQUESTS"}, headers)
            await refusal(scope, receive, send)

    def _key(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or not scope["path"].startswith(ROOT):
            return None
        try:
            return self._service.authenticate(basic_credentials(Request(scope))).key_id
        except ApiError:
            return None


def _number(seconds: float) -> str:
    # All of its digits: fewer would round down what was rounded up.
    return f"{seconds:.15g}"


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add
