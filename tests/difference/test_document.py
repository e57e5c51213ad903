"""Documents of strangers are read or refused, and never break the reader."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pgassay._folders import folder
from pgassay.difference import Document, compare
from pgassay.errors import UsageError

from .conftest import document, with_request


def test_yaml_and_json_of_one_document_are_equal(tmp_path: Path) -> None:
    content = {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {}}}}}}
    (tmp_path / "a.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "a.yaml").write_text("openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {}}}}}\n")
    json_document, yaml_document = (
        Document.read(tmp_path / f"a.{kind}") for kind in ("json", "yaml")
    )
    assert compare(json_document, yaml_document) == ()


def test_yaml_is_read_as_version_1_2(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("paths: {}\nenum: [on, off, no, true, 2026-01-01]\n")
    found = Document.read(tmp_path / "a.yaml").content["enum"]
    assert found == ["on", "off", "no", True, "2026-01-01"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "no paths"),
        ("[1]", "no paths"),
        ("{", "neither JSON nor YAML"),
        ("a: [", "neither JSON nor YAML"),
        ("{}", "no paths"),
        ('{"paths": []}', "no paths"),
        ('{"swagger": "2.0", "paths": {}}', "OpenAPI 2"),
        ("\0", "neither JSON nor YAML"),
        ('{"paths":' + "[" * 100_000, "neither JSON nor YAML"),
        ("!!python/object/apply:os.getcwd []", "neither JSON nor YAML"),
    ],
    ids=range(10),
)
def test_what_is_no_document_is_refused(file: Callable[[Any], Path], text: str, part: str) -> None:
    path = file(text)
    with pytest.raises(UsageError, match=part) as caught:
        Document.read(path)
    assert caught.value.where == str(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "a", tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError):
            Document.read(path)


@pytest.mark.parametrize(
    ("schema", "part"),
    [
        ({"$ref": "#/components/schemas/Absent"}, "leads nowhere"),
        ({"$ref": "other.yaml#/Thing"}, "leads out of the document"),
        ({"properties": ["a"]}, "no object"),
        ("text", "no schema"),
        ({"allOf": [3]}, "no schema"),
    ],
)
def test_a_schema_that_cannot_be_followed_is_refused(schema: Any, part: str) -> None:
    with pytest.raises(UsageError, match=part):
        compare(with_request({}), with_request(schema))


def test_a_reference_to_itself_is_refused() -> None:
    loop = {"$ref": "#/loop"}
    with pytest.raises(UsageError, match="leads to itself"):
        compare(document({}), document({"parameters": [loop]}, loop=loop))


def test_a_schema_inside_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["allOf"] = [endless]
    with pytest.raises(UsageError, match="part of itself"):
        compare(with_request({}), with_request(endless))


@pytest.mark.parametrize(
    "operation",
    [[], {"parameters": {}}, {"parameters": [1]}, {"responses": []}, {"requestBody": 1}],
)
def test_an_operation_of_another_shape_is_refused(operation: Any) -> None:
    with pytest.raises(UsageError, match="this is no"):
        compare(document({"requestBody": {}, "responses": {}}), document(operation))


def test_damaged_documents_are_compared_or_refused() -> None:
    """One place of the shipped document after another is replaced by something else."""
    ours = Document.read(folder("spec") / "openapi.yaml")
    text, seeded = json.dumps(ours.content), random.Random(7)
    for _ in range(12):
        damaged = json.loads(text)
        _damage(damaged["paths" if seeded.random() < 0.5 else "components"], seeded)
        try:
            compare(ours, Document("damaged", damaged))
        except UsageError:
            continue


def _damage(node: Any, seeded: random.Random) -> None:
    """Walk down at random, and put something there."""
    while True:
        key = seeded.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if seeded.random() < 0.2 or not isinstance(node[key], dict | list) or not node[key]:
            node[key] = seeded.choice([None, [], {}, 1, "x", True, [None], {"a": [1]}, {"$ref": 1}])
            return
        node = node[key]
