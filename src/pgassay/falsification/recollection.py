"""Evidence that a check did not ask for itself: answers that others remember for it.

Boundary values of many checks are packed into few creations, and each check looks at the answer
that the first of them got. Such an answer is changed where it is read. The class itself is altered,
so only a process that ends with the check may do so.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from pgassay.exchange import Exchange
from pgassay.falsification.record import Recorded

#: What a check reads of an answer.
_READ: Final = frozenset({"status", "headers", "body", "_readings"})
#: Monitors and the gap ledger read what they remember at each exchange: that is no evidence.
_WATCHING: Final = ("pgassay.monitors", "pgassay.gaps", "pgassay.client", "pgassay.redaction")


def note_reading(seen: set[int]) -> None:
    """From now on, add the number of each exchange that a check reads to `seen`."""

    def read(self: Exchange, name: str) -> Any:
        if name in _READ and not _watching(sys._getframe(1)):  # noqa: SLF001 - who reads matters
            seen.add(object.__getattribute__(self, "sequence"))
        return object.__getattribute__(self, name)

    _replace(read)


def remember(changed: Recorded, body: bytes) -> None:
    """From now on, have checks read `changed` in the exchange of its number."""
    instead: dict[str, Any] = {
        "status": changed.status,
        "headers": changed.answer_headers,
        "body": body,
        "_readings": [],
    }

    def read(self: Exchange, name: str) -> Any:
        if name in _READ and object.__getattribute__(self, "sequence") == changed.sequence:
            return instead[name]
        return object.__getattribute__(self, name)

    _replace(read)


def _replace(read: Callable[[Exchange, str], Any]) -> None:
    Exchange.__getattribute__ = read  # type: ignore[method-assign, assignment]


def _watching(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_globals.get("__name__") == Exchange.__module__:
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith(_WATCHING)
