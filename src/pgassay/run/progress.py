"""How a run tells what it is doing."""

from typing import Protocol

from pgassay.results import CheckResult


class Progress(Protocol):
    """Told of each step of a run; a terminal display or nothing."""

    def selected(self, checks: int) -> None:
        """So many checks will run."""

    def started(self, check: str) -> None:
        """A check begins."""

    def finished(self, result: CheckResult, requests: int) -> None:
        """A check ended; `requests` is the run's count so far."""

    def stage(self, text: str) -> None:
        """Something else goes on: cleaning up, rendering reports, load."""


class Silence:
    """No progress display."""

    def selected(self, checks: int) -> None:
        """Say nothing."""

    def started(self, check: str) -> None:
        """Say nothing."""

    def finished(self, result: CheckResult, requests: int) -> None:
        """Say nothing."""

    def stage(self, text: str) -> None:
        """Say nothing."""
