"""What a monitor says of one exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pgassay.exchange import Exchange
from pgassay.specification import Operation


@dataclass(frozen=True, slots=True)
class Judgement:
    """One requirement looked at on one exchange; without a `title` it was kept."""

    requirement: str
    title: str = ""
    expected: str = ""
    actual: str = ""

    @property
    def kept(self) -> bool:
        """Tell whether the exchange keeps the requirement."""
        return not self.title


def judge(
    requirement: str,
    kept: bool,  # noqa: FBT001 - the fact that is judged
    title: str,
    expected: str,
    actual: str,
) -> Judgement:
    """Make a judgement: plain if `kept`, else with what was expected and what came."""
    return Judgement(requirement) if kept else Judgement(requirement, title, expected, actual)


class Monitor(Protocol):
    """Looks at every exchange of a run, remembers what it needs, and judges."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterable[Judgement]:
        """Judge one answered, redacted exchange; `operation` is None off the documented paths."""
