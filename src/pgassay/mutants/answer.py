"""Answers on their way out, where a mutant may bend them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer and the request that it belongs to; header names are in lower case.

    `asked` are the headers of the request, `query` is what stands behind the question mark.
    """

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    asked: Mapping[str, str] = field(default_factory=dict)
    query: str = ""

    @property
    def clickhouse(self) -> bool:
        """Tell whether the answer is one of the clickhouse family."""
        return self.path.startswith("/v1/organizations")

    @property
    def succeeded(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Tell whether the status is 4xx."""
        return 400 <= self.status < 500

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as they are sent, with the length of the body as it is now."""
        length = {} if self.status in {204, 304} else {"content-length": str(len(self.body))}
        headers = {**self.headers, **length}
        return [(name.encode(), value.encode()) for name, value in headers.items()]

    @property
    def value(self) -> Any:
        """The body as a JSON value; None when it is none."""
        if not self.headers.get("content-type", "").startswith("application/json"):
            return None
        return json.loads(self.body)

    def saying(self, value: Any) -> Self:
        """Return the answer with another JSON value."""
        return replace(self, body=json.dumps(value).encode())

    def with_members(self, **members: Any) -> Self:
        """Return the answer with its JSON object's members set to other values."""
        return self.saying({**self.value, **members})

    def without(self, *members: str) -> Self:
        """Return the answer without some members of its JSON object."""
        kept = {name: value for name, value in self.value.items() if name not in members}
        return self.saying(kept)

    def with_status(self, status: int) -> Self:
        """Return the answer with another status; the body stays."""
        return replace(self, status=status)

    def with_header(self, name: str, value: str) -> Self:
        """Return the answer with a header set."""
        return replace(self, headers={**self.headers, name: value})


class Bending:
    """A middleware that may bend each whole answer, and the headers of each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def bend(self, answer: Answer) -> Answer:
        """Return what leaves instead of `answer`."""
        return answer

    def headers(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """Return what the application gets instead of a request's `headers`."""
        return headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and send what `bend` makes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        known = dict(scope["headers"])
        told = self.headers(known)
        # A dictionary forgets that a header came twice.
        headers = scope["headers"] if told == known else list(told.items())
        await self._app({**scope, "headers": headers}, receive, keep)
        bent = self.bend(_answer(scope, messages))
        start = {"type": "http.response.start", "status": bent.status, "headers": bent.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": bent.body})


def _answer(scope: Scope, messages: list[Message]) -> Answer:
    start = next(each for each in messages if each["type"] == "http.response.start")
    return Answer(
        scope["method"],
        scope["path"],
        start["status"],
        {name.decode().lower(): value.decode() for name, value in start["headers"]},
        b"".join(each.get("body", b"") for each in messages),
        {name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
        scope["query_string"].decode("latin-1"),
    )
