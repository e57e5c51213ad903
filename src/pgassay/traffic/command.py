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


class Attendance(msgspec.Struct, frozen=True):
    """How many of the workers wanted are there, who is `missing`, and for how long still.

    `left` are the seconds for which they are waited for.
    """

    present: int
    wanted: int
    missing: tuple[str, ...] = ()
    left: float = 0.0

    def __str__(self) -> str:
        """Tell all of it in one sentence."""
        there = f"{self.present} of {self.wanted} workers are there"
        if not self.missing:
            return there
        return f"{there}; waiting {self.left:.0f} s more for {', '.join(self.missing)}"


class Gathered(msgspec.Struct, frozen=True, tag=True):
    """Workers have come or gone, or are still waited for."""

    attendance: Attendance


class Missing(msgspec.Struct, frozen=True, tag=True):
    """Too few workers came within so many `seconds`: nothing was begun."""

    attendance: Attendance
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
