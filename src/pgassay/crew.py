"""Tasks side by side, each in a thread of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def side_by_side(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run all tasks at once and return what each returns, in their order.

    When one raises, the others end before that is raised again. When the caller is interrupted,
    what has begun is waited for, and what has not never begins.
    """
    crew = _Crew(tasks)
    try:
        crew.begin()
        crew.await_all()
    finally:
        crew.dismiss()
    return [crew.outcome(number) for number in range(len(tasks))]


class _Crew(Generic[T]):
    # Not an executor: one that is interrupted while it starts a thread forgets to wait for it.

    def __init__(self, tasks: Sequence[Callable[[], T]]) -> None:
        self._tasks = tasks
        self._outcomes: dict[int, T | Exception] = {}
        self._working = 0
        self._dismissed = False
        self._changed = threading.Condition()

    def begin(self) -> None:
        for number in range(len(self._tasks)):
            threading.Thread(target=self._work, args=(number,), daemon=True).start()

    def await_all(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._outcomes) == len(self._tasks))

    def dismiss(self) -> None:
        with self._changed:
            self._dismissed = True
            self._changed.wait_for(lambda: not self._working)

    def outcome(self, number: int) -> T:
        outcome = self._outcomes[number]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _work(self, number: int) -> None:
        with self._changed:
            if self._dismissed:
                return
            self._working += 1
        try:
            outcome: T | Exception = self._tasks[number]()
        except Exception as error:  # noqa: BLE001 - raised again where the tasks were given
            outcome = error
        with self._changed:
            self._outcomes[number] = outcome
            self._working -= 1
            self._changed.notify_all()
