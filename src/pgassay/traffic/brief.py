"""What a master or a worker process is told at its start, in one line of its standard input.

It holds credentials: arguments and the environment would show them in the process list.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import IO, Final

import msgspec

from pgassay.errors import ConfigurationError
from pgassay.target.model import Credential
from pgassay.traffic.orders import SILENCE, Identity

#: How long one process tries to reach a master before a fresh one takes its place, in seconds.
CONNECTING: Final = 20.0
#: The exit status of a worker whom no master answered (EX_TEMPFAIL of sysexits.h).
UNANSWERED: Final = 75
#: How long a worker waits for its master by default, in seconds.
PATIENCE: Final = 300.0


class WorkerBrief(msgspec.Struct, frozen=True):
    """What a worker needs beyond its plans.

    `folder` is where its files go: the master's own for a worker that it started. One that came
    from elsewhere is `remote`: it sends its files, runs only shipped scenarios, and gives its
    credentials to `base_url` alone, whatever a plan says. It waits `patience` seconds for a plan,
    and gives up a master that is not heard of for `silence` seconds.
    """

    identity: Identity
    host: str
    port: int
    folder: str
    credentials: Mapping[str, Credential]
    base_url: str = ""
    remote: bool = False
    patience: float = PATIENCE
    silence: float = SILENCE


class MasterBrief(msgspec.Struct, frozen=True):
    """What a master needs: where it listens, how many workers, and whether it starts them itself.

    `patience` is how long it waits for them, `silence` after what time one that says nothing is
    lost, in seconds. `web` is the port of 127.0.0.1 at which Locust's page shows the load of all; 0
    for none.
    """

    identity: Identity
    host: str
    port: int
    workers: int
    folder: str
    credentials: Mapping[str, Credential]
    local: bool = True
    patience: float = 60.0
    silence: float = SILENCE
    web: int = 0


def start(module: str, *arguments: str, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start a load process in a session of its own; it waits for its brief.

    In the master, which Locust has made cooperative, waiting for it lets others run.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=environment(),
        start_new_session=True,
    )


def hand_over(process: "subprocess.Popen[bytes]", brief: object) -> None:
    """Give a process its brief; its input stays open as long as this process lives.

    Raises `ConfigurationError` where the process has ended already.
    """
    if process.stdin is None:
        return
    try:
        process.stdin.write(msgspec.json.encode(brief) + b"\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise ConfigurationError("the load process ended before it began") from error


def environment() -> dict[str, str]:
    """The environment of a load process: this one's without what would set Locust's options."""
    return {name: value for name, value in os.environ.items() if "LOCUST" not in name}
