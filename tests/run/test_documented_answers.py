"""The reference answers the suite as its own OpenAPI document says, down to the schema.

The monitors judge much of this in each run; here nothing is tolerated that the document leaves
open: every status is listed for the operation, with its media type and its schema. Refusals of the
dbaas family alone may have any body: their sources describe none.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgassay.cli.tenants import reference_target
from pgassay.exchange import Json
from pgassay.journal import read
from pgassay.reference import SEED, Credentials, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.run import RunOptions, examine
from pgassay.specification import Operation, Specification, specification

#: Documented durations take a fifth of what they take elsewhere: the answers are what matters.
TIME_SCALE = 0.0002


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Json]]:
    """The exchanges of a quick run over the reference, from its journal."""
    output = tmp_path_factory.mktemp("run")
    settings = Settings(Credentials.generate(), TIME_SCALE)
    with running(create_app(settings, SystemClock())) as url:
        examine(reference_target(settings, url), RunOptions(output=output, profile="quick"))
    return [entry for entry in read(Path(output) / "journal.jsonl") if entry["kind"] == "exchange"]


def matched(
    entries: list[dict[str, Json]],
) -> Iterator[tuple[dict[str, Json], Operation, Specification]]:
    """Yield the exchanges of documented operations, each with what its organization answers."""
    for entry in entries:
        hidden = SEED.other_organization in entry["path"]
        document = specification("on" if hidden else "off")
        operation = document.match(entry["method"], entry["path"])
        # A message that is odd as HTTP is not yet a request for an operation.
        if operation is not None and "raw" not in entry:
            yield entry, operation, document


def line(entry: dict[str, Json], what: object) -> str:
    return f"{entry['method']} {entry['path']} -> {entry['status']}: {what}"


def test_the_run_exercised_what_the_reference_serves(entries: list[dict[str, Json]]) -> None:
    assert len(entries) > 1500
    assert len({operation.id for _, operation, _ in matched(entries)}) >= 28


def test_every_status_and_media_type_is_documented(entries: list[dict[str, Json]]) -> None:
    found = set()
    for entry, operation, _ in matched(entries):
        media = entry["answer_headers"].get("content-type", "").partition(";")[0]
        documented = operation.content(entry["status"])
        if not operation.documents(entry["status"]):
            found.add(line(entry, "undocumented"))
        elif documented and media not in documented:
            found.add(line(entry, media))
    assert not found


def test_every_body_follows_its_schema(entries: list[dict[str, Json]]) -> None:
    found = set()
    for entry, operation, document in matched(entries):
        media = entry["answer_headers"].get("content-type", "").partition(";")[0]
        body = entry["answer"]
        value = json.loads(body) if media.endswith("json") else body
        for violation in document.violations(operation, entry["status"], media, value):
            found.add(line(entry, violation))
    assert not found
