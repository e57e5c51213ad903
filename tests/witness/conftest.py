"""The official command line of ClickHouse Cloud, pointed at a reference server of this process."""

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pgassay.reference import ApiKey, Credentials, ManualClock, Settings, create_app
from pgassay.reference.server import running

_BUDGET = 30.0
#: Telemetry is off, and a proxy that nobody serves stops the look for a newer release.
_ALONE = {"DO_NOT_TRACK": "1", "HTTPS_PROXY": "http://127.0.0.1:1"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: exit status, what it showed, and its error or its advice."""

    status: int
    shown: Any
    error: Any


@dataclass(frozen=True, slots=True)
class Clickhousectl:
    """The program with its own home folder and one key."""

    program: Path
    home: Path
    url: str
    key: ApiKey
    clock: ManualClock

    def end(self, *arguments: str, secret: str = "") -> Ended:
        """Run `clickhousectl cloud ... --json`; another secret than the key's may be given."""
        sent = ("--api-key", self.key.key_id, "--api-secret", secret or self.key.secret)
        done = subprocess.run(
            [str(self.program), "cloud", "--url", self.url, *sent, "--json", *arguments],
            env={**_ALONE, "HOME": str(self.home)},
            cwd=self.home,
            capture_output=True,
            check=False,
            timeout=_BUDGET,
        )
        said = done.stderr.strip().decode() or None
        # After success it is advice, in prose.
        error = json.loads(said)["error"] if said and done.returncode else said
        return Ended(done.returncode, json.loads(done.stdout) if done.stdout else None, error)

    def show(self, *arguments: str) -> Any:
        """Run a command that must succeed, without a word on stderr, and return what it shows."""
        ended = self.end(*arguments)
        assert (ended.status, ended.error) == (0, None)
        return ended.shown


@pytest.fixture(scope="session")
def program() -> Path:
    """The installed program: of this environment, or on the path."""
    folders = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = shutil.which("clickhousectl", path=folders)
    if found is None:
        pytest.skip("clickhousectl is not installed; it is in the dependency group tests")
    return Path(found)


@pytest.fixture
def ctl(program: Path, tmp_path: Path) -> Iterator[Clickhousectl]:
    """The program with the main key of a fresh server, whose clock stands still."""
    credentials, clock = Credentials.generate(), ManualClock()
    settings = Settings(credentials, time_scale=1)
    with running(create_app(settings, clock)) as url:
        yield Clickhousectl(program, tmp_path, url, credentials.key("main"), clock)
