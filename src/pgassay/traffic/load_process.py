"""Carry out a plan in a process of its own, and bring back its record."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pgassay.target.model import Credential
from pgassay.traffic import evidence, plan, record
from pgassay.traffic.brief import hand_over, start
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord

#: Tells the load process to stop when its standard input ends, whatever its plan says.
SUPERVISED: Final = "--supervised"
#: What a load process may take for starting and ending beyond its plan, in seconds.
_SLACK: Final = 60.0
#: What whoever interrupts a load is told.
INTERRUPTED: Final = "interrupted: the load ends and removes what it created"
_UNHEARD: Final = "the load process ended without a record, or was not waited for"


def carry_out(
    load: LoadPlan,
    credentials: Sequence[Credential],
    stem: Path,
    progress: Callable[[str], None] = lambda text: None,
) -> LoadRecord:
    """Carry out `load` and return its record; without one, a record that says how it broke.

    The plan goes to `stem` with the suffix `.plan.json`, the output of the process to `.log`. An
    interruption is passed on to the process, whose cleanup is waited for until a second one; the
    record says that it was `interrupted`. Raises `ConfigurationError` where the process does not
    begin.
    """
    written, log = stem.with_suffix(".plan.json"), stem.with_suffix(".log")
    # By hand, nobody's end would be the end of the input.
    plan.write(replace(load, supervised=False), written)
    try:
        status = _drive(load, credentials, written, log, progress)
    except KeyboardInterrupt:
        found = record.read(Path(load.output))
        return replace(found or evidence.of_lost(load, _UNHEARD), interrupted=True)
    found = record.read(Path(load.output))
    if found is None:
        said = last_line(log)
        crash = f"the load process ended with status {status} and left no record: {said}"
        return LoadRecord(crash=crash)
    return found


def _drive(
    load: LoadPlan,
    credentials: Sequence[Credential],
    written: Path,
    log: Path,
    progress: Callable[[str], None],
) -> int:
    """Run the load process to its end; an interruption is passed on and waited for."""
    with log.open("wb") as output:
        process = start("pgassay.traffic.driver", str(written), SUPERVISED, output=output)
        try:
            hand_over(process, credentials)
            return process.wait(allowance(load))
        except subprocess.TimeoutExpired:
            return _end(process, load)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                progress(INTERRUPTED)
            _end(process, load)
            raise
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _end(process: "subprocess.Popen[bytes]", load: LoadPlan) -> int:
    """Ask the process to clean up and end; one that does not is killed."""
    process.terminate()
    try:
        return process.wait(cleanup(load))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def allowance(load: LoadPlan) -> float:
    """What the plan may take from its start to its end, in seconds."""
    return load.duration + load.drain + 3 * _budget(load) + _SLACK


def cleanup(load: LoadPlan) -> float:
    """What the end of the plan may take once it was asked for, in seconds."""
    return 2 * _budget(load) + _SLACK


def _budget(load: LoadPlan) -> float:
    timing = load.target.timing
    return timing.create + timing.delete + timing.settle


def last_line(log: Path) -> str:
    """The last thing that a process said; for a message about its end."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
