"""Look for false alarms: full runs over the embedded reference, in another order each.

Every run has a seed of its own, from which its values and the order of its checks come. A line
tells what a run accused the reference of; the exit status is 1 if any did.

    python benchmarks/false_alarms.py --runs 15
    python benchmarks/false_alarms.py --runs 15 --data-plane postgres
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ACCUSED = ("FAIL", "WARN", "ERROR")
#: What a run left open although it could have been judged; that is no alarm.
OPEN = ("INCONCLUSIVE", "BLOCKED", "NOT_TESTABLE")


def run(seed: int, further: list[str], folder: Path) -> tuple[int, float]:
    """Run the whole suite once; return its exit status and the seconds that it took."""
    command = [sys.executable, "-m", "pgassay", "check", "--profile", "full", "--shuffle"]
    command += ["--seed", str(seed), "--output", str(folder), *further]
    started = time.monotonic()
    ended = subprocess.run(command, capture_output=True, check=False)
    return ended.returncode, time.monotonic() - started


def told(folder: Path, verdicts: tuple[str, ...]) -> list[str]:
    """Return the requirements on which a run gave one of the verdicts, with the reasons."""
    results: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return [
        f"{row['verdict']} {row['id']}: {row['note'] or _titles(results, row)}"
        for row in results["requirements"]
        if row["verdict"] in verdicts and row["testable"]
    ]


def _titles(results: dict[str, Any], row: dict[str, Any]) -> str:
    return "; ".join(results["findings"][at]["title"] for at in row["findings"][:3])


def main() -> int:
    """Run, print a line for each run, and say how many accused the reference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=15, help="how many runs (default 15)")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first run")
    arguments, further = parser.parse_known_args()
    accusing = 0
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.runs):
        with tempfile.TemporaryDirectory(prefix="false-alarms-") as scratch:
            folder = Path(scratch) / "run"
            status, seconds = run(seed, further, folder)
            ended = (folder / "results.json").exists()
            alarms = told(folder, ACCUSED) if ended else ["no results"]
            left_open = told(folder, OPEN) if ended else []
        accusing += bool(alarms)
        print(
            f"seed {seed}: exit status {status}, {len(alarms)} alarms, {seconds:.0f} s", flush=True
        )
        for line in alarms + left_open:
            print(f"    {line}", flush=True)
    print(f"{accusing} of {arguments.runs} runs accused the reference")
    return 1 if accusing else 0


if __name__ == "__main__":
    raise SystemExit(main())
