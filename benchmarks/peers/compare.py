"""Compare pgassay with its peers: the same faulty servers, the same specification, the same time.

    python -m benchmarks.peers.install --programs FOLDER
    python -m benchmarks.peers.compare --programs FOLDER [--mutants 40] [--long 12] [--until 16:00]
    python -m benchmarks.peers.compare --report

Outcomes are added to the record one by one, so that an interrupted comparison goes on where it
stopped. docs/peers.md explains the rules.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.peers.outcome import Failure, Outcome, outcome
from benchmarks.peers.stand import stand
from benchmarks.peers.table import known_alarms, render
from benchmarks.peers.tool import Call, Tool
from benchmarks.peers.tools import all_tools
from pgassay.mutants import MUTANTS

SEED: Final = 20261121
#: Readings of the documents that differ from the reference's, and are as legal.
LEGAL: Final = (
    "dbaas_delete=200",
    "dbaas_references=uuid",
    "redaction=on",
    "repeated_delete=refuse",
)
_SAMPLES: Final = Path(__file__).parents[2] / "reports" / "samples"
#: Seconds beyond its budget after which a tool is told to stop: some do not count their start.
_SLACK: Final = 10.0
#: Seconds between looks at the report of a tool that runs.
_LOOK: Final = 3.0
#: Seconds in which a tool that was told to stop may write its report.
_GRACE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """One run of one tool: `row` is `budget` or `long`, `subject` a mutant or a correct server."""

    row: str
    tool: Tool
    subject: str
    options: tuple[str, ...]
    seed: int = 1

    @property
    def key(self) -> str:
        """Its key in the record."""
        return f"{self.row}/{self.tool.name}/{self.subject}"

    @property
    def faulty(self) -> bool:
        """Whether the server has a fault."""
        return self.subject.startswith("mutant ")


def sample(size: int) -> list[str]:
    """Draw mutants that are written by hand and need no database; a smaller sample is its start.

    Each has a lot of its own, so that the draw stays when mutants are added.
    """
    names = (name for name, each in MUTANTS.items() if each.plane is None and not each.rule)
    return sorted(names, key=lambda name: sha256(f"{SEED}/{name}".encode()).digest())[:size]


def tasks(tools: tuple[Tool, ...], mutants: int, long: int) -> Iterator[Task]:
    """Yield what is to be done: correct servers first, then mutants, then without a budget."""
    for tool in tools:
        for number in range(1, tool.references + 1):
            yield Task("budget", tool, f"reference {number}", ())
        for seed in range(2, tool.references + 1):
            yield Task("budget", tool, f"reference seed {seed}", (), seed)
    drawn = sample(mutants)
    for at, name in enumerate(drawn):
        yield from (Task("budget", *each) for each in _faulty(tools, name))
        if at % 3 == 1 and at // 3 < len(LEGAL):
            reading = LEGAL[at // 3]
            lawful = ("--reading", reading)
            yield from (Task("budget", tool, f"legal {reading}", lawful) for tool in tools)
    if long:
        yield from (Task("long", tool, "reference 1", ()) for tool in tools)
    for name in drawn[:long]:
        yield from (Task("long", *each) for each in _faulty(tools, name))


def _faulty(tools: tuple[Tool, ...], name: str) -> Iterator[tuple[Tool, str, tuple[str, ...]]]:
    return ((tool, f"mutant {name}", ("--mutant", name)) for tool in tools)


def perform(task: Task, seconds: int, cap: int, known: frozenset[str]) -> Outcome:
    """Run a tool against a server of its own; it is stopped when its time is over.

    Against a mutant it is stopped as well once it reports a failure whose kind is not `known`.
    """
    with stand(*task.options) as server, tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        budget = seconds if task.row == "budget" else None
        call = Call(server, Path(scratch), task.seed, budget, task.faulty)
        command = task.tool.command(call)
        before = server.requests()

        def found() -> bool:
            new = (each for each in _failures(task.tool, call) if each.kind not in known)
            return task.faulty and any(each.gates for each in new)

        with (call.folder / "output.txt").open("wb") as sink:
            process = _started(command, task.tool.environment(call), call.folder, sink)
            took, capped = _followed(process, budget or cap, found)
        return Outcome(
            _failures(task.tool, call),
            server.requests() - before,
            round(took, 2),
            process.returncode,
            capped,
            server.harmed(),
            server.foreign,
        )


def _failures(tool: Tool, call: Call) -> tuple[Failure, ...]:
    said = (call.folder / "output.txt").read_text(encoding="utf-8", errors="replace")
    try:
        return tool.failures(call, said)
    except FileNotFoundError:
        return ()  # It has not written its report yet.


def _started(
    command: list[str], further: Mapping[str, str], place: Path, sink: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=subprocess.STDOUT,
        cwd=place,
        env={**os.environ, **further},
        start_new_session=True,
    )


def _followed(
    process: subprocess.Popen[bytes], limit: float, found: Callable[[], bool]
) -> tuple[float, bool]:
    """Wait for a tool's end, and tell its seconds and whether its time was over."""
    started = time.perf_counter()
    capped = False
    try:
        while process.poll() is None:
            capped = time.perf_counter() - started > limit + _SLACK
            if capped or found():
                _stop(process)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)
    finally:
        _stop(process)  # Nothing is left running where this program is interrupted.
    return time.perf_counter() - started, capped


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a tool to end, as Ctrl-C does, and end it if it does not."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.wait(_GRACE)


def compare(options: argparse.Namespace, path: Path) -> None:
    """Do what the record lacks, and write it after each run."""
    tools = all_tools(options.programs)
    record = _record(path)
    record["versions"] = {tool.name: tool.version() for tool in tools}
    record.update(seed=SEED, seconds=options.seconds, cap=options.cap)
    for task in tasks(tools, options.mutants, options.long):
        if options.until and f"{datetime.now().astimezone():%H:%M}" >= options.until:
            break
        if task.key not in record["outcomes"]:
            known = known_alarms(record, task.tool.name)
            done = _same_again(task, record, known) or perform(
                task, options.seconds, options.cap, known
            )
            record["outcomes"][task.key] = done.document()
            path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
            print(f"{task.key}: {len(done.failures)} kinds, {done.requests} requests,", end=" ")
            print(f"{done.seconds:.0f} s, status {done.status}, {done.harmed}", flush=True)


def _same_again(task: Task, record: dict[str, Any], known: frozenset[str]) -> Outcome | None:
    """Return the outcome within the budget where more time would add nothing.

    So it is for a tool that ended by itself and does no more in more time, and for a mutant that
    was found: the run ended there.
    """
    earlier = record["outcomes"].get(f"budget/{task.tool.name}/{task.subject}")
    if task.row == "budget" or earlier is None:
        return None
    within = outcome(earlier)
    finished = not task.tool.elastic and not within.capped
    found = task.faulty and any(each.gates for each in within.failures if each.kind not in known)
    return within if finished or found else None


def _record(path: Path) -> dict[str, Any]:
    if path.exists():
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return record
    return {"format": 1, "outcomes": {}}


def main() -> int:
    """Compare, or render the table of what was compared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--programs", type=Path, default=Path("peers"), help="see install.py")
    parser.add_argument("--mutants", type=int, default=40, help="how many are drawn")
    parser.add_argument("--long", type=int, default=12, help="how many of them also without budget")
    parser.add_argument("--seconds", type=int, default=35, help="budget of each run")
    parser.add_argument("--cap", type=int, default=300, help="seconds that nobody may exceed")
    parser.add_argument("--until", help="start no run after this time of day, such as 16:00")
    parser.add_argument("--output", type=Path, default=_SAMPLES, help="folder of the record")
    parser.add_argument("--report", action="store_true", help="only render the table")
    options = parser.parse_args()
    # A background job ignores Ctrl-C and hands that down to the tools, which are stopped with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "peers.json"
    if not options.report:
        compare(options, path)
    (options.output / "peers.md").write_text(render(_record(path)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
