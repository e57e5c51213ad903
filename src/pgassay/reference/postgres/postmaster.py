"""One running PostgreSQL server: starting it, finding it again, stopping it."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.binaries import Binaries
from pgassay.reference.postgres.problem import PlaneError

_PATIENCE = 10.0
_POLL = 0.005
_LEFTOVER = "is still in use"


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started: what runs as whom, its configuration, and where it logs."""

    binaries: Binaries
    account: Account
    configuration: Path
    log: Path

    def start(self, data: Path) -> subprocess.Popen[bytes]:
        """Start a server."""
        program, configuration = self.binaries.program("postgres"), self.configuration
        options: list[str | Path] = ["-D", data, "-c", f"config_file={configuration}"]
        return self.account.start([program, *options], self.log)

    def last_words(self) -> str:
        """Return the last line of the log that says why a server ended."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            text = ""
        said = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line]
        return said[-1] if said else "it left no message"


class Postmaster:
    """The server of one data directory, whether this process started it or a former one did."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def start(self, launch: Launch, seconds: float = 60) -> None:
        """Start the server unless it runs, and wait until it answers; PlaneError when it does not.

        Recovery to a point in time is part of starting.
        """
        deadline, child = time.monotonic() + seconds, None
        while "ready" not in self._status():
            if child is not None and child.poll() is not None:
                said = launch.last_words()
                # A server that a former process started may have been quicker. What was left by
                # one that was killed notices it within a second.
                if self.pid() is None and _LEFTOVER not in said:
                    raise PlaneError(f"the server ended: {said}")
                child = None
            if child is None and self.pid() is None:
                child = launch.start(self._data)
            if time.monotonic() > deadline:
                raise PlaneError(f"the server took more than {seconds:g} s to start")
            time.sleep(_POLL)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: in order, cutting off its clients, or at once as in a crash."""
        pid = self.pid()
        if pid is None:
            return
        if not at_once:
            _signal(pid, signal.SIGINT)
            if self._ends():
                return
        _signal(pid, signal.SIGQUIT)
        if not self._ends():
            _signal(pid, signal.SIGKILL)
            self._ends()

    def reload(self) -> None:
        """Have a running server read its configuration again."""
        pid = self.pid()
        if pid is not None:
            _signal(pid, signal.SIGHUP)

    def pid(self) -> int | None:
        """Return the process id, or None while the server does not run."""
        lines = self._lines()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if str(self._data) in _command(pid) else None

    def port(self) -> int | None:
        """Return the port of a running server, or None."""
        lines = self._lines()
        return int(lines[3]) if len(lines) > 3 and self.pid() is not None else None

    def _ends(self) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while self.pid() is not None and time.monotonic() < deadline:
            time.sleep(_POLL)
        return self.pid() is None

    def _status(self) -> str:
        lines = self._lines()
        # The eighth line tells how far a server is; only that of this very process counts.
        mine = len(lines) > 7 and self.pid() == int(lines[0])
        return lines[7] if mine else ""

    def _lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _command(pid: int) -> str:
    """Return the command line of a process; empty when there is none, or it is a zombie."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    except OSError:
        if Path("/proc/self").exists():
            return ""
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607 - systems without /proc have it
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout
