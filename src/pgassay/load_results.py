"""The results of a load: what was offered, what was sent, what came of it, and what follows.

They are part of `pgassay.results`, which is where the rest of the program imports them from.
Times are seconds.
"""

from dataclasses import dataclass, field

from pgassay.resource import ResourceRecord
from pgassay.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Percentile:
    """A percentile with its 95 % confidence interval; None where samples do not carry it."""

    q: float
    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class LikelyTimes:
    """The most likely distribution of durations whose ends were seen between two polls.

    `steps` are (lower, upper, share of all waits): so many ended in between, nobody knows where;
    `upper` is None for what was never seen to end. `p50` and `mean` are the bounds in which the
    median and the mean of the distribution lie. `samples` is how many waits it rests on.
    """

    p50: tuple[float, float | None]
    mean: tuple[float, float | None]
    steps: tuple[tuple[float, float | None, float], ...]
    samples: int


@dataclass(frozen=True, slots=True)
class LoadOperation:
    """Latencies of one operation under load, counted from the intended send time (seconds)."""

    name: str
    offered: int
    sent: int
    dropped: int
    succeeded: int
    failed: int
    throttled: int
    unfinished: int
    statuses: dict[str, int]
    errors: dict[str, int]
    percentiles: tuple[Percentile, ...]
    maximum: float | None
    mean: float | None
    histogram: tuple[tuple[float, int], ...] = ()  # (upper bound in seconds, count)
    service: tuple[Percentile, ...] = ()  # the same percentiles, counted from the real send time
    outcomes: dict[str, tuple[Percentile, ...]] = field(default_factory=dict)  # of other outcomes
    unjudged: int = 0  # of those sent: in phases that are not judged, and in no percentile
    bytes_sent: int = 0
    bytes_received: int = 0
    #: Of a lifecycle figure: (seconds, share that surely came by then, share that may have come).
    curve: tuple[tuple[float, float, float], ...] = ()
    #: Of a lifecycle figure: what its intervals make most likely. None where none came to its end.
    likely: LikelyTimes | None = None


@dataclass(frozen=True, slots=True)
class SloResult:
    """The verdict on one service level objective of `load/slo.toml`."""

    id: str
    scenario: str
    operation: str
    objective: str  # e.g. "p95 <= 0.250 s"
    limit: float
    value: float | None
    lower: float | None
    upper: float | None
    samples: int
    verdict: Verdict
    note: str = ""
    #: Of the interval, and of a verdict that rests on it: 0.95. None for plain accounting.
    confidence: float | None = None
    #: What the value would be if throttled requests counted as requests without a good answer.
    with_throttled: float | None = None
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class LoadPhase:
    """A phase of a load; its requests are those that were due in it (see `judged`).

    `start` and `seconds` are in seconds from the start of the load. `p50` and `p99` are of good
    answers, from the intended send time, and None where the samples do not carry them.
    """

    name: str
    start: float
    seconds: float
    judged: bool
    offered: int
    succeeded: int
    failed: int
    throttled: int
    unfinished: int
    p50: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Throttled:
    """What 429 did to a load.

    `answers` were 429, of which `unannounced` named no time after which to come again. `held`
    requests waited for such a time, `held_seconds` all together.
    """

    answers: int = 0
    unannounced: int = 0
    held: int = 0
    held_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Monitored:
    """What became of the exchanges of a load before its monitors.

    Reads that were `repeated` said the same as the one before. For those `unjudged` there was no
    room or no time: what they showed is not known.
    """

    judged: int = 0
    repeated: int = 0
    unjudged: int = 0


@dataclass(frozen=True, slots=True)
class LoadFinding:
    """A contradiction between what a target acknowledged under load and what it showed or holds.

    `kind` is one of `pgassay.traffic.finding.Kind`, `subject` names the resource, `text` says what
    contradicts what. `evidence` are the request lines that prove it, in their order, with their
    sequence numbers; the journal of the load process holds them, and the deciding exchange whole.
    """

    kind: str
    subject: str
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadTrend:
    """Whether the median latency of an operation grew while the offered rate was constant.

    `slope` is by how many seconds the median grew in each second of the phase, `lower` to `upper`
    its 95 % interval; `p50` is the median of the whole phase. `slowing` when growth is proven and
    large enough to matter (see `pgassay.traffic.trends`).
    """

    operation: str
    phase: str
    seconds: float
    samples: int
    p50: float
    slope: float
    lower: float | None
    upper: float | None
    slowing: bool = False


@dataclass(frozen=True, slots=True)
class LoadScenario:
    """One load scenario on one family: what was offered, what was sent, what came of it."""

    family: str
    scenario: str
    rate: float  # offered arrivals per second
    duration: float
    seed: int
    verdict: Verdict
    note: str
    offered: int
    sent: int
    dropped: int
    operations: tuple[LoadOperation, ...]
    slos: tuple[SloResult, ...]
    timeline: tuple[
        dict[str, float], ...
    ]  # per second: t, offered, completed, failed, p50, p95, p99
    generator: dict[str, float]  # lag_p50, lag_p99, lag_max, cpu
    lifecycle: tuple[LoadOperation, ...] = ()  # time to active and the like
    created: int = 0
    removed: int = 0
    #: Contradictions between intents, answers and the final listing.
    ledger: tuple[LoadFinding, ...] = ()
    workers: int = 1
    #: Resources on their way at the end of each second, as far as a wait for them showed it.
    backlog: tuple[int, ...] = ()
    phases: tuple[LoadPhase, ...] = ()
    bytes_sent: int = 0
    bytes_received: int = 0
    late: int = 0  # requests that left later than the generator may be to be believed
    throttling: Throttled = field(default_factory=Throttled)
    #: Per second of the generator: t, cpu, lag_p50, lag_p99, lag_max, in_flight.
    heartbeats: tuple[dict[str, float], ...] = ()
    #: Why the generator is not to be believed; empty where it kept up.
    saturated: str = ""
    #: Requests per second while arrivals came: offered, sent, succeeded. Only what really happened.
    rates: dict[str, float] = field(default_factory=dict)
    model: str = "open"  # or closed: then arrivals wait for answers, and a slow target hides itself
    users: int = 0  # of the closed model
    left: tuple[ResourceRecord, ...] = ()  # what it created and could not remove
    monitored: Monitored = field(default_factory=Monitored)
    #: By state, in the target's words: how many resources were in it at the end of each second.
    states: dict[str, tuple[int, ...]] = field(default_factory=dict)
    #: Of each operation with enough samples, in each judged phase of constant rate.
    trends: tuple[LoadTrend, ...] = ()
    interrupted: bool = False  # before its plan was over


@dataclass(frozen=True, slots=True)
class Estimate:
    """A fitted figure with its 95 % interval; None where the data do not bound it."""

    value: float | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class UslFit:
    """The Universal Scalability Law, X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1)).

    `gamma` is the rate of one request at a time (requests per second), `alpha` the share that waits
    in line, `beta` the cost of agreeing with each other. At `peak_concurrency` the law has its
    highest rate, `peak_rate`; both are None where `beta` is 0. Source: N. Gunther, Guerrilla
    Capacity Planning, chapter 5.
    """

    gamma: Estimate
    alpha: Estimate
    beta: Estimate
    peak_concurrency: Estimate
    peak_rate: Estimate


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One trial of the search for the capacity: a constant rate, held for some seconds.

    `rate` is what was offered and `achieved` what was answered well, both in arrivals per second;
    `p99` is in seconds from the intended time. `backlog_slope` is by how many unfinished resources
    the backlog grew in a second. `kept` tells whether all was kept; `purpose` is bracket, bisect,
    confirm or hold. `concurrency` is the mean number of requests in flight, and `throughput` the
    requests per second that were answered well meanwhile: an arrival makes several.
    """

    rate: float
    seconds: float
    achieved: float
    p99: float | None
    backlog_slope: float | None
    kept: bool
    purpose: str
    note: str = ""
    concurrency: float | None = None
    throughput: float | None = None


@dataclass(frozen=True, slots=True)
class CapacityResult:
    """The highest rate that keeps an objective with a backlog that does not grow.

    The capacity lies between `sustained`, the highest rate that was kept, and `lowest_bad`, the
    lowest that was not (arrivals per second; None where there is none). `creates_per_minute` is
    what became active at the sustained rate.
    """

    scenario: str
    family: str
    objective: str  # e.g. "p99 <= 0.5 s"
    trials: tuple[TrialResult, ...]
    sustained: float | None
    lowest_bad: float | None
    creates_per_minute: float | None
    verdict: Verdict
    note: str = ""
    usl: UslFit | None = None


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """Latencies of an operation while `resources` existed; `deleted` when as many had been removed.

    `p50` and `p99` are in seconds, and None where `samples` do not carry them.
    """

    resources: int
    p50: float | None
    p99: float | None
    samples: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class GrowthResult:
    """How the latency of an operation grows with the number of resources that exist.

    `law` is the one that fits best: constant, log n, n, n log n or n squared; empty where none was
    fitted. `exponent` is that of the part that grows, or where none is proven the slope of the
    logarithm of the latency over that of the number, with its 95 % interval `lower` to `upper`.
    `allowed` is the fastest law that the plan allows, empty where it allows any.
    """

    family: str
    operation: str
    points: tuple[GrowthPoint, ...]
    law: str
    exponent: float | None
    lower: float | None
    upper: float | None
    allowed: str
    verdict: Verdict
    note: str = ""
