"""What a terminal shows while a run goes on: a line that moves, and each failure as it happens."""

import os
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pgassay.reporting import live
from pgassay.results import CheckResult
from pgassay.traffic.live import LiveView
from pgassay.verdict import Verdict

#: Seconds between two lines about a load where nobody watches.
_PAUSE = 5.0
_SHOWN = frozenset({Verdict.FAIL, Verdict.ERROR})


class _Moving(Progress):
    """The moving line, or in its place the load that runs."""

    view: LiveView | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        if self.view is None:
            yield from super().get_renderables()
        else:
            yield live.table(self.view)


class Display:
    """The progress of a run on the process's standard error.

    Where nobody watches (a pipe, a CI log) only stages and failures are printed.
    """

    def __init__(self) -> None:
        """Show nothing before the context is entered."""
        # A descriptor of its own: pytest, which runs the checks, captures the process's.
        self._stream = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
        self._console = Console(file=self._stream)
        self._progress = _Moving(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[requests]} requests"),
            TimeElapsedColumn(),
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not self._console.is_terminal,
        )
        self._last_line = 0.0
        self._task = self._progress.add_task("", total=None, requests=0)

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the moving line."""
        self._progress.stop()
        self._stream.close()

    def selected(self, checks: int) -> None:
        """Show how many checks will run."""
        self._progress.update(self._task, total=checks)
        self.stage(f"running {checks} checks")

    def started(self, check: str) -> None:
        """Show the check that runs now."""
        self._progress.update(self._task, description=escape(check.rpartition("/")[2]))

    def finished(self, result: CheckResult, requests: int) -> None:
        """Count a check; print it if it failed."""
        self._progress.update(self._task, advance=1, requests=requests)
        if result.verdict in _SHOWN:
            line = f"{result.verdict}  {result.id}"
            self._console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def stage(self, text: str) -> None:
        """Show what else goes on."""
        if self._console.is_terminal:
            self._progress.update(self._task, description=escape(text))
        else:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def load(self, view: LiveView | None) -> None:
        """Show how a load goes, or none; where nobody watches, as a line every few seconds."""
        if self._console.is_terminal:
            self._progress.view = view
        elif view is not None and time.monotonic() >= self._last_line + _PAUSE:
            self._last_line = time.monotonic()
            self._console.print(live.told(view), markup=False, highlight=False, soft_wrap=True)
