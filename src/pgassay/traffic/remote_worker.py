"""A worker for a master on another machine: it has its own target file and its own folder."""

import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from pgassay.errors import TargetUnreachable, UsageError
from pgassay.target.model import Target
from pgassay.traffic.brief import UNANSWERED, WorkerBrief, environment, hand_over
from pgassay.traffic.workforce import address, identity


def new_folder() -> Path:
    """A folder of its own for each worker."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path("reports", "runs", f"{moment}-worker-{secrets.token_hex(3)}")


def work(master: str, target: Target, place: Path, patience: float) -> int:
    """Work for the `master` (HOST:PORT) until its run is over; return the exit status.

    An interruption ends the load, and the cleanup is waited for. Raises `UsageError` for an address
    that is none and for a folder that holds something, and `TargetUnreachable` where no master
    answers within `patience` seconds.
    """
    host, port = address(master, "--master")
    if place.exists() and any(place.iterdir()):
        raise UsageError(
            "the folder is not empty", f"--output {place}", "a folder of its own for each worker"
        )
    place.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + patience
    while (left := until - time.monotonic()) > 0:
        brief = WorkerBrief(
            identity(),
            host,
            port,
            str(place.resolve()),
            target.credentials,
            target.base_url,
            remote=True,
            patience=left,
        )
        status = _run(brief)
        if status != UNANSWERED:
            return status
    raise TargetUnreachable(
        f"no master answered within {patience:g} s",
        master,
        remedy="Start `pgassay load --listen` there, and let its port through.",
    )


def _run(brief: WorkerBrief) -> int:
    """Run the worker's process to its end; an interruption is passed on and waited for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay.traffic.worker"],
        stdin=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    try:
        hand_over(process, brief)
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        if process.stdin is not None:
            process.stdin.close()
