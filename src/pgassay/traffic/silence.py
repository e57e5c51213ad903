"""How long the other side of a connection has said nothing."""

from collections.abc import Callable
from typing import Final

#: The most that the time between two looks counts for, in seconds.
_LONGEST: Final = 1.0


class Silence:
    """Counts only while this side was listening.

    A machine that was suspended, or a process that was not scheduled, finds the messages of that
    time still unread: it must not take its own absence for the other side's.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns monotonic seconds; silence begins now."""
        self._clock = clock
        self._looked = clock()
        self._seconds = 0.0

    def heard(self) -> None:
        """Note a word of the other side."""
        self._looked = self._clock()
        self._seconds = 0.0

    def look(self) -> float:
        """Return the seconds of silence so far; to be called a few times a second."""
        now = self._clock()
        self._seconds += min(now - self._looked, _LONGEST)
        self._looked = now
        return self._seconds
