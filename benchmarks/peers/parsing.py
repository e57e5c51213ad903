"""The reports of the tools, read into failures. All functions are pure."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.peers.outcome import Failure, first_of_each

_NEWMAN_ITEM = re.compile(r"^↳ (?P<name>.*)$")
_NEWMAN_REQUEST = re.compile(r"^  (?P<method>[A-Z]+) \S+ \[(?P<answer>[^\]]*)\]?")
_NEWMAN_FAILURE = re.compile(r"^ +\d+\. (?P<name>.*)$")
_DREDD_RESULT = re.compile(r"^(?P<result>pass|fail|error): (?P<what>[A-Z]+ \(\S+\) \S+)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def pgassay(results: str) -> tuple[Failure, ...]:
    """Read `results.json`: each finding that is a FAIL or WARN, by requirement."""
    failures = []
    for finding in json.loads(results)["findings"]:
        if finding["verdict"] in ("FAIL", "WARN"):
            shown = [each["sequence"] for each in finding["exchanges"]]
            gates = finding["verdict"] == "FAIL"
            kind = f"{finding['verdict']} {finding['requirement']}"
            failures.append(Failure(kind, max(shown, default=0), gates))
    return first_of_each(failures)


def schemathesis(events: Iterable[str]) -> tuple[Failure, ...]:
    """Read the NDJSON report: each failed check by operation, and each error."""
    found: list[tuple[str, float]] = []
    sent: list[float] = []
    for name, event in _events(events):
        if name == "ScenarioFinished":
            recorder = event["recorder"]
            interactions = recorder.get("interactions", {})
            sent += [each["timestamp"] for each in interactions.values()]
            found += _failed_checks(recorder, event["timestamp"])
        elif name == "NonFatalError":
            found.append((f"{event['label']} error", event["timestamp"]))
    sent.sort()
    return first_of_each([Failure(kind, bisect_right(sent, at)) for kind, at in found])


def _events(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in lines:
        try:
            ((name, event),) = json.loads(line).items()
        except ValueError:
            return  # The last line of a run that was stopped.
        yield name, event


def _failed_checks(recorder: dict[str, Any], finished: float) -> Iterator[tuple[str, float]]:
    interactions = recorder.get("interactions", {})
    for case, checks in recorder.get("checks", {}).items():
        at = interactions.get(case, {}).get("timestamp", finished)
        for check in checks:
            if check["status"] == "failure":
                operation = check["failure_info"]["failure"].get("operation", recorder["label"])
                yield f"{operation} {check['name']}", at


def newman(output: str) -> tuple[Failure, ...]:
    """Read the command line reporter: each failed assertion, by the name of its request."""
    failures, item, sent = [], "", 0
    body, _, _ = output.partition("\n┌")  # Its summary repeats the failures.
    for line in body.splitlines():
        if named := _NEWMAN_ITEM.match(line):
            item = named["name"]
        elif request := _NEWMAN_REQUEST.match(line):
            sent += 1
            if request["answer"].startswith("errored"):
                failures.append(Failure(f"{item} | errored", sent))
        elif failed := _NEWMAN_FAILURE.match(line):
            failures.append(Failure(f"{item} | {failed['name']}", sent))
    return first_of_each(failures)


def dredd(output: str) -> tuple[Failure, ...]:
    """Read the output: each failed transaction, by method, status and path without identifiers."""
    failures, sent = [], 0
    for line in output.splitlines():
        if result := _DREDD_RESULT.match(line):
            sent += 1
            if result["result"] != "pass":
                failures.append(Failure(_UUID.sub("*", result["what"]), sent))
    return first_of_each(failures)
