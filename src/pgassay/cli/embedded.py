"""The reference server as a process of its own, for commands that were given no target."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from pgassay.errors import SuiteBroken
from pgassay.target.model import Target
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target

#: Fast, and slow enough that polls see every state of a creation.
DEFAULT_TIME_SCALE: Final = 0.0002
_START_BUDGET: Final = 15.0
_STOP_BUDGET: Final = 5.0
_SHOWN: Final = 2000


@contextmanager
def embedded_reference(
    overrides: Overrides = Overrides(),  # noqa: B008 (frozen)
    *,
    time_scale: float = DEFAULT_TIME_SCALE,
    environ: Mapping[str, str] = os.environ,
    arguments: tuple[str, ...] = (),
) -> Iterator[Target]:
    """Start a reference server on a free port of the loopback address, and yield its target.

    The server ends with the block, and with this process however that ends: its standard input
    is a pipe that only this process holds open. `arguments` are further ones for `pgassay serve`.

    Raises:
        SuiteBroken: the server did not get ready within 15 s; its stderr is part of the message.
    """
    with tempfile.TemporaryDirectory(prefix="pgassay-") as folder, tempfile.TemporaryFile() as log:
        path = Path(folder) / "reference.toml"
        scale = ("--time-scale", str(time_scale))
        process = _start(("--write-target", str(path), *scale, *arguments), environ, log)
        try:
            _wait_until_ready(process, log)
            # Neither PGASSAY_BASE_URL nor --base-url apply: the address is the server's own.
            target = read_target(path, {}, replace(overrides, base_url=""))
            yield replace(target, embedded=True)
        finally:
            _stop(process)


def _start(
    arguments: tuple[str, ...], environ: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    serve = ("serve", "--host", "127.0.0.1", "--port", "0", "--exit-with-parent")
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "pgassay", *serve, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=dict(environ),
        start_new_session=True,
    )


def _wait_until_ready(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    assert process.stdout is not None  # noqa: S101 - it is a pipe, see _start
    deadline, line = time.monotonic() + _START_BUDGET, b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        readable, _, _ = select.select([process.stdout], [], [], max(left, 0))
        piece = os.read(process.stdout.fileno(), 4096) if readable else b""
        if not piece:
            reason = "ended" if readable else f"was not ready within {_START_BUDGET:g} s"
            raise SuiteBroken(f"the embedded reference server {reason}", expected=_said(log))
        line += piece


def _said(log: IO[bytes]) -> str:
    log.seek(0)
    said = log.read().decode("utf-8", "replace").strip()
    return f"its URL; it said: {said[-_SHOWN:]}" if said else "its URL; it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server's process group: first politely, then for certain."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_STOP_BUDGET)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            continue
        return
