"""What the two families have in common under load, and what a scenario knows of a resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Protocol

import msgspec

from pgassay.exchange import Exchange, Json
from pgassay.traffic.session import Session


class Unprepared(Exception):
    """The load cannot start; the text says what the target lacks."""


class Condition(Enum):
    """How far an asynchronous operation is."""

    PENDING = auto()
    REACHED = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Start:
    """When the request left that set something going, and when its answer was there (clock)."""

    sent: float
    answered: float


@dataclass(slots=True)
class Resource:
    """A service or an instance of this run; `value` is what the target last said about it."""

    id: str
    name: str
    value: Mapping[str, Json]
    start: Start


class Listed(msgspec.Struct, frozen=True, gc=False):
    """One item of the target's own listing; `leaving` when it says that it is being deleted."""

    id: str
    name: str
    leaving: bool = False


class Adapter(Protocol):
    """One family's paths, bodies and states; `kind` is what it calls the resources."""

    kind: ClassVar[str]

    def prepare(self, session: Session) -> None:
        """Find out what creations need; raises `Unprepared`."""

    def name(self, nonce: str, number: int) -> str:
        """The name of the run's resource `number`; it carries the nonce."""

    def collection(self) -> str:
        """The path at which resources are created and listed."""

    def path(self, identifier: str) -> str:
        """The path of one resource."""

    def creation(self, name: str) -> Mapping[str, Json]:
        """A valid body for a creation."""

    def value(self, exchange: Exchange) -> Mapping[str, Json] | None:
        """The resource that an answer shows, or None."""

    def identity(self, value: Mapping[str, Json]) -> str:
        """The identifier of a resource; empty when it has none."""

    def condition(self, value: Mapping[str, Json]) -> Condition:
        """Whether the resource may be used, is on its way, or is beyond repair."""

    def change(
        self, value: Mapping[str, Json], changes: Mapping[str, Json]
    ) -> tuple[str, Mapping[str, Json]]:
        """The method and body that apply `changes` to a resource that now is `value`."""

    def listed(self, exchange: Exchange) -> tuple[Listed, ...] | None:
        """The items of a listing, or None where the target offers none."""

    def state(self, value: Mapping[str, Json]) -> str:
        """The state that a resource says it is in; empty where it says none."""

    def backward(self, before: str, after: str) -> bool:
        """Tell whether the lifecycle of the API forbids `after` once `before` was seen."""

    def failed(self, state: str) -> bool:
        """Tell whether a resource in `state` may have given up changes that were accepted."""

    def shown(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """The members whose course is followed, of a resource or a change, fit to be compared."""

    def promised(self, exchange: Exchange, asked: Mapping[str, Json]) -> Mapping[str, Json]:
        """What the answer to a change promises that every later read shows, of `shown`'s members.

        Most changes are carried out some time after they were accepted; these are not.
        """
