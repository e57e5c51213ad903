"""The programs in `benchmarks` that attack the reference find nothing wrong with it."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize(
    ("program", "options", "beginning"),
    [
        ("durability.py", ("--rounds", "3", "--seed", "3"), "3 kills; "),
        ("malformed.py", ("--requests", "1000", "--seed", "3"), "1000 requests: "),
    ],
)
def test_an_attack_finds_nothing(
    program: str, options: tuple[str, ...], beginning: str, tmp_path: Path
) -> None:
    """Their own defaults take minutes; a small share shows that a change breaks nothing."""
    ended = subprocess.run(
        [sys.executable, FOLDER / program, *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith(beginning)
