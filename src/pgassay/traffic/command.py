"""The lines between the examining process and its master: commands there, events back."""

from typing import Final, TypeAlias

import msgspec

from pgassay.traffic.plan import LoadPlan


class CarryOut(msgspec.Struct, frozen=True, tag=True):
    """Have each worker carry out its plan.

    `whole` is what this may take from the first order to the end, `cleanup` what it may take after
    a stop, in seconds.
    """

    plans: tuple[LoadPlan, ...]
    whole: float
    cleanup: float


class Halt(msgspec.Struct, frozen=True, tag=True):
    """Stop what runs and clean up."""


Command: TypeAlias = CarryOut | Halt


class Listening(msgspec.Struct, frozen=True, tag=True):
    """Workers may come to this port."""

    port: int


class Gathered(msgspec.Struct, frozen=True, tag=True):
    """So many of the workers wanted are there."""

    present: int
    wanted: int


class Missing(msgspec.Struct, frozen=True, tag=True):
    """Too few workers came in time: nothing was begun."""

    present: int
    wanted: int
    seconds: float


class Finished(msgspec.Struct, frozen=True, tag=True):
    """The plan has come to its end; `lost` has a sentence for each worker (number) that did not."""

    lost: dict[int, str]


Event: TypeAlias = Listening | Gathered | Missing | Finished

COMMANDS: Final[msgspec.json.Decoder[Command]] = msgspec.json.Decoder(Command)
EVENTS: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def line(value: Command | Event) -> bytes:
    """Return one line that carries `value`."""
    return msgspec.json.encode(value) + b"\n"
