"""What a mutant is: the reference with exactly one fault, and what that fault breaks."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware

from pgassay.mutants.answer import Bending
from pgassay.reference import Behaviour, Clock, Settings, create_app
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService

_Clickhouse = TypeVar("_Clickhouse", bound=type[ClickhouseService])
_Dbaas = TypeVar("_Dbaas", bound=type[DbaasService])
_Bending = TypeVar("_Bending", bound=type[Bending])


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
        bending: What is done to right answers before they leave.
        shown_by: Ids of kept requirements whose examination makes the fault show: those that send
            the requests whose answers are wrong.
    """

    name: str
    description: str
    breaks: tuple[str, ...]
    behaviour: Behaviour = field(default_factory=Behaviour)
    clickhouse: type[ClickhouseService] = ClickhouseService
    dbaas: type[DbaasService] = DbaasService
    bending: type[Bending] | None = None
    shown_by: tuple[str, ...] = ()

    def app(self, settings: Settings, clock: Clock) -> Starlette:
        """Build the faulty server; raises what `create_app` raises."""
        return create_app(
            settings,
            clock,
            behaviour=self.behaviour,
            clickhouse=self.clickhouse,
            dbaas=self.dbaas,
            middleware=[Middleware(self.bending)] if self.bending else (),
        )


class Faults:
    """The mutants of one module, gathered from classes: name and docstring become theirs."""

    def __init__(self) -> None:
        self._mutants: list[Mutant] = []

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self._mutants)

    def clickhouse(
        self, *breaks: str, shown_by: tuple[str, ...] = ()
    ) -> Callable[[_Clickhouse], _Clickhouse]:
        """Make a mutant of a clickhouse service with one method that is wrong."""

        def gather(service: _Clickhouse) -> _Clickhouse:
            mutant = Mutant(
                service.__name__, _story(service), breaks, clickhouse=service, shown_by=shown_by
            )
            self._mutants.append(mutant)
            return service

        return gather

    def dbaas(self, *breaks: str, shown_by: tuple[str, ...] = ()) -> Callable[[_Dbaas], _Dbaas]:
        """Make a mutant of a dbaas service with one method that is wrong."""

        def gather(service: _Dbaas) -> _Dbaas:
            mutant = Mutant(
                service.__name__, _story(service), breaks, dbaas=service, shown_by=shown_by
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


def _story(fault: type) -> str:
    return " ".join((inspect.getdoc(fault) or "").split())
