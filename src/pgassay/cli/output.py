"""Standard output whose reader may go away, as in `pgassay check | head`."""

import os
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


def discard() -> None:
    """Send what is still printed nowhere, so that closing the stream does not fail as well."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
