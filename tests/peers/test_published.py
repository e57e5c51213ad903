"""The published comparison with the peers is that of its record."""

import json
from pathlib import Path

from benchmarks.peers.table import render, summary

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "reports" / "samples"


def test_the_tables_are_rendered_from_the_record() -> None:
    record = json.loads((SAMPLES / "peers.json").read_text(encoding="utf-8"))
    assert (SAMPLES / "peers.md").read_text(encoding="utf-8") == render(record)


def test_the_documentation_shows_these_tables() -> None:
    tables = (SAMPLES / "peers.md").read_text(encoding="utf-8")
    assert tables in (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_first_table() -> None:
    record = json.loads((SAMPLES / "peers.json").read_text(encoding="utf-8"))
    shown = "\n".join(summary(record))
    assert f"\n{shown}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
