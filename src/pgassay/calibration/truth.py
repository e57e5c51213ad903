"""What the server itself knows of the requests that it got: counts, times, and what it did wrong.

Every request is counted when it has been read, before anything can go wrong with it.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from pgassay.calibration.theory import nearest_rank

_SHARES: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}


class Injected(msgspec.Struct, frozen=True):
    """One fault that took effect: what kind, in which operation, on which resource, when.

    `moment` is in seconds of the server's clock; `id` and `name` are empty where no resource is
    concerned.
    """

    kind: str
    operation: str
    id: str
    name: str
    moment: float


class Early(msgspec.Struct, frozen=True):
    """A request that came `seconds` before the end of the wait that a 429 had asked for."""

    operation: str
    path: str
    seconds: float


class Times(msgspec.Struct, frozen=True):
    """A distribution in seconds, by nearest rank; None where there is no sample."""

    percentiles: dict[str, float | None]
    maximum: float | None
    mean: float | None


class Account(msgspec.Struct, frozen=True):
    """One operation: requests received, answers by status (0: reset), and their times.

    `service` is from reading a request to writing its answer, of 2xx alone; `lateness` is by how
    much an answer left later than the law says. A client that went away got no answer.
    """

    received: int
    abandoned: int
    statuses: dict[str, int]
    service: Times
    lateness: Times


class Report(msgspec.Struct, frozen=True):
    """The whole truth. `existing` are the instances that are there now."""

    operations: dict[str, Account]
    faults: tuple[Injected, ...]
    early: tuple[Early, ...]
    existing: int

    def received(self, operation: str) -> int:
        """How many requests of `operation` came."""
        account = self.operations.get(operation)
        return account.received if account else 0

    def answered(self, operation: str, status: int) -> int:
        """How many answers with `status` left."""
        account = self.operations.get(operation)
        return account.statuses.get(str(status), 0) if account else 0

    def injected(self, kind: str) -> tuple[Injected, ...]:
        """The faults of one kind that took effect."""
        return tuple(fault for fault in self.faults if fault.kind == kind)


class Samples(msgspec.Struct, frozen=True):
    """The raw record of one operation, in the order of the answers; times in seconds."""

    arrived: list[float]
    service: list[float]
    status: list[int]

    def first(self, count: int) -> list[tuple[float, int]]:
        """The times and statuses of those that arrived first."""
        ordered = sorted(zip(self.arrived, self.service, self.status, strict=True))
        return [(seconds, status) for _, seconds, status in ordered[:count]]


@dataclass(slots=True)
class _Kept:
    received: int = 0
    abandoned: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    arrived: "array[float]" = field(default_factory=lambda: array("d"))
    service: "array[float]" = field(default_factory=lambda: array("d"))
    lateness: "array[float]" = field(default_factory=lambda: array("d"))
    status: "array[int]" = field(default_factory=lambda: array("H"))

    def good(self) -> Iterator[float]:
        """The times of the answers that say yes."""
        pairs = zip(self.service, self.status, strict=True)
        return (seconds for seconds, status in pairs if 200 <= status < 300)


class Truth:
    """The record while the server runs."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._faults: list[Injected] = []
        self._early: list[Early] = []

    def received(self, operation: str) -> None:
        """Count a request."""
        self._of(operation).received += 1

    def answered(
        self, operation: str, status: int, arrived: float, due: float, left: float
    ) -> None:
        """Keep the times of an answer; status 0 stands for a connection that was reset."""
        kept = self._of(operation)
        kept.statuses[status] += 1
        kept.arrived.append(arrived)
        kept.service.append(left - arrived)
        kept.lateness.append(left - due)
        kept.status.append(status)

    def abandoned(self, operation: str) -> None:
        """Count a request whose client went away before its answer left."""
        self._of(operation).abandoned += 1

    def injected(self, fault: Injected) -> None:
        """Keep a fault that took effect."""
        self._faults.append(fault)

    def early(self, request: Early) -> None:
        """Keep a request that did not wait as it was asked to."""
        self._early.append(request)

    def report(self, existing: int) -> Report:
        """Return everything that is known now."""
        accounts = {name: _account(kept) for name, kept in self._kept.items()}
        return Report(accounts, tuple(self._faults), tuple(self._early), existing)

    def samples(self, operation: str) -> Samples:
        """Return the raw record of one operation."""
        kept = self._kept.get(operation, _Kept())
        return Samples(list(kept.arrived), list(kept.service), list(kept.status))

    def _of(self, operation: str) -> _Kept:
        kept = self._kept.get(operation)
        if kept is None:
            kept = self._kept[operation] = _Kept()
        return kept


def _account(kept: _Kept) -> Account:
    statuses = {str(status): count for status, count in sorted(kept.statuses.items())}
    return Account(
        kept.received, kept.abandoned, statuses, _times(list(kept.good())), _times(kept.lateness)
    )


def _times(values: "list[float] | array[float]") -> Times:
    if not values:
        return Times(dict.fromkeys(_SHARES), None, None)
    percentiles: dict[str, float | None] = {
        name: nearest_rank(values, share) for name, share in _SHARES.items()
    }
    return Times(percentiles, max(values), sum(values) / len(values))
