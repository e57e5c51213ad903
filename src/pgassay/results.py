"""The results of a run as values: what `results.json` holds and all reports are rendered from.

The published form is `reports/schema/results.schema.json`; a test holds the two together.
All texts here are redacted already; times are RFC 3339 in UTC, durations are seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pgassay.load_results import (
    CapacityResult,
    Estimate,
    GrowthPoint,
    GrowthResult,
    LikelyTimes,
    LoadFinding,
    LoadOperation,
    LoadPhase,
    LoadScenario,
    LoadTrend,
    Monitored,
    Percentile,
    SloResult,
    Throttled,
    TrialResult,
    UslFit,
)
from pgassay.resource import ResourceRecord
from pgassay.verdict import ExitStatus, Verdict

__all__ = [
    "FORMAT",
    "CapacityResult",
    "CheckResult",
    "Cleanup",
    "Duration",
    "Estimate",
    "ExchangeRecord",
    "Finding",
    "GapBranch",
    "GapEvidence",
    "GapResult",
    "GrowthPoint",
    "GrowthResult",
    "LikelyTimes",
    "LoadFinding",
    "LoadOperation",
    "LoadPhase",
    "LoadScenario",
    "LoadTrend",
    "Monitored",
    "OperationTraffic",
    "Percentile",
    "RequirementResult",
    "ResourceRecord",
    "Results",
    "RunInfo",
    "SloResult",
    "StatementResult",
    "TargetInfo",
    "Throttled",
    "TrialResult",
    "UslFit",
    "read",
    "write",
]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Which run this is and how to do it again."""

    id: str
    nonce: str
    started: str
    finished: str
    duration: float
    seed: int
    profile: str
    command: str
    pgassay: str
    python: str
    specification: str  # SHA-256 of the OpenAPI document
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """What was examined."""

    name: str
    base_url: str
    families: tuple[str, ...]
    embedded: bool
    features: dict[str, bool]


@dataclass(frozen=True, slots=True)
class ExchangeRecord:
    """A redacted exchange as evidence, with the command line that repeats it."""

    sequence: int
    check: str
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str | None
    status: int
    answer_headers: dict[str, str]
    answer_body: str
    sent_at: str
    duration: float
    failure: str | None
    curl: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which the target deviates from a requirement, with its evidence.

    `count` is how often it was seen; `exchanges` shows the first occurrence, earliest first, the
    last one being the exchange that decided. `place` is where in its answer the offending part is:
    `status`, `header NAME`, a JSON Pointer into the body, or empty where that does not show.
    `steps` tell what the shortest scenario that shows it did, where it takes more than one request.
    """

    requirement: str
    verdict: Verdict
    check: str
    title: str
    expected: str
    actual: str
    operation: str = ""
    count: int = 1
    exchanges: tuple[ExchangeRecord, ...] = ()
    place: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check (one test item, one monitor or one fuzzing pass)."""

    id: str
    title: str
    kind: str  # check | monitor | fuzzing | stateful | property | load
    family: str
    requirements: tuple[str, ...]
    verdict: Verdict
    duration: float
    requests: int
    note: str = ""  # why it is not PASS; for BLOCKED the cause


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The verdict on one requirement and what it rests on."""

    id: str
    family: str
    level: str
    basis: str
    plane: str
    feature: str
    statement: str
    source: str
    verdict: Verdict
    note: str = ""
    checks: tuple[str, ...] = ()
    findings: tuple[int, ...] = ()  # indices into Results.findings
    observations: int = 0  # how many exchanges monitors judged for it
    testable: bool = True  # False: nobody can judge it through the API; `note` says why


@dataclass(frozen=True, slots=True)
class OperationTraffic:
    """How one operation answered in the whole run (conformance part)."""

    operation: str
    family: str
    requests: int
    statuses: dict[str, int]
    p50: float
    p95: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Duration:
    """A measured asynchronous duration, an interval between polls (seconds)."""

    family: str
    name: str  # e.g. "service create to running"
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class StatementResult:
    """Something that an API states about databases, and whether PostgreSQL was seen to agree.

    `subject` is the member or operation, `witnesses` the requirements whose worst verdict it has:
    PASS where PostgreSQL agreed, FAIL or WARN where it said something else, and another where it
    was not asked, for which `note` gives the reason.
    """

    family: str
    subject: str
    text: str
    witnesses: tuple[str, ...]
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cleanup:
    """What was created, what was removed, and what is left with the way to remove it."""

    created: int = 0
    removed: int = 0
    left: tuple[ResourceRecord, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class GapEvidence:
    """An exchange that shows which way the target went; the journal has the whole of it."""

    sequence: int
    check: str
    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class GapBranch:
    """One way in which a server can go where the documents leave a choice.

    `documented` tells whether a document supports it, `count` how many exchanges showed it, of
    which `evidence` names the first ones.
    """

    name: str
    about: str
    documented: bool
    count: int = 0
    evidence: tuple[GapEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class GapResult:
    """One point that the documents leave open, and which way the target was seen to go.

    `switch` is the key of the target file that settles it, and `declared` what the file says there
    where that is not the default. `unobservable` says why no answer of a server decides it; it is
    empty where answers do.
    """

    id: str
    family: str
    question: str
    sources: tuple[str, ...]
    branches: tuple[GapBranch, ...]
    switch: str = ""
    declared: str = ""
    requirement: str = ""
    unobservable: str = ""

    @property
    def seen(self) -> tuple[GapBranch, ...]:
        """The branches that were seen, in the catalogue's order."""
        return tuple(branch for branch in self.branches if branch.count)

    @property
    def undecided(self) -> bool:
        """Tell whether the target went more than one way."""
        return len(self.seen) > 1


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that a run found out."""

    run: RunInfo
    target: TargetInfo
    verdict: Verdict
    exit_status: int
    counts: dict[str, dict[str, int]]  # level -> verdict -> requirements
    requirements: tuple[RequirementResult, ...]
    checks: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    traffic: tuple[OperationTraffic, ...] = ()
    durations: tuple[Duration, ...] = ()
    load: tuple[LoadScenario, ...] = ()
    gaps: tuple[GapResult, ...] = ()
    statements: tuple[StatementResult, ...] = ()  # empty where no database is asked
    cleanup: Cleanup = field(default_factory=Cleanup)
    requests: int = 0
    note: str = ""
    format: int = FORMAT
    capacity: tuple[CapacityResult, ...] = ()
    growth: tuple[GrowthResult, ...] = ()

    @property
    def status(self) -> ExitStatus:
        """The exit status of the run."""
        return ExitStatus(self.exit_status)

    def of_verdict(self, *verdicts: Verdict) -> Iterable[RequirementResult]:
        """Yield the requirements that have one of `verdicts`."""
        return (result for result in self.requirements if result.verdict in verdicts)


def write(results: Results, path: Path) -> None:
    """Write `results` as JSON, readable and with a stable order."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(path: Path) -> Results:
    """Read a `results.json`; raises `msgspec.ValidationError` and `OSError`."""
    return msgspec.json.decode(path.read_bytes(), type=Results)
