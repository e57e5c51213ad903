"""Documents in a few lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pgassay.difference import Document, compare

#: Compares two request schemas: what differs, as (place, ours, theirs).
Compared = Callable[[Any, Any], list[tuple[str, str, str]]]


def document(operation: Any, path: str = "/things", **more: Any) -> Document:
    """Return a document with one operation, POST /things."""
    return Document("theirs", {"paths": {path: {"post": operation}}, **more})


def with_request(schema: Any, **more: Any) -> Document:
    """Return a document whose operation takes a JSON body."""
    return document({"requestBody": {"content": {"application/json": {"schema": schema}}}}, **more)


@pytest.fixture
def differing() -> Compared:
    """Compare two request schemas; the operation's name is left out of the keys."""

    def differing(ours: Any, theirs: Any) -> list[tuple[str, str, str]]:
        found = compare(with_request(ours), with_request(theirs))
        return [(each.key.removeprefix("POST /things "), each.ours, each.theirs) for each in found]

    return differing


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], Path]:
    """Write a document, or any text, and return where."""

    def write(content: Any) -> Path:
        path = tmp_path / "theirs.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    return write
