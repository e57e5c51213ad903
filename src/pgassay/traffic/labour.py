"""Work that is done in several places of a pool at a time, and fails as if it were done in one."""

from collections.abc import Callable
from typing import Final, Protocol

#: So long is waited at a time for the end of all, in seconds.
_STEP: Final = 0.2


class Spawner(Protocol):
    """A pool in which functions run beside each other."""

    def spawn(self, function: Callable[..., None], *arguments: object) -> object:
        """Start `function` without waiting for it."""

    def join(self, timeout: float) -> object:
        """Wait until all have ended, at most `timeout` seconds."""


def repeat(step: Callable[[], bool], pool: Spawner | None, places: int) -> None:
    """Take a `step` again and again, in so many places of a pool, until it says it was the last.

    Without a pool there is one place. What a step raises ends all, and is raised again.
    """
    failures: list[Exception] = []
    running = 0

    def work() -> None:
        nonlocal running
        try:
            while not failures and step():
                pass
        except Exception as error:  # noqa: BLE001  # raised again below
            failures.append(error)
        finally:
            running -= 1

    for _ in range(1 if pool is None else places):
        running += 1
        if pool is None:
            work()
        else:
            pool.spawn(work)
    while running and pool is not None:
        pool.join(timeout=_STEP)
    if failures:
        raise failures[0]
