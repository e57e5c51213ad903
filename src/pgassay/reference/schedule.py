"""Lifecycles as a function of the clock: changes that a document announces for later.

A document keeps its future under "pending": steps such as `{"at": 1780000300.0, "set":
{"state": "running"}}`, or `{"at": 1780000060.0, "remove": true}`. Nobody executes them;
whoever reads a document settles it first. So a lifecycle goes on across a restart of the
server, and a test that moves the clock sees the same states on every run.
"""

from collections.abc import Mapping
from typing import Any

from pgassay.reference.store import Document

PENDING = "pending"


def plan(document: Document, at: float, changes: Mapping[str, Any]) -> None:
    """Announce in the document that from `at` (epoch seconds) on the changes hold."""
    document.setdefault(PENDING, []).append({"at": at, "set": dict(changes)})


def plan_removal(document: Document, at: float) -> None:
    """Announce that the document ends to exist at `at` (epoch seconds); other plans are void."""
    document[PENDING] = [{"at": at, "remove": True}]


def settle(document: Document, now: float) -> Document | None:
    """Return the document as it is at `now`, or None when it exists no longer."""
    steps = document.get(PENDING)
    if not steps or min(step["at"] for step in steps) > now:
        return document
    settled = {**document, PENDING: [step for step in steps if step["at"] > now]}
    for step in sorted(steps, key=lambda step: step["at"]):
        if step["at"] > now:
            break
        if step.get("remove"):
            return None
        settled.update(step["set"])
    return settled


def outlook(document: Document, member: str) -> Any:
    """Return the value that a member will have once every plan has come true."""
    value = document.get(member)
    for step in sorted(document.get(PENDING, ()), key=lambda step: step["at"]):
        value = step.get("set", {}).get(member, value)
    return value
