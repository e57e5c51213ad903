"""A witness that nobody here wrote: the published OpenAPI document of ClickHouse Cloud."""

import hashlib
import os
from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.catalogue import Catalogue
from pgassay.difference import Arguments, Document, Verdicts, compare

VARIABLE = "PGASSAY_CLICKHOUSE_OPENAPI"


@pytest.fixture(scope="module")
def published() -> Document:
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.skip(f"the published document is not at hand; {VARIABLE} can say where it is")
    return Document.read(Path(path))


@pytest.fixture(scope="module")
def verdicts(published: Document) -> Verdicts:
    """Compare the shipped document with the published one."""
    shipped = folder("spec")
    ours, arguments = (
        Document.read(shipped / "openapi.yaml"),
        Arguments.read(shipped / "differences.toml"),
    )
    differences = compare(
        ours,
        published,
        lambda operation: operation.definition["x-pgassay-family"] == arguments.family,
    )
    return arguments.judge(differences)


def test_the_arguments_name_the_published_document(published: Document) -> None:
    arguments = Arguments.read(folder("spec") / "differences.toml")
    digest = hashlib.sha256(Path(os.environ[VARIABLE]).read_bytes()).hexdigest()
    assert arguments.document == digest


def test_every_difference_from_the_published_document_is_argued(verdicts: Verdicts) -> None:
    assert verdicts.others == ()


def test_no_argument_is_about_nothing(verdicts: Verdicts) -> None:
    assert verdicts.stale == ()


def test_the_operations_are_the_published_ones(verdicts: Verdicts) -> None:
    whole = [each.key for each, _ in verdicts.argued if each.key.count(" ") == 1]
    assert whole == []


def test_every_source_of_a_requirement_is_in_it(published: Document) -> None:
    sources = {source for row in Catalogue.load() for source in row.source.split("; ")}
    pointers = {text.removeprefix("OpenAPI: ") for text in sources if text.startswith("OpenAPI: ")}
    # An excerpt has the paths and schemas that it is about, and nothing of the rest.
    elsewhere = {"#/security", "#/components/securitySchemes/basicAuth"}
    quotas = "#/components/schemas/OrganizationQuota"
    for pointer in sorted(pointers - elsewhere - {quotas}):
        published.target(pointer)
