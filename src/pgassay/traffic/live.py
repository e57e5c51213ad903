"""What a load process shows of itself while it runs: a small file, replaced as a whole.

The process that examines reads the files of all workers and adds them up. Rates are of the last
seconds; latencies, known to 1/128, are those of the last whole seconds, by the time at which
requests were due, so a request that still waits for its answer is missing among them and counted in
`in_flight`.
"""

import base64
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, Protocol

import msgspec

from pgassay.traffic import whole_file
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.progress import Progress
from pgassay.traffic.recorder import Recorder

#: Seconds that rates and latencies of a view cover.
WINDOW: Final = 5
#: The pause between two views, in seconds.
PERIOD: Final = 0.5
SUFFIX: Final = ".live.json"
#: Errors that are shown by name; the others are counted together.
_NAMED: Final = 4


class LiveView(msgspec.Struct, frozen=True, kw_only=True):
    """One worker's load, or that of all together, at a moment.

    `elapsed` and `left` are seconds of load. `offered`, `sent` and `answered` are requests per
    second; `errors` (by class), `throttled` and `dropped` count since the start. `backlog` are
    resources on their way. `latencies` is the base64 of an encoded `Histogram` of good answers.
    """

    family: str
    scenario: str
    phase: str
    elapsed: float = 0.0
    left: float = 0.0
    offered: float = 0.0
    sent: float = 0.0
    answered: float = 0.0
    errors: dict[str, int] = {}
    throttled: int = 0
    dropped: int = 0
    in_flight: int = 0
    backlog: int = 0
    latencies: str = ""
    workers: int = 1

    @property
    def histogram(self) -> Histogram:
        """The latencies; empty where there are none."""
        try:
            return Histogram.decode(base64.b64decode(self.latencies))
        except ValueError:
            return Histogram()


class Pacing(Protocol):
    """Time as the load knows it."""

    @property
    def sleep(self) -> Callable[[float], None]:
        """Let others run for some seconds."""

    @property
    def clock(self) -> Callable[[], float]:
        """Return monotonic seconds."""


class Source(Protocol):
    """What a view is taken of: a load on its way."""

    plan: LoadPlan
    progress: Progress

    @property
    def recorder(self) -> Recorder:
        """Where its requests are recorded."""


@dataclass(frozen=True, slots=True)
class _Totals:
    moment: float
    offered: int
    sent: int
    answered: int


class LiveWriter:
    """Write the views of one worker to the file that belongs to its plan."""

    def __init__(
        self, source: Source, path: Path, pause: Callable[[float], None] = lambda _: None
    ) -> None:
        """Nothing is written yet; `pause` lets others run while a view is put together."""
        self._source = source
        self._path = path
        self._pause = pause
        self._past: deque[_Totals] = deque(maxlen=int(WINDOW / PERIOD) + 1)
        self._shown = 0, ""  # the last second that is over, and the latencies up to it

    def write(self, moment: float) -> None:
        """Write the view of now; `moment` is monotonic seconds. A full disk stops no load."""
        with suppress(OSError):
            whole_file.write(self._path, msgspec.json.encode(self.view(moment)))

    def close(self) -> None:
        """Remove the file: what has ended is not live."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def view(self, moment: float) -> LiveView:
        """Return the view of now."""
        plan, recorder = self._source.plan, self._source.recorder
        phase, elapsed, left = self._stage(moment)
        now = _totals(recorder, moment)
        self._past.append(now)
        since = self._past[0]
        seconds = max(now.moment - since.moment, PERIOD)
        operations = recorder.operations
        return LiveView(
            family=plan.family,
            scenario=plan.scenario,
            phase=phase,
            elapsed=elapsed,
            left=left,
            offered=(now.offered - since.offered) / seconds,
            sent=(now.sent - since.sent) / seconds,
            answered=(now.answered - since.answered) / seconds,
            errors=_classes(record.errors for record in operations),
            throttled=sum(record.statuses.get("429", 0) for record in operations),
            dropped=recorder.dropped.total(),
            in_flight=recorder.in_flight,
            backlog=self._source.progress.backlog,
            latencies=self._latencies(recorder, int(elapsed)),
        )

    def _latencies(self, recorder: Recorder, second: int) -> str:
        # Requests wait while this is put together: once a second is enough, and piece by piece.
        if self._shown[0] != second:
            coarse = []
            for histogram in list(_latest(recorder, second)):
                coarse.append(histogram.coarse())
                self._pause(0.0)
            self._shown = second, _encoded(coarse)
        return self._shown[1]

    def _stage(self, moment: float) -> tuple[str, float, float]:
        """The phase, and the seconds of load that are over and that are left."""
        plan, progress = self._source.plan, self._source.progress
        if progress.began is None:
            return progress.stage, 0.0, 0.0
        elapsed = max(moment - progress.began, 0.0)
        stage = progress.stage or plan.phase_at(elapsed).name
        return stage, elapsed, max(plan.duration - elapsed, 0.0)


def follow(source: Callable[[], Source | None], tools: Pacing) -> NoReturn:
    """Write views of a load until this is ended from outside, and then remove the file.

    Nothing is written before there is a `source`, nor where its plan names no output.
    """
    writer: LiveWriter | None = None
    try:
        while True:
            tools.sleep(PERIOD)
            load = source()
            if load is not None and load.plan.output:
                writer = writer or LiveWriter(load, path_of(load.plan), tools.sleep)
                writer.write(tools.clock())
    finally:
        if writer is not None:
            writer.close()


def path_of(plan: LoadPlan) -> Path:
    """Return the file of a plan's views, beside its output."""
    output = Path(plan.output)
    return output.with_name(output.name.removesuffix(".json").removesuffix(".samples") + SUFFIX)


def read(run_folder: Path) -> LiveView | None:
    """Return the latest view of the load that runs in `run_folder`: its workers' together."""
    files = [(path, _modified(path)) for path in run_folder.glob(f"*{SUFFIX}")]
    views = [
        (moment, view) for path, moment in files if (view := _read(path)) is not None and moment
    ]
    if not views:
        return None
    _, latest = max(views, key=lambda item: item[0])
    same = (latest.family, latest.scenario)
    return summed([view for _, view in views if (view.family, view.scenario) == same])


def receive(encoded: bytes, plan: LoadPlan) -> None:
    """Keep a view that a worker elsewhere sent, as if it had written it beside the plan's output.

    What is no view is passed over, and so is a full disk.
    """
    with suppress(OSError, msgspec.DecodeError):
        view = msgspec.json.decode(encoded, type=LiveView)
        own = msgspec.structs.replace(view, family=plan.family, scenario=plan.scenario)
        whole_file.write(path_of(plan), msgspec.json.encode(own))


def encoded(plan: LoadPlan) -> bytes:
    """The latest view of the worker that carries out `plan`, to be sent; empty without one."""
    try:
        return path_of(plan).read_bytes()
    except OSError:
        return b""


def forget(plan: LoadPlan) -> None:
    """Remove the view of a load that has ended, whoever wrote it."""
    with suppress(OSError):
        path_of(plan).unlink(missing_ok=True)


def summed(views: list[LiveView]) -> LiveView:
    """Return the views of several workers of one load (at least one) as a single one."""
    first = max(views, key=lambda view: view.elapsed)
    return LiveView(
        family=first.family,
        scenario=first.scenario,
        phase=first.phase,
        elapsed=first.elapsed,
        left=max(view.left for view in views),
        offered=sum(view.offered for view in views),
        sent=sum(view.sent for view in views),
        answered=sum(view.answered for view in views),
        errors=_classes(view.errors for view in views),
        throttled=sum(view.throttled for view in views),
        dropped=sum(view.dropped for view in views),
        in_flight=sum(view.in_flight for view in views),
        backlog=sum(view.backlog for view in views),
        latencies=_encoded(view.histogram for view in views),
        workers=len(views),
    )


def _totals(recorder: Recorder, moment: float) -> _Totals:
    operations = recorder.operations
    sent = sum(record.sent for record in operations)
    offered = sum(record.offered for record in operations)
    return _Totals(moment, offered, sent, sent - recorder.in_flight)


def _latest(recorder: Recorder, last: int) -> Iterator[Histogram]:
    for record in recorder.operations:
        for number in range(max(last - WINDOW, 0), last):
            second = record.seconds.get(number)
            if second is not None:
                yield second.good


def _encoded(histograms: Iterable[Histogram]) -> str:
    merged = Histogram.merged(histograms)
    return base64.b64encode(merged.encode()).decode() if merged.count else ""


def _classes(errors: Iterable[dict[str, int]]) -> dict[str, int]:
    """The errors by class without 429, which is told apart; the rarer ones as one class."""
    total: Counter[str] = Counter()
    for counts in errors:
        total.update({name: count for name, count in counts.items() if name != "status 429"})
    others = total.pop("others", 0)
    named = total.most_common(_NAMED)
    others += total.total() - sum(count for _, count in named)
    return dict(named) | ({"others": others} if others else {})


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _read(path: Path) -> LiveView | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=LiveView)
    except (OSError, msgspec.DecodeError):
        return None
