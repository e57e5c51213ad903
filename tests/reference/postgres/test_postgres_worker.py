"""Jobs of one lane are done in order, and what went wrong is told without secrets."""

import logging
import threading
from collections.abc import Iterator

import pytest

from pgassay.reference.plane import Action, Job, Outcome
from pgassay.reference.postgres.problem import PlaneError
from pgassay.reference.postgres.worker import Worker

from .conftest import until


class Recorder:
    """Notes the jobs; those that wait do so until they are let go, and some fail."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.waiting, self.gate = threading.Event(), threading.Event()
        self.worker = Worker(self.perform)

    def perform(self, job: Job) -> None:
        if job.id.startswith("wait"):
            self.waiting.set()
            self.gate.wait(30)
        self.done.append(job.id)
        if job.id.startswith("fail"):
            raise PlaneError("the reason")
        if job.id.startswith("break"):
            raise RuntimeError(job.arguments["password"])

    def submit(self, *jobs: str, action: Action = Action.CONFIGURE, lane: str = "lane") -> None:
        for job in jobs:
            self.worker.submit(lane, Job(job, "cluster", action, {"password": "hidden"}))

    def ends(self, job: str) -> Outcome:
        return until(lambda: self.worker.outcome(job), lambda end: end is not Outcome.WORKING)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A worker, closed at the end."""
    recorder = Recorder()
    yield recorder
    recorder.gate.set()
    recorder.worker.close()


def test_a_lane_keeps_its_order_and_others_go_on(recorder: Recorder) -> None:
    """A job that takes long holds up its own lane only."""
    recorder.submit("wait", "second", "third")
    recorder.submit("other", lane="another lane")
    assert recorder.ends("other") is Outcome.DONE
    assert recorder.worker.outcome("second") is Outcome.WORKING
    recorder.gate.set()
    assert recorder.ends("third") is Outcome.DONE
    assert recorder.done == ["other", "wait", "second", "third"]


def test_a_job_is_done_once(recorder: Recorder) -> None:
    """A job that is handed over again after a restart of the server is known by its id."""
    recorder.submit("one", "one")
    recorder.submit("last")
    assert recorder.ends("last") is Outcome.DONE
    assert recorder.done == ["one", "last"]
    assert recorder.worker.outcome("never seen") is Outcome.WORKING


def test_a_removal_voids_what_waits(recorder: Recorder) -> None:
    """Nothing is done to a cluster that is to go."""
    recorder.submit("wait", "in vain")
    assert recorder.waiting.wait(30)
    recorder.submit("removal", action=Action.REMOVE)
    recorder.gate.set()
    assert recorder.ends("removal") is Outcome.DONE
    assert recorder.worker.outcome("in vain") is Outcome.FAILED
    assert recorder.done == ["wait", "removal"]


def test_a_failure_is_told_without_secrets(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the reason of an expected failure, and the kind of an unexpected one."""
    with caplog.at_level(logging.WARNING):
        recorder.submit("fail", "break", "after")
        assert recorder.ends("after") is Outcome.DONE
    assert recorder.worker.outcome("fail") is recorder.worker.outcome("break") is Outcome.FAILED
    assert "the reason" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "hidden" not in caplog.text
