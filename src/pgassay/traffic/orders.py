"""What the master and the workers of a load run say to each other.

The master sends orders, a worker answers with its state, at every change and once a second. Whoever
missed a message learns from the next state what the other one lacks, so that a broken connection
loses nothing. News come beside it while a plan is carried out, and nobody misses older ones. No
message holds a credential.
"""

from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from pgassay.traffic.early_end import Standing
from pgassay.traffic.plan import LoadPlan

#: The names of the messages.
ORDER: Final = "pgassay_order"
STATE: Final = "pgassay_state"
PIECE: Final = "pgassay_piece"
NEWS: Final = "pgassay_news"
#: Seconds between two states of a worker that has nothing new to say.
INTERVAL: Final = 1.0
#: Seconds without a word from the other side after which it counts as lost, unless told otherwise.
SILENCE: Final = 15.0
#: The size of the pieces in which files travel, in bytes.
PIECE_SIZE: Final = 1 << 20

_Value = TypeVar("_Value")


class Stage(StrEnum):
    """How far a worker is with its plan."""

    IDLE = "idle"
    PREPARING = "preparing"
    PREPARED = "prepared"
    LOADING = "loading"
    ENDED = "ended"


class Identity(msgspec.Struct, frozen=True):
    """What must agree between master and worker: the program and the specification (sha256)."""

    pgassay: str
    specification: str


class State(msgspec.Struct, frozen=True):
    """What a worker says of itself.

    `assignment` is the number of its latest plan, 0 before the first. `files` maps the names of
    what it has written to their sizes, once it has ended and where they are not in the master's
    folder. `trouble` says why it could not take its plan.
    """

    identity: Identity
    host: str
    process: int
    assignment: int = 0
    stage: Stage = Stage.IDLE
    files: dict[str, int] = {}
    trouble: str = ""
    leaving: bool = False


class News(msgspec.Struct, frozen=True):
    """How a worker's load goes: for the decision whether it ends early, and for those who watch.

    `view` is an encoded `LiveView`, empty where there is none or the master finds it in its folder.
    """

    assignment: int
    standing: Standing | None = None
    view: bytes = b""


class Piece(msgspec.Struct, frozen=True):
    """A part of a file, from `offset` on."""

    name: str
    offset: int
    data: bytes


class Assign(msgspec.Struct, frozen=True, tag=True):
    """Prepare this plan and say when it is done."""

    assignment: int
    plan: LoadPlan


class Start(msgspec.Struct, frozen=True, tag=True):
    """Begin `delay` seconds after this has arrived: clocks of two machines are not compared."""

    assignment: int
    delay: float


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Let no further arrival come, clean up, and end."""

    assignment: int


class End(msgspec.Struct, frozen=True, tag=True):
    """Let no further arrival come because an objective is lost; everything else is as always."""

    assignment: int
    reason: str


class Fetch(msgspec.Struct, frozen=True, tag=True):
    """Send a piece of a file."""

    name: str
    offset: int


class Close(msgspec.Struct, frozen=True, tag=True):
    """The record has arrived, and there will be more to do."""

    assignment: int


class Dismiss(msgspec.Struct, frozen=True, tag=True):
    """The run is over (`reason` is empty), or the worker is refused."""

    reason: str = ""


Order: TypeAlias = Assign | Start | Stop | End | Fetch | Close | Dismiss

_ORDERS: Final[msgspec.msgpack.Decoder[Order]] = msgspec.msgpack.Decoder(Order)
_STATES: Final = msgspec.msgpack.Decoder(State)
_PIECES: Final = msgspec.msgpack.Decoder(Piece)
_NEWS: Final = msgspec.msgpack.Decoder(News)


def pack(value: object) -> dict[str, bytes]:
    """Return the data of a Locust message that carries `value`."""
    return {"value": msgspec.msgpack.encode(value)}


def order(data: Any) -> Order | None:
    """Return the order in a message, or None.

    Anybody may connect to a port, so that what cannot be read is passed over.
    """
    return _unpack(data, _ORDERS)


def state(data: Any) -> State | None:
    """Return the state in a message, or None, as for an order."""
    return _unpack(data, _STATES)


def piece(data: Any) -> Piece | None:
    """Return the piece in a message, or None, as for an order."""
    return _unpack(data, _PIECES)


def news(data: Any) -> News | None:
    """Return the news in a message, or None, as for an order."""
    return _unpack(data, _NEWS)


def _unpack(data: Any, decoder: msgspec.msgpack.Decoder[_Value]) -> _Value | None:
    try:
        return decoder.decode(data["value"])
    except (TypeError, KeyError, ValueError):
        return None
