"""What a tool that is compared must be able to say: how it is called, and what it reports."""

import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.peers.documents import with_live_identifiers
from benchmarks.peers.outcome import Failure
from benchmarks.peers.stand import Stand
from pgassay._folders import folder
from pgassay.target.model import Credential, Family

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a tool: where it works, on what, and for how long it may plan to run.

    `seconds` is its budget; None lets it run as long as it wants. `first` says that only the first
    failure is wanted.
    """

    stand: Stand
    folder: Path
    seed: int
    seconds: int | None
    first: bool = False

    @property
    def basic(self) -> Credential:
        """The main credential of the clickhouse family."""
        return _credential(self.stand, Family.CLICKHOUSE)

    @property
    def bearer(self) -> Credential:
        """The main credential of the dbaas family."""
        return _credential(self.stand, Family.DBAAS)

    @property
    def url(self) -> str:
        """Where the server is."""
        return self.stand.target.base_url

    def write(self, name: str, text: str) -> Path:
        """Write a file for the tool."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def _credential(stand: Stand, family: Family) -> Credential:
    credential = stand.target.credential("main", family)
    assert credential is not None  # noqa: S101 - `pgassay serve` wrote it
    return credential


class Tool(ABC):
    """A tool that examines a server by its specification."""

    name: str
    #: Whether it examines more when it has more time.
    elastic = False
    #: Runs against the reference with the seed of all runs; as many seeds are tried on it. More
    #: than one where alarms depend on time or seed.
    references = 1

    @abstractmethod
    def version(self) -> str:
        """Return its version."""

    @abstractmethod
    def command(self, call: Call) -> list[str]:
        """Write its configuration into the call's folder, and return its command line."""

    @abstractmethod
    def failures(self, call: Call, output: str) -> tuple[Failure, ...]:
        """Read its report; `output` is what it wrote to standard output."""

    def environment(self, call: Call) -> Mapping[str, str]:
        """Return what its environment holds besides that of this process."""
        return {}


def specification(stand: Stand) -> str:
    """Return the shipped document with identifiers that exist on the server."""
    text = (folder("spec") / "openapi.yaml").read_text(encoding="utf-8")
    return with_live_identifiers(text, stand)


def said(*command: str) -> str:
    """Run a command and return what it says."""
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    return ended.stdout
