"""What a mutant is: the reference with exactly one fault, and what that fault breaks."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from pgassay.mutants.answer import Bending
from pgassay.mutants.planes import BentPlane
from pgassay.mutants.speech import Speech
from pgassay.reference import Behaviour, Clock, Settings, create_app
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.plane import DataPlane
from pgassay.reference.rate_limit import RateLimiting
from pgassay.reference.settings import RateLimit
from pgassay.reference.store import Store

_Clickhouse = TypeVar("_Clickhouse", bound=type[ClickhouseService])
_Dbaas = TypeVar("_Dbaas", bound=type[DbaasService])
_Bending = TypeVar("_Bending", bound=type[Bending])
_Limiting = TypeVar("_Limiting", bound=type[RateLimiting])
_Speech = TypeVar("_Speech", bound=type[Speech])
_Plane = TypeVar("_Plane", bound=type[BentPlane])

#: The limit of mutants that are about it: their windows are used up, and waited for.
_LIMIT: Final = RateLimit(5, 0.5)


@dataclass(frozen=True, slots=True)
class Mutant:
    """The reference server with one fault.

    Attributes:
        name: The fault in one word, such as `ShrinkAccepted`.
        description: What a user of the API would notice.
        breaks: Ids of the requirements that the fault violates; each must be found violated.
        behaviour: The rules, one of which may be wrong.
        clickhouse: The clickhouse family's service, one method of which may be wrong.
        dbaas: The same for the dbaas family.
        bending: What is done to requests and to right answers: a middleware around the server.
        speech: How the faulty server reads and writes bytes, where the fault is in that.
        limiting: The limit on what a key may send, where the fault is in that.
        quota: How many services the faulty server allows, where the fault is in that.
        plane: What stands between the faulty server and its databases, where the fault shows in
            PostgreSQL alone; such a server needs a data plane.
        shown_by: Ids of kept requirements whose examination makes the fault show: those that send
            the requests whose answers are wrong.
        rule: The rule that derived it from the reference; empty where it is written by hand.
        operations: The operations that the fault touches; empty means any.
    """

    name: str
    description: str
    breaks: tuple[str, ...]
    behaviour: Behaviour = field(default_factory=Behaviour)
    clickhouse: type[ClickhouseService] = ClickhouseService
    dbaas: type[DbaasService] = DbaasService
    bending: Callable[[ASGIApp], ASGIApp] | None = None
    speech: type[Speech] | None = None
    limiting: type[RateLimiting] | None = None
    quota: int | None = None
    plane: type[BentPlane] | None = None
    shown_by: tuple[str, ...] = ()
    rule: str = ""
    operations: tuple[str, ...] = ()

    def settings(self, settings: Settings) -> Settings:
        """Return the settings of the faulty server: some faults show beside a limit only."""
        if self.quota is not None:
            return replace(settings, quota=self.quota)
        return replace(settings, rate_limit=_LIMIT) if self.limiting else settings

    def app(
        self,
        settings: Settings,
        clock: Clock,
        *,
        behaviour: Behaviour | None = None,
        plane: DataPlane | None = None,
    ) -> Starlette:
        """Build the faulty server; raises what `create_app` raises.

        Beside a data plane, `behaviour` are the mutant's rules as they fit it.
        """
        middleware = [Middleware(self.bending)] if self.bending else []
        if self.limiting and settings.rate_limit:
            callers = ClickhouseService(settings, Store(None), clock, self.behaviour.clickhouse)
            limit = settings.rate_limit
            middleware.append(Middleware(self.limiting, service=callers, limit=limit))
            settings = replace(settings, rate_limit=None)
        app = create_app(
            settings,
            clock,
            behaviour=behaviour or self.behaviour,
            clickhouse=self.clickhouse,
            dbaas=self.dbaas,
            middleware=middleware,
            plane=self.plane(plane) if self.plane and plane else plane,
        )
        if self.speech:
            app.state.protocol = self.speech
        return app


class Faults:
    """The mutants of one module, gathered from classes: name and docstring become theirs."""

    def __init__(self) -> None:
        self._mutants: list[Mutant] = []

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self._mutants)

    def clickhouse(
        self,
        *breaks: str,
        shown_by: tuple[str, ...] = (),
        quota: int | None = None,
        plane: type[BentPlane] | None = None,
        bending: type[Bending] | None = None,
    ) -> Callable[[_Clickhouse], _Clickhouse]:
        """Make a mutant of a clickhouse service with one method that is wrong.

        A fault that shows under load alone needs a `bending` that keeps requests waiting.
        """

        def gather(service: _Clickhouse) -> _Clickhouse:
            mutant = Mutant(
                service.__name__,
                _story(service),
                breaks,
                clickhouse=service,
                bending=bending,
                quota=quota,
                plane=plane,
                shown_by=shown_by,
            )
            self._mutants.append(mutant)
            return service

        return gather

    def dbaas(
        self,
        *breaks: str,
        shown_by: tuple[str, ...] = (),
        plane: type[BentPlane] | None = None,
        bending: type[Bending] | None = None,
    ) -> Callable[[_Dbaas], _Dbaas]:
        """Make a mutant of a dbaas service with one method that is wrong, as above."""

        def gather(service: _Dbaas) -> _Dbaas:
            mutant = Mutant(
                service.__name__,
                _story(service),
                breaks,
                dbaas=service,
                bending=bending,
                plane=plane,
                shown_by=shown_by,
            )
            self._mutants.append(mutant)
            return service

        return gather

    def bending(
        self, *breaks: str, shown_by: tuple[str, ...] = ()
    ) -> Callable[[_Bending], _Bending]:
        """Make a mutant of a middleware that bends right answers."""

        def gather(bending: _Bending) -> _Bending:
            mutant = Mutant(
                bending.__name__, _story(bending), breaks, bending=bending, shown_by=shown_by
            )
            self._mutants.append(mutant)
            return bending

        return gather

    def speaking(
        self, *breaks: str, shown_by: tuple[str, ...] = ()
    ) -> Callable[[_Speech], _Speech]:
        """Make a mutant of a server that reads or writes bytes wrongly."""

        def gather(speech: _Speech) -> _Speech:
            mutant = Mutant(
                speech.__name__, _story(speech), breaks, speech=speech, shown_by=shown_by
            )
            self._mutants.append(mutant)
            return speech

        return gather

    def limiting(self, *breaks: str) -> Callable[[_Limiting], _Limiting]:
        """Make a mutant of a rate limit that is wrong."""

        def gather(limiting: _Limiting) -> _Limiting:
            story = _story(limiting)
            self._mutants.append(Mutant(limiting.__name__, story, breaks, limiting=limiting))
            return limiting

        return gather

    def plane(self, *breaks: str) -> Callable[[_Plane], _Plane]:
        """Make a mutant of what stands between a server and its databases."""

        def gather(plane: _Plane) -> _Plane:
            self._mutants.append(Mutant(plane.__name__, _story(plane), breaks, plane=plane))
            return plane

        return gather


def _story(fault: type) -> str:
    return " ".join((inspect.getdoc(fault) or "").split())
