"""Every requirement rests on a document that exists, and on a section that it has."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from pgassay._folders import folder
from pgassay.catalogue import Catalogue
from pgassay.difference import Document

RFC = re.compile(r"RFC \d{3,5}")
NUMBER = re.compile(r"\d+(\.\d+)*")


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    text = (folder("spec") / "sources.toml").read_text(encoding="utf-8")
    return {document["name"]: document for document in tomllib.loads(text)["document"]}


def named() -> Iterator[tuple[str, str, str]]:
    """Yield requirement, document and section of every source."""
    for row in Catalogue.load():
        for source in row.source.split("; "):
            document, _, section = source.partition(": ")
            yield row.id, document, section


def test_every_source_names_a_section_of_a_known_document(
    documents: dict[str, dict[str, Any]],
) -> None:
    unknown = [
        (identifier, document, section)
        for identifier, document, section in named()
        if document != "OpenAPI"
        and not (RFC.fullmatch(document) and NUMBER.fullmatch(section))
        and section not in documents.get(document, {}).get("sections", ())
    ]
    assert unknown == []


def test_every_pointer_names_an_operation_or_a_schema_of_the_openapi_document(
    documents: dict[str, dict[str, Any]],
) -> None:
    paths = Document.read(folder("spec") / "openapi.yaml").content["paths"]
    schemas = documents["OpenAPI"]["schemas"]
    wrong = []
    for identifier, document, section in named():
        match section.removeprefix("#/").split("/") if document == "OpenAPI" else []:
            case [] | ["security" | "info", *_] | ["components", "securitySchemes", "basicAuth"]:
                continue
            case ["components", "schemas", name, *_] if name in schemas:
                continue
            case ["paths", path, method, *_] if method in paths.get(path.replace("~1", "/"), {}):
                continue
        wrong.append((identifier, section))
    assert wrong == []


def test_no_document_lists_what_no_requirement_names(documents: dict[str, dict[str, Any]]) -> None:
    used = {(document, section) for _, document, section in named()}
    listed = {
        (name, section)
        for name, document in documents.items()
        for section in document.get("sections", ())
    }
    assert sorted(listed - used) == []


def test_what_is_left_out_has_a_reason_and_is_no_requirement() -> None:
    text = (folder("spec") / "left_out.toml").read_text(encoding="utf-8")
    statements = tomllib.loads(text)["statement"]
    demanded = {row.statement for row in Catalogue.load()}
    for left in statements:
        assert left.keys() == {"family", "statement", "source", "reason"}, left
        assert left["family"] in {"clickhouse", "dbaas", "both"}, left
        assert left["statement"] not in demanded
        assert left["reason"].endswith("."), left
