"""What a legal variant is: the reference with choices that the documents leave to a server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pgassay.mutants.answer import Answer, Bending
from pgassay.reference import Behaviour, Clock, Readings, Settings, SystemClock, create_app
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.target.model import Family, Target

BOTH = tuple(Family)
CLICKHOUSE = (Family.CLICKHOUSE,)
DBAAS = (Family.DBAAS,)


def as_it_is(target: Target) -> Target:
    return target


@dataclass(frozen=True, slots=True)
class Variant:
    """A server that took choices, and what a run over it may say.

    Attributes:
        name: The choices in a word.
        choices: What the server does, and why the documents allow it.
        families: The families that the choices are about.
        readings: How it reads the documents, where there is a switch for it.
        connected: Examined over connections, where its choices show; else in process, on a clock
            that leaps.
        clock: Where a connected server has the time from.
        time_scale: Of the reference; 0, where a choice has nothing to do with time: the run is
            shorter, and operations that take no time are legal as well.
        describe: Makes the target of this server from the reference's.
        warned: The requirements, SHOULD or inferred, that the choices do not keep.
        told: What the report must say of what the documents leave open: gap and branch.
        status: How the run must end: 0, or 4 where a MUST cannot be judged.
    """

    name: str
    choices: str
    families: tuple[Family, ...] = BOTH
    readings: Readings = field(default_factory=Readings)
    clickhouse: type[ClickhouseService] = ClickhouseService
    dbaas: type[DbaasService] = DbaasService
    middleware: tuple[Middleware, ...] = ()
    protocol: type[HttpToolsProtocol] = HttpToolsProtocol
    connected: bool = False
    clock: type[Clock] = SystemClock
    time_scale: float = 0.0
    describe: Callable[[Target], Target] = as_it_is
    warned: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)
    status: int = 0

    def app(self, settings: Settings, clock: Clock) -> Starlette:
        app = create_app(
            settings,
            clock,
            behaviour=Behaviour.of(self.readings),
            clickhouse=self.clickhouse,
            dbaas=self.dbaas,
            middleware=self.middleware,
        )
        app.state.protocol = self.protocol
        return app


class Translating:
    """A middleware that gives the application another path and body than were sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def path(self, path: str) -> str:
        return path

    def body(self, body: bytes) -> bytes:
        return body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = self.path(scope["path"])
        sent = False

        async def translated() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent, whole, more = True, b"", True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return message
                whole += message.get("body", b"")
                more = message.get("more_body", False)
            return {"type": "http.request", "body": self.body(whole), "more_body": False}

        await self._app({**scope, "path": path}, translated, send)


def bending(bend: Callable[[Answer], Answer]) -> Middleware:
    """Make a middleware of what it does to each answer."""

    class Bent(Bending):
        def bend(self, answer: Answer) -> Answer:
            return bend(answer)

    return Middleware(Bent)


def each_object(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return a JSON value with `change` applied to its objects, the inner ones first."""
    if isinstance(value, dict):
        return change({name: each_object(member, change) for name, member in value.items()})
    if isinstance(value, list):
        return [each_object(member, change) for member in value]
    return value
