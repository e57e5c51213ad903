"""A worker for a master on another machine: it has its own target file and its own folder."""

import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from pgassay.errors import UsageError
from pgassay.target.model import Target
from pgassay.traffic.brief import WorkerBrief, environment, hand_over
from pgassay.traffic.workforce import address, identity


def new_folder() -> Path:
    """A folder of its own for each worker."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return Path("reports", "runs", f"{moment}-worker-{secrets.token_hex(3)}")


def work(master: str, target: Target, place: Path, patience: float) -> int:
    """Work for the `master` (HOST:PORT) until its run is over; return the exit status.

    An interruption ends the load, and the cleanup is waited for. Raises `UsageError` for an address
    that is none, and for a folder that holds something.
    """
    host, port = address(master, "--master")
    if place.exists() and any(place.iterdir()):
        raise UsageError(
            "the folder is not empty", f"--output {place}", "a folder of its own for each worker"
        )
    place.mkdir(parents=True, exist_ok=True)
    brief = WorkerBrief(
        identity(),
        host,
        port,
        str(place.resolve()),
        target.credentials,
        target.base_url,
        remote=True,
        patience=patience,
    )
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
