"""Waiting for a cluster."""

import time
from collections.abc import Callable

from pgassay.reference.postgres.problem import PlaneError


def wait(reached: Callable[[], bool], what: str, seconds: float = 60, poll: float = 0.01) -> None:
    """Wait until something is reached; PlaneError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise PlaneError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(poll)
