"""Tasks side by side: all run at once, and what they return or raise comes back."""

import threading
from functools import partial

import pytest

from pgassay.crew import side_by_side


def test_tasks_run_at_once_and_return_in_order() -> None:
    meeting = threading.Barrier(5)

    def meet(number: int) -> int:
        meeting.wait(10)
        return number

    assert side_by_side([partial(meet, number) for number in range(5)]) == [0, 1, 2, 3, 4]


def test_what_one_task_raises_is_raised_when_the_others_have_ended() -> None:
    ended: list[str] = []
    raised = threading.Event()

    def fail() -> None:
        raised.set()
        raise KeyError("one")

    def last() -> None:
        raised.wait(10)
        ended.append("last")

    with pytest.raises(KeyError, match="one"):
        side_by_side([fail, last])
    assert ended == ["last"]


def test_no_task_is_no_work() -> None:
    assert side_by_side([]) == []
