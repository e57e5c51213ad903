"""The documents are true: commands exist, output is real, links lead somewhere."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from pgassay import __version__
from pgassay.catalogue import Catalogue
from pgassay.cli import command as root
from pgassay.coverage import checks_by_requirement

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
#: What readers replace by their own.
PLACES = {"RUN", "NAME", "FILE"}


def blocks(document: Path, language: str) -> list[str]:
    text = document.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    lines = [
        line.removeprefix("$ ")
        for document in DOCUMENTS
        for block in blocks(document, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    inline = re.findall(r"`(pgassay [^`]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    return [part.strip() for line in lines + inline for part in line.split("&&")]


def ours() -> list[str]:
    return sorted({line for line in commands() if line.startswith("pgassay ")})


@pytest.mark.parametrize("line", ours())
def test_a_shown_command_has_a_command_and_options_that_exist(line: str) -> None:
    words = shlex.split(line)[1:]
    group: click.Command = root
    while isinstance(group, click.Group) and words:
        found = group.get_command(click.Context(group), words.pop(0))
        assert found is not None, line
        group = found
    known = {option for parameter in group.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_shown_output_is_what_the_command_prints() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"<!-- output: (pgassay .*?) -->\n```text\n(.*?)```", text, re.DOTALL)
    assert shown
    for line, output in shown:
        printed = subprocess.run(
            [sys.executable, "-m", "pgassay", *shlex.split(line)[1:]],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "COLUMNS": "120"},
        ).stdout
        assert [row.rstrip() for row in output.splitlines()] == [
            row.rstrip() for row in printed.splitlines()[: len(output.splitlines())]
        ]


def test_shown_requirements_exist_and_their_number_is_right() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    catalogue = Catalogue.load()
    assert f"{len(catalogue)} sentences" in text
    for level in ("MUST", "SHOULD"):
        assert re.search(rf"{level} .* / {sum(row.level == level for row in catalogue)} ", text)
    named = re.findall(r"\b((?:CH|DB|HTTP)-[A-Z][A-Z0-9-]+)\b", text)
    assert not [identifier for identifier in named if identifier not in catalogue]


def test_the_example_check_judges_real_requirements() -> None:
    (example,) = blocks(ROOT / "CONTRIBUTING.md", "python")
    named = re.findall(r'"((?:CH|DB|HTTP)-[A-Z0-9-]+)"', example)
    assert named
    assert set(named) <= set(checks_by_requirement())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert not [link for link in links if not (document.parent / link).exists()]


def test_every_key_of_the_target_file_is_explained() -> None:
    schema = json.loads((ROOT / "spec/schema/target.schema.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs/target-file.md").read_text(encoding="utf-8")
    keys = {key for key in _keys(schema) if key not in {"auth", "clickhouse", "dbaas"}}
    assert {key for key in keys if f"`{key}`" not in text and f"[{key}]" not in text} == set()


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in schema.values():
            yield from _keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _keys(value)


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert versions[:2] == ["Unreleased", __version__]
    assert all(one != other for one, other in pairwise(versions))


def test_the_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
