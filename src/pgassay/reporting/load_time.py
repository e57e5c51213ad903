"""Charts of a load run over its time: latency, throughput, backlog, and the generator itself."""

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Final

from markupsafe import Markup

from pgassay.reporting.axes import TOP, UPWARDS, Axis, Frame, Key, fitting, linear, time_axis
from pgassay.reporting.drawing import area, text
from pgassay.reporting.series import Series, mean, present, series
from pgassay.reporting.units import figure, seconds
from pgassay.results import LoadScenario

#: States that every reader knows, from the bottom of the stack to its top, and their colours. What
#: is on its way to being usable lies between the first two and the rest.
_USABLE: Final = ("ACTIVE", "running")
_ENDING: Final = {
    "deleting": "leaving",
    "stopped": "gone",
    "unavailable": "failed",
    "ERROR": "failed",
}
#: Colours of the other states, in turn.
_ON_THE_WAY: Final = ("state-1", "state-2", "state-3", "state-4")

#: What became of requests, from the bottom of the stack to its top: key, name, class.
_OUTCOMES: Final = (
    ("completed", "good", "good"),
    ("throttled", "throttled", "throttled"),
    ("failed", "failed or unanswered", "failed"),
)

_LINES: Final = {"p50": "low", "p95": "middle", "p99": "high", "max": "high"}


def latency(scenario: LoadScenario) -> Markup:
    """Percentiles of each second's requests: a band from p50 to p99, with p95 in it."""
    if len(scenario.timeline) < 2:
        return Markup()
    named = {name: series(scenario.timeline, name, max, gap=0.0) for name in carried(scenario)}
    values = [value for points in named.values() for _, value in points if value is not None]
    frame = Frame(_moments(scenario), fitting(values, UPWARDS, seconds, "latency"))
    names = list(named)
    keys = [Key(name, _LINES[name]) for name in names]
    parts = [
        *_phases(scenario, frame),
        area(frame.places(named[names[-1]]), frame.places(named[names[0]]), "area band"),
        *(frame.line(named[key.name], key.class_) for key in keys),
    ]
    told = f"{', '.join(names)} of the requests due in each second, from their intended send time."
    return frame.markup("Latency over time", told, parts, keys[::-1])


def carried(scenario: LoadScenario) -> list[str]:
    """Return the percentiles that the good answers of a typical second carry, lowest first.

    Where a second has less than a hundred of them, the highest figure that it has is its maximum.
    """
    counts = sorted(moment.get("completed", 0.0) for moment in scenario.timeline)
    typical = counts[len(counts) // 2] if counts else 0.0
    middle = ["p95"] if typical >= 20 else []
    return ["p50", *middle, "p99" if typical >= 100 else "max"]


def throughput(scenario: LoadScenario) -> Markup:
    """What became of each second's requests, stacked, under the line of what was offered."""
    if len(scenario.timeline) < 2:
        return Markup()
    offered = series(scenario.timeline, "offered", mean)
    stack = [
        (series(scenario.timeline, name, mean), Key(title, class_, surface=True))
        for name, title, class_ in _OUTCOMES
        if name == "completed" or present(scenario.timeline, name)
    ]
    tops = _stacked([points for points, _ in stack])
    highest = max(value or 0.0 for points in (offered, *tops) for _, value in points)
    frame = Frame(_moments(scenario), linear(highest, UPWARDS, figure, "requests per second"))
    keys = [key for _, key in stack]
    parts = [
        *_surfaces(frame, tops, keys),
        *_phases(scenario, frame),
        frame.line(offered, "offered"),
    ]
    return frame.markup(
        "Throughput against offered rate",
        "Requests that were due in each second of the run, by what became of them, and how many "
        "were offered.",
        parts,
        (Key("offered", "offered"), *keys),
    )


def backlog(scenario: LoadScenario) -> Markup:
    """How many resources were on their way at the end of each second."""
    if not any(scenario.backlog):
        return Markup()
    line = [(float(second), float(number)) for second, number in enumerate(scenario.backlog)]
    frame = Frame(
        _moments(scenario), linear(max(scenario.backlog), UPWARDS, figure, "unfinished resources")
    )
    floor = [(moment, 0.0) for moment, _ in line]
    return frame.markup(
        "Backlog over time",
        "Resources that were created and had not yet become active at the end of each second.",
        [
            *_phases(scenario, frame),
            area(frame.places(line), frame.places(floor), "area pending"),
            frame.line(line, "high"),
        ],
    )


def states(scenario: LoadScenario) -> Markup:
    """How many resources were in each state at the end of each second, stacked."""
    ordered = state_names(scenario)
    if not ordered:
        return Markup()
    moments = state_moments(scenario)
    others = cycle(_ON_THE_WAY)
    colours = dict.fromkeys(_USABLE, "good") | _ENDING
    keys = [Key(name, colours.get(name) or next(others), surface=True) for name in ordered]
    tops = _stacked([series(moments, name, mean) for name in ordered])
    highest = max(value or 0.0 for _, value in tops[-1])
    frame = Frame(_moments(scenario), linear(highest, UPWARDS, figure, "resources"))
    return frame.markup(
        "States over time",
        "How many of the run's resources were in each state at the end of each second, as the last "
        "answer told.",
        [*_surfaces(frame, tops, keys), *_phases(scenario, frame)],
        keys,
    )


def state_names(scenario: LoadScenario) -> list[str]:
    """Return the states in the order of the stack: usable, on the way, at an end."""
    ending = [name for name in _ENDING if name in scenario.states]
    usable = [name for name in _USABLE if name in scenario.states]
    others = scenario.states.keys() - {*ending, *usable}
    return [*usable, *sorted(others), *ending]


def state_moments(scenario: LoadScenario) -> list[dict[str, float]]:
    """Return the number of resources in each state, second by second."""
    lines = scenario.states.items()
    length = max((len(line) for _, line in lines), default=0)
    return [
        {"t": float(second)}
        | {name: float(line[second]) for name, line in lines if second < len(line)}
        for second in range(length)
    ]


def generator(scenario: LoadScenario) -> Markup:
    """How late the generator sent in each second, and its share of a processor."""
    beats = scenario.heartbeats
    if len(beats) < 2 or not present(beats, "lag_p99"):
        return Markup()
    lag = series(beats, "lag_p99", max)
    values = [value for _, value in lag if value is not None]
    frame = Frame(_moments(scenario), linear(max(values), UPWARDS, seconds, "p99 of the lag"))
    most = frame.up.marks[-1][0]
    share = [
        (moment, None if value is None else min(value, 1.0) * most)
        for moment, value in series(beats, "cpu", max)
    ]
    keys = [Key("lag", "high")]
    if present(beats, "cpu"):
        keys.append(Key("CPU (full height: one core)", "offered"))
    return frame.markup(
        "Lag and CPU of the generator",
        "How much later than intended requests left, and the generator's share of a processor.",
        [
            *_phases(scenario, frame),
            *([frame.line(share, "offered")] if len(keys) > 1 else []),
            frame.line(lag, "high"),
        ],
        keys,
    )


def _moments(scenario: LoadScenario) -> Axis:
    times = [moment["t"] for moment in (*scenario.timeline, *scenario.heartbeats[-1:])]
    ends = [
        len(scenario.backlog),
        *map(len, scenario.states.values()),
        *(time + 1 for time in times),
    ]
    return time_axis(0.0, float(max(ends)))


def _phases(scenario: LoadScenario, frame: Frame) -> Iterable[str]:
    """Shade what is not judged, such as warm-up and drain, and name phases that have room.

    Surfaces lie under the shade, and names above the chart, so that neither hides the other.
    """
    last = frame.across.scale.upper
    for phase in scenario.phases:
        begin, end = phase.start, min(phase.start + phase.seconds, last)
        if begin >= last:
            return
        if not phase.judged:
            yield frame.strip(begin, end, "unjudged")
        x = frame.across(begin)
        if frame.across(end) - x > 7 * len(phase.name) + 6:
            yield text(x + 4, TOP - 5, phase.name, "phase")


def _stacked(layers: Sequence[Series]) -> list[Series]:
    """Return the upper edge of each layer when all lie upon each other."""
    edges: list[Series] = []
    below = [0.0] * len(layers[0])
    for layer in layers:
        below = [low + (value or 0.0) for low, (_, value) in zip(below, layer, strict=True)]
        edges.append([(moment, top) for (moment, _), top in zip(layer, below, strict=True)])
    return edges


def _surfaces(frame: Frame, tops: Sequence[Series], keys: Sequence[Key]) -> Iterable[str]:
    floor: Series = [(moment, 0.0) for moment, _ in tops[0]]
    for edge, key in zip(tops, keys, strict=True):
        yield area(frame.places(edge), frame.places(floor), f"area {key.class_}")
        floor = edge
