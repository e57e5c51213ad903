"""The repository speaks of itself alone, in text that every tool reads alike."""

import re
import subprocess
from pathlib import Path

import pytest

from pgassay import __version__

ROOT = Path(__file__).resolve().parents[1]

#: What belongs to the place where somebody works, not to the project. The patterns are written so
#: that they do not match themselves.
FOREIGN = (
    r"(?<![\w.\]])/[w]ork(?:/|\b)",
    r"/[o]pt/",
    r"/[t]mp/",
    r"/[r]oot/",
    r"/[h]ome/",
    r"\.[p]yenv/versions",
    r"[f]arm-",
    r"[d]uplicates --",
    r"\b[i]ssues (?:list|show|file|close|resolve)\b",
    r"[e]xemplars\.md",
    r"[d]esign\.md",
    r"\b[s]hared/(?:facts|sources)",
    r"\bFI[X]ME\b|\bTO[D]O\b|\bXX[X]\b",
    r"^<{7} |^>{7} ",
)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Give the text of every versioned file that is text."""
    if not (ROOT / ".git").exists():
        pytest.skip("the tree is not a git checkout, so that its files have no list")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            found[name] = content.decode("utf-8")
    return found


@pytest.mark.parametrize("pattern", FOREIGN)
def test_no_file_speaks_of_the_place_where_it_was_written(
    pattern: str, texts: dict[str, str]
) -> None:
    foreign = re.compile(pattern, re.MULTILINE)
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for name, text in texts.items()
        for hit in foreign.finditer(text)
    ]
    assert found == []


def test_every_file_ends_with_one_line_end_and_uses_no_other_kind(texts: dict[str, str]) -> None:
    wrong = [
        name for name, text in texts.items() if "\r" in text or (text and not text.endswith("\n"))
    ]
    assert wrong == []


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    headings = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert headings[:2] == ["Unreleased", __version__]
