"""Laws and faults as they are written on the command line: `OPERATION=NAME:KEY=VALUE,KEY=VALUE`.

The operation may be left out; the law then holds for all that have none of their own, who share it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.calibration import laws
from pgassay.calibration.laws import Law
from pgassay.errors import UsageError, nearest

#: What the server tells apart; several operations of a generator may be one of these.
OPERATIONS: Final = (
    "ping",
    "versions",
    "create",
    "list",
    "get",
    "update",
    "delete",
    "child",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A name with its values, for one operation or (empty) for all others."""

    name: str
    operation: str
    values: Mapping[str, float]

    def __str__(self) -> str:
        values = ",".join(f"{key}={value:g}" for key, value in self.values.items())
        scope = f"{self.operation}=" if self.operation else ""
        return f"{scope}{self.name}:{values}" if values else f"{scope}{self.name}"


def read(text: str, flag: str, known: Mapping[str, tuple[str, ...]]) -> Choice:
    """Read one choice; `known` holds the keys of each name.

    Raises `UsageError` for a name, key, operation or number that does not exist.
    """
    head, _, tail = text.partition(":")
    operation, _, name = head.rpartition("=")
    _exists(name, tuple(known), flag)
    if operation:
        _exists(operation, OPERATIONS, flag)
    pairs = [part.partition("=") for part in tail.split(",") if part]
    for key, _, _ in pairs:
        _exists(key, known[name], flag)
    return Choice(name, operation, {key: _number(value, flag) for key, _, value in pairs})


def law(choice: Choice, seed: str) -> Law:
    """Make the law that was chosen; values that were left out have their defaults."""
    return _LAWS[choice.name](dict(choice.values), f"{seed}/{choice.operation}")


def _exists(name: str, known: tuple[str, ...], flag: str) -> None:
    if name not in known:
        similar = nearest(name, known)
        hint = f"Did you mean {similar!r}?" if similar else ""
        raise UsageError(f"{name!r} does not exist", flag, f"one of {', '.join(known)}", hint)


def _number(text: str, flag: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise UsageError(f"{text!r} is no number", flag, "0 or more")
    return number


def _constant(values: dict[str, float], seed: str) -> Law:
    return laws.Constant(values.get("service", 0.0))


def _exponential(values: dict[str, float], seed: str) -> Law:
    return laws.Exponential(_positive(values, "mean", 0.02), seed)


def _queue(values: dict[str, float], seed: str) -> Law:
    return laws.queue(_whole(values, "servers"), _positive(values, "mean", 0.02), seed)


def _capacity(values: dict[str, float], seed: str) -> Law:
    return laws.capacity(_whole(values, "servers"), values.get("service", 0.02))


def _stall(values: dict[str, float], seed: str) -> Law:
    usual = laws.Constant(values.get("service", 0.0))
    return laws.Stall(usual, values.get("at", 2.0), values.get("seconds", 2.0))


def _leak(values: dict[str, float], seed: str) -> Law:
    return laws.Leak(values.get("service", 0.0), values.get("growth", 0.001))


def _positive(values: Mapping[str, float], key: str, default: float) -> float:
    return max(values.get(key, default), 1e-9)


def _whole(values: Mapping[str, float], key: str) -> int:
    return max(int(values.get(key, 1)), 1)


_LAWS: Final[Mapping[str, Callable[[dict[str, float], str], Law]]] = {
    "constant": _constant,
    "exponential": _exponential,
    "queue": _queue,
    "capacity": _capacity,
    "stall": _stall,
    "leak": _leak,
}
#: The keys of each law, in seconds but for the number of servers.
LAWS: Final[Mapping[str, tuple[str, ...]]] = {
    "constant": ("service",),
    "exponential": ("mean",),
    "queue": ("servers", "mean"),
    "capacity": ("servers", "service"),
    "stall": ("service", "at", "seconds"),
    "leak": ("service", "growth"),
}
