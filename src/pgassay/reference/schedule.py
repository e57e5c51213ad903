"""Lifecycles as a function of the clock: changes that a document announces for later.

A document keeps its future under "pending": steps such as `{"at": 1780000300.0, "set":
{"state": "running"}}`, or `{"at": 1780000060.0, "remove": true}`. Nobody executes them;
whoever reads a document settles it first. So a lifecycle goes on across a restart of the
server, and a test that moves the clock sees the same states on every run.

A step may carry a job of the data plane: it then waits for the job too. A step whose job failed,
or that a test wants to fail ("fails": true), makes its "otherwise" come true in place of its "set";
later steps that would overwrite what came true so are void.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pgassay.reference.plane import Job, Outcome
from pgassay.reference.store import Document

PENDING = "pending"

Step = dict[str, Any]


def plan(
    document: Document,
    at: float,
    changes: Mapping[str, Any],
    *,
    job: Job | None = None,
    otherwise: Mapping[str, Any] | None = None,
    spared: Mapping[str, Any] | None = None,
    fails: bool = False,
) -> None:
    """Announce in the document that from `at` (epoch seconds) on the changes hold.

    `otherwise` holds instead when the job fails, or when the step `fails` whatever its job does,
    but for documents that have the members `spared` then: they stay as they are.
    """
    step: Step = {"at": at, "set": dict(changes)}
    if job is not None:
        step["job"] = job.kept()
    if otherwise is not None:
        step["otherwise"] = dict(otherwise)
    if spared is not None:
        step["spared"] = dict(spared)
    if fails:
        step["fails"] = True
    document.setdefault(PENDING, []).append(step)


def plan_removal(document: Document, at: float, *, job: Job | None = None) -> None:
    """Announce that the document ends to exist at `at` (epoch seconds); other plans are void."""
    step: Step = {"at": at, "remove": True}
    if job is not None:
        step["job"] = job.kept()
    document[PENDING] = [step]


def _spared(step: Step, document: Document) -> bool:
    return "spared" in step and step["spared"].items() <= document.items()


def _done(step: Step) -> Outcome:
    return Outcome.DONE


def settle(
    document: Document, now: float, outcome: Callable[[Step], Outcome] = _done
) -> Document | None:
    """Return the document as it is at `now`, or None when it exists no longer.

    `outcome` tells how far the job of a step has come.
    """
    steps = document.get(PENDING, ())
    for step in steps:
        if step["at"] <= now:
            break
    else:
        return document
    settled, waiting, failed = {**document}, [], set[str]()
    for step in sorted(steps, key=lambda step: step["at"]):
        end = outcome(step) if step["at"] <= now else Outcome.WORKING
        if not failed.isdisjoint(step.get("set", ())):
            continue
        if end is Outcome.WORKING:
            waiting.append(step)
        elif step.get("remove"):
            return None
        elif end is Outcome.FAILED or step.get("fails"):
            if not _spared(step, settled):
                settled.update(step.get("otherwise", {}))
                failed.update(step.get("otherwise", {}))
        else:
            settled.update(step["set"])
    settled[PENDING] = waiting
    return settled


def outlook(document: Document, member: str) -> Any:
    """Return the value that a member will have once every plan has come true."""
    value = document.get(member)
    for step in sorted(document.get(PENDING, ()), key=lambda step: step["at"]):
        value = step.get("set", {}).get(member, value)
    return value
