"""What a command writes: its reader may go away, as in `pgassay check | head`, or it is cut off."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def unread_output_ignored() -> Iterator[None]:
    """Let a closed pipe end what the block prints, and nothing else: no error, no exit status.

    Only for blocks that do nothing but print.
    """
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # rich answers a closed pipe with SystemExit(1), which would read as "does not conform".
        discard()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let nobody interrupt the block, which must be short; what comes meanwhile is forgotten.

    A CI system that cancels a job interrupts it and sends SIGTERM seconds later: just when the
    reports of the interrupted run are written.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def discard() -> None:
    """Send what is still printed nowhere, so that closing the stream does not fail as well."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
