"""Trials: a process forks, and the child goes on with one thing changed until a check is over."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from pgassay.errors import UsageError
from pgassay.verdict import Verdict

#: Seconds after which a trial is given up: a changed answer may keep a check waiting.
_LONGEST: Final = 20


class Fate(StrEnum):
    """What became of a change: who noticed it, if anybody could."""

    NOTICED = "noticed"
    WATCHED = "noticed by monitors alone"
    UNDECIDED = "undecided"
    UNNOTICED = "unnoticed"


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a check in a child process.

    `requirements` are those that it judges, `blamed` the ones that it found violated, `watched`
    those that monitors found violated meanwhile. `read` are the exchanges that it looked at, where
    that was asked. `strayed` tells whether the check left the record, `overlapped` whether it sent
    from several threads.
    """

    verdict: Verdict = Verdict.INCONCLUSIVE
    requirements: tuple[str, ...] = ()
    blamed: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    read: tuple[int, ...] = ()
    strayed: bool = False
    overlapped: bool = False
    note: str = "the trial did not come to an end"

    @property
    def noticed(self) -> bool:
        """Tell whether the check noticed the change."""
        return self.verdict in {Verdict.FAIL, Verdict.WARN}

    @property
    def fate(self) -> Fate:
        """What became of the change: undecided where the check came to no verdict."""
        if self.noticed:
            return Fate.NOTICED
        if self.watched:
            return Fate.WATCHED
        return Fate.UNNOTICED if self.verdict is Verdict.PASS else Fate.UNDECIDED


class Children:
    """Forks for trials; in a child `reply` ends the process."""

    def __init__(self) -> None:
        """Raises `UsageError` where the operating system has no fork."""
        if not hasattr(os, "fork") or sys.platform == "win32":
            raise UsageError(
                "the operating system cannot fork processes",
                sys.platform,
                "Linux or macOS",
                "Copy the run's folder there.",
            )
        self._parent: int | None = None

    @property
    def inside(self) -> bool:
        """Tell whether this is a child."""
        return self._parent is not None

    def attempt(self, prepare: Callable[[], None]) -> Trial | None:
        """Fork; the child prepares, gets None and goes on, the parent gets what the child replied.

        Only while no other thread runs.
        """
        ours, theirs = os.pipe()
        gc.freeze()
        child = os.fork()
        if not child:
            os.close(ours)
            self._parent = theirs
            gc.disable()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(_LONGEST)
            prepare()
            return None
        os.close(theirs)
        try:
            with os.fdopen(ours, "rb") as replies:
                said = replies.read()
        finally:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return _read(said)

    def leave(self) -> None:
        """End this process if it is a child that did not come to its check's end."""
        if self.inside:
            os._exit(1)

    def reply(self, trial: Trial) -> None:
        """Tell the parent what became of the check, and end this process."""
        assert self._parent is not None  # noqa: S101 - only called inside
        try:
            with os.fdopen(self._parent, "wb") as parent:
                parent.write(msgspec.json.encode(trial))
        finally:
            # Not exit: nothing of the parent's is to be cleaned up here.
            os._exit(0)


def _read(said: bytes) -> Trial:
    return msgspec.json.decode(said, type=Trial) if said else Trial()
