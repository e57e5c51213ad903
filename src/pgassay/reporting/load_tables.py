"""The numbers under each chart of a load run, as cells that are ready to be shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pgassay.reporting import limits, load_time
from pgassay.reporting.series import Moment, chunks, finite, mean, present
from pgassay.reporting.units import figure, seconds
from pgassay.results import (
    CapacityResult,
    Estimate,
    GrowthPoint,
    GrowthResult,
    LoadOperation,
    LoadScenario,
    UslFit,
)

#: Rows of a table over time; each then stands for some seconds.
_ROWS: Final = 40
_NOTHING: Final = "–"
_HIGHEST: Final = "the highest of them"
#: Figures that are 0 where nothing was measured.
_LATENCIES: Final = frozenset({"p50", "p95", "p99", "max"})
_RATES: Final = {
    "offered": "offered",
    "completed": "good",
    "throttled": "throttled",
    "failed": "failed or unanswered",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """A table: names of its columns, rows of cells, and what a reader must know about it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def latency(scenario: LoadScenario) -> Figures:
    """The percentiles over time."""
    columns = {name: (name, max, seconds) for name in load_time.carried(scenario)}
    return _over_time(scenario.timeline, columns, _HIGHEST)


def throughput(scenario: LoadScenario) -> Figures:
    """What was offered and what became of it, per second."""
    columns = {
        title: (name, mean, figure)
        for name, title in _RATES.items()
        if name in ("offered", "completed") or present(scenario.timeline, name)
    }
    return _over_time(scenario.timeline, columns, "requests per second, the mean of its seconds")


def backlog(scenario: LoadScenario) -> Figures:
    """How many resources were on their way."""
    moments = [{"t": float(t), "n": float(number)} for t, number in enumerate(scenario.backlog)]
    columns = {"unfinished resources": ("n", max, figure)}
    return _over_time(moments, columns, _HIGHEST)


def states(scenario: LoadScenario) -> Figures:
    """How many resources were in each state."""
    columns = {name: (name, mean, figure) for name in load_time.state_names(scenario)}
    meaning = "the mean of its seconds"
    return _over_time(load_time.state_moments(scenario), columns, meaning)


def generator(scenario: LoadScenario) -> Figures:
    """How late the generator was over time, its share of a processor, and what was in flight."""
    columns = {
        "lag p50": ("lag_p50", max, seconds),
        "lag p99": ("lag_p99", max, seconds),
        "lag max": ("lag_max", max, seconds),
        "CPU": ("cpu", max, _percentage),
        "in flight": ("in_flight", max, figure),
    }
    return _over_time(scenario.heartbeats, columns, _HIGHEST)


def histogram(operation: LoadOperation) -> Figures:
    """How many good answers took how long, with their share so far."""
    total = sum(count for _, count in operation.histogram)
    reached, rows = 0, []
    for bound, count in operation.histogram:
        reached += count
        if count:
            rows.append((seconds(bound), f"{count:,}", f"{reached / total:.2%}"))
    return Figures(("up to", "good answers", "share so far"), tuple(rows))


def time_to(operation: LoadOperation) -> Figures:
    """Which share was there after how long."""
    size = -(-len(operation.curve) // _ROWS) or 1
    rows = tuple(
        (seconds(moment), f"{surely:.1%}", f"{maybe:.1%}")
        for moment, surely, maybe in operation.curve[::-1][::size][::-1]
    )
    note = "Each end was seen between two polls."
    return Figures(("after", "share at least", "share at most"), rows, note)


def capacity(result: CapacityResult) -> Figures:
    """Every trial, in the order in which they were made."""
    head = (
        "purpose", "offered", "for", "good", "p99", "requests answered", "in flight",
        "backlog grows by", "kept", "note",
    )  # fmt: skip
    rows = tuple(
        (
            trial.purpose,
            limits.rate(trial.rate),
            seconds(trial.seconds),
            limits.rate(trial.achieved),
            seconds(trial.p99),
            _or_nothing(trial.throughput, limits.rate),
            _or_nothing(trial.concurrency, figure),
            _or_nothing(trial.backlog_slope, lambda slope: f"{figure(slope)}/s"),
            "yes" if trial.kept else "no",
            trial.note,
        )
        for trial in result.trials
    )
    return Figures(head, rows)


def scalability(law: UslFit) -> Figures:
    """The fitted figures of the law with their intervals."""
    named: dict[str, tuple[Estimate, Callable[[float], str]]] = {
        "gamma, answers per second of one request at a time": (law.gamma, figure),
        "alpha, share that waits in line": (law.alpha, _share),
        "beta, cost of agreeing with each other": (law.beta, _share),
        "concurrency at the peak": (law.peak_concurrency, figure),
        "answers per second at the peak": (law.peak_rate, figure),
    }
    rows = tuple(
        (
            name,
            _or_nothing(part.value, write),
            f"{_or_nothing(part.lower, write)} to {_or_nothing(part.upper, write)}",
        )
        for name, (part, write) in named.items()
    )
    return Figures(("figure", "value", "95 % interval"), rows)


def growth(result: GrowthResult) -> Figures:
    """What was measured at each number of resources."""
    return Figures(
        ("resources", "p50", "p99", "samples"), tuple(_point(point) for point in result.points)
    )


def carried(value: float | None, samples: int) -> str:
    """Return a percentile in words, or that the samples do not carry it."""
    return seconds(value) if finite(value) is not None else f"too few samples ({samples:,})"


def judged(item: LoadOperation) -> int:
    """Return how many samples the percentiles of an operation rest on."""
    return sum(count for _, count in item.histogram)


def _point(point: GrowthPoint) -> tuple[str, ...]:
    deleted = " after deleting" if point.deleted else ""
    return (
        f"{point.resources:,}{deleted}",
        carried(point.p50, point.samples),
        carried(point.p99, point.samples),
        f"{point.samples:,}",
    )


_Column = tuple[str, Callable[[list[float]], float], Callable[[float], str]]


def _over_time(timeline: Sequence[Moment], columns: Mapping[str, _Column], meaning: str) -> Figures:
    pieces = chunks(timeline, _ROWS)
    rows = tuple(
        (f"{piece[0]['t']:g} s", *(_cell(piece, column) for column in columns.values()))
        for piece in pieces
    )
    size = len(pieces[0]) if pieces else 0
    note = f"Each row stands for {size} seconds and shows {meaning}." if size > 1 else ""
    return Figures(("from", *columns), rows, note)


def _cell(piece: Sequence[Moment], column: _Column) -> str:
    name, summary, write = column
    known = list(_known(moment.get(name) for moment in piece))
    if name in _LATENCIES:
        known = [value for value in known if value]
    return write(summary(known)) if known else _NOTHING


def _known(values: Iterable[float | None]) -> Iterable[float]:
    return (value for value in values if value is not None and finite(value) is not None)


def _or_nothing(value: float | None, write: Callable[[float], str]) -> str:
    return _NOTHING if value is None or finite(value) is None else write(value)


def _percentage(share: float) -> str:
    return f"{share:.0%}"


def _share(value: float) -> str:
    return f"{value:.3g}"
