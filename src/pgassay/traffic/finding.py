"""What a target may contradict itself in under load, and the requests that prove it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

from pgassay.exchange import Exchange
from pgassay.results import LoadFinding


class Kind(StrEnum):
    """The kinds of contradictions."""

    LOST_CREATE = "lost create"
    PHANTOM = "phantom"
    DUPLICATE_ID = "duplicate id"
    RESURRECTED_DELETE = "resurrected delete"
    STALE_READ = "stale read"
    LIST_GAP = "list gap"
    LIST_REPEAT = "list repeat"
    BACKWARD_STATE = "backward state"


#: What follows from another contradiction about the same resource is not told beside it.
_FOLLOWING: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.DUPLICATE_ID: frozenset(Kind) - {Kind.DUPLICATE_ID},
    Kind.LOST_CREATE: frozenset({Kind.LIST_GAP, Kind.RESURRECTED_DELETE}),
    Kind.RESURRECTED_DELETE: frozenset({Kind.BACKWARD_STATE, Kind.STALE_READ}),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One request and its answer as evidence.

    `tick` is the ledger's count of events when the answer was there: what was sent at a later tick
    was sent after it.
    """

    tick: int
    sequence: int
    said: str
    sent_at: float
    duration: float

    @classmethod
    def of(cls, exchange: Exchange, tick: int) -> Self:
        """Keep what is needed of an exchange that has just come back."""
        return cls(tick, exchange.sequence, exchange.line, exchange.sent_at, exchange.duration)

    @property
    def line(self) -> str:
        """One line for people; the number is that of the exchange in the journal."""
        sent = datetime.fromtimestamp(self.sent_at, UTC).isoformat(timespec="microseconds")
        return f"#{self.sequence} {self.said}, sent {sent}, answered after {self.duration:.6f} s"


def finding(
    kind: Kind, subject: str, text: str, *proofs: Proof | None, also: Iterable[str] = ()
) -> LoadFinding:
    """Make a finding; its evidence is in the order of the requests."""
    known = {proof.sequence: proof for proof in proofs if proof is not None}
    lines = (known[sequence].line for sequence in sorted(known))
    return LoadFinding(kind, subject, text, (*lines, *also))


def independent(findings: Mapping[Kind, LoadFinding]) -> list[LoadFinding]:
    """Leave out what only follows from another finding about the same resource."""
    following = frozenset[Kind]().union(*(_FOLLOWING.get(kind, frozenset()) for kind in findings))
    return [found for kind, found in findings.items() if kind not in following]
