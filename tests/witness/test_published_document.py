"""A witness that nobody here wrote: the published OpenAPI document of ClickHouse Cloud."""

import os
from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.difference import Arguments, Document, Verdicts, compare

VARIABLE = "PGASSAY_CLICKHOUSE_OPENAPI"


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    """Compare the shipped document with the published one."""
    published = os.environ.get(VARIABLE)
    if not published:
        pytest.skip(f"the published document is not at hand; {VARIABLE} can say where it is")
    shipped = folder("spec")
    ours, arguments = (
        Document.read(shipped / "openapi.yaml"),
        Arguments.read(shipped / "differences.toml"),
    )
    differences = compare(
        ours,
        Document.read(Path(published)),
        lambda operation: operation.definition["x-pgassay-family"] == arguments.family,
    )
    return arguments.judge(differences)


def test_every_difference_from_the_published_document_is_argued(verdicts: Verdicts) -> None:
    assert verdicts.others == ()


def test_no_argument_is_about_nothing(verdicts: Verdicts) -> None:
    assert verdicts.stale == ()


def test_the_operations_are_the_published_ones(verdicts: Verdicts) -> None:
    whole = [each.key for each, _ in verdicts.argued if each.key.count(" ") == 1]
    assert whole == []
