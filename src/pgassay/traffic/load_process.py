"""Carry out a plan in a process of its own, and bring back its record."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from pgassay.errors import ConfigurationError
from pgassay.target.model import Credential
from pgassay.traffic import plan, record
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord

#: What a load process may take for starting and ending beyond its plan, in seconds.
_SLACK: Final = 60.0


def carry_out(load: LoadPlan, credential: Credential, stem: Path) -> LoadRecord:
    """Carry out `load` and return its record; without one, a record that says how it broke.

    The plan goes to `stem` with the suffix `.plan.json`, the output of the process to `.log`. An
    interruption is passed on to the process, whose cleanup is waited for. Raises
    `ConfigurationError` where the process does not begin.
    """
    written, log = stem.with_suffix(".plan.json"), stem.with_suffix(".log")
    plan.write(replace(load, supervised=False), written)
    status = _drive(load, credential, written, log)
    found = record.read(Path(load.output))
    return record.LoadRecord(crash=_last_line(log, status)) if found is None else found


def _drive(load: LoadPlan, credential: Credential, written: Path, log: Path) -> int:
    """Run the load process to its end; an interruption is passed on and waited for."""
    command = [sys.executable, "-m", "pgassay.traffic.driver", str(written)]
    environment = {name: value for name, value in os.environ.items() if "LOCUST" not in name}
    limit = load.duration + load.drain + 3 * _budget(load) + _SLACK
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
        try:
            _hand_over(process, credential)
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return _end(process, load)
        except BaseException:
            _end(process, load)
            raise
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _end(process: "subprocess.Popen[bytes]", load: LoadPlan) -> int:
    """Ask the process to clean up and end; one that does not is killed."""
    process.terminate()
    try:
        return process.wait(2 * _budget(load) + _SLACK)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _hand_over(process: "subprocess.Popen[bytes]", credential: Credential) -> None:
    """Give the credential to the process, whose input stays open as long as this one lives."""
    if process.stdin is None:
        return
    try:
        process.stdin.write(msgspec.json.encode(credential) + b"\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise ConfigurationError(
            "the load process ended before it began", sys.executable
        ) from error


def _budget(load: LoadPlan) -> float:
    timing = load.target.timing
    return timing.create + timing.delete + timing.settle


def _last_line(log: Path, status: int) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    return f"the load process ended with status {status} and left no record: {said}"
