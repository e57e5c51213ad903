# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the limit on what a key may send."""

from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import Backend
from pgassay.reference.http import json_response
from pgassay.reference.rate_limit import FixedWindows, RateLimiting
from pgassay.reference.settings import RateLimit

FAULTS = Faults()


@FAULTS.limiting("CH-RATE-LIMIT")
class LimitOneTooHigh(RateLimiting):
    """A window takes one request more than the limit."""

    def __init__(self, app: ASGIApp, service: Backend, limit: RateLimit) -> None:
        super().__init__(app, service, replace(limit, requests=limit.requests + 1))


@FAULTS.limiting("CH-RATE-PER-KEY")
class WindowShared(RateLimiting):
    """All keys share one window."""

    def _key(self, scope: Scope) -> str | None:
        return None if super()._key(scope) is None else "everybody"


@FAULTS.limiting("CH-RATE-RECOVERY")
class WindowLongerThanSaid(RateLimiting):
    """A window is three times as long as its headers say."""

    class _Windows(FixedWindows):
        def take(self, key_id: str) -> tuple[bool, dict[str, str]]:
            passes, headers = super().take(key_id)
            reset = float(headers["X-RateLimit-Reset"])
            return passes, headers | {"X-RateLimit-Reset": f"{reset / 3:g}"}

    def __init__(self, app: ASGIApp, service: Backend, limit: RateLimit) -> None:
        super().__init__(app, service, limit)
        longer = replace(limit, seconds=3 * limit.seconds)
        self._windows = self._Windows(longer, service.clock.now)


@FAULTS.limiting("CH-RATE-RESET")
class ResetUntold(RateLimiting):
    """Nobody is told when a window ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def untold(message: Message) -> None:
            headers = message.get("headers", ())
            kept = [pair for pair in headers if pair[0].lower() != b"x-ratelimit-reset"]
            await send({**message, "headers": kept} if headers else message)

        await super().__call__(scope, receive, untold)


@FAULTS.limiting("CH-RATE-HEADERS")
class RemainingNeverFalls(RateLimiting):
    """The whole limit is said to remain at any time."""

    class _Windows(FixedWindows):
        def take(self, key_id: str) -> tuple[bool, dict[str, str]]:
            passes, headers = super().take(key_id)
            return passes, headers | {"X-RateLimit-Remaining": headers["X-RateLimit-Limit"]}

    def __init__(self, app: ASGIApp, service: Backend, limit: RateLimit) -> None:
        super().__init__(app, service, limit)
        self._windows = self._Windows(limit, service.clock.now)


class _Replacing(RateLimiting):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await super().__call__(scope, receive, keep)
        if messages and messages[0].get("status") == 429:
            await self.refuse(scope, receive, send, messages)
        else:
            for message in messages:
                await send(message)

    async def refuse(
        self, scope: Scope, receive: Receive, send: Send, messages: list[Message]
    ) -> None:
        """Answer a request that is over the limit."""
        raise NotImplementedError


@FAULTS.limiting("CH-RATE-NO-EFFECT")
class DoneAndRefused(_Replacing):
    """A request that is over the limit is carried out before it is refused."""

    async def refuse(
        self, scope: Scope, receive: Receive, send: Send, messages: list[Message]
    ) -> None:
        async def drop(message: Message) -> None:
            pass

        await self._app(scope, receive, drop)
        for message in messages:
            await send(message)


@FAULTS.limiting("CH-RATE-ERROR")
class RefusedWithoutError(_Replacing):
    """A request that is over the limit is refused without a reason."""

    async def refuse(
        self, scope: Scope, receive: Receive, send: Send, messages: list[Message]
    ) -> None:
        await json_response(429, {"status": 429})(scope, receive, send)
