"""What a load generator reported of one case, in the server's words; the caller fills it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction that was reported; `text` is all of it, with subject and evidence."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What was reported of one operation of the server.

    `requests` counts all that were sent, setup and cleanup included; the rest is about measured
    ones, of which `sent` left. `percentiles` (seconds, by share 0 to 1) are of the answers 2xx and
    None where they were not shown; so are `samples`: the intended moment in seconds from the start,
    and the latency. `statuses` count answers, `unanswered` requests without one. `slope` is by how
    many seconds the median was said to grow in each second, None where nothing was said; `slowing`
    whether that was called slowing down.
    """

    requests: int = 0
    sent: int = 0
    percentiles: Mapping[float, float | None] = field(default_factory=dict)
    samples: tuple[tuple[float, float], ...] = ()
    statuses: Mapping[str, int] = field(default_factory=dict)
    unanswered: int = 0
    slope: float | None = None
    slowing: bool = False


@dataclass(frozen=True, slots=True)
class Reported:
    """The report of one run.

    `active` are the intervals in seconds within which instances were seen to become ACTIVE. `lag`
    is the 99th percentile of how late requests were sent, in seconds. `trouble` says why there is
    no report to compare, and is empty where there is one.
    """

    operations: Mapping[str, Operation]
    findings: tuple[Finding, ...] = ()
    active: tuple[tuple[float, float], ...] = ()
    lag: float = 0.0
    trouble: str = ""

    def of(self, operation: str) -> Operation:
        """The report of one operation; an empty one where it was not used."""
        return self.operations.get(operation, Operation())
