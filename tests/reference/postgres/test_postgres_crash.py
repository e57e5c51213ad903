"""What `pgassay serve` leaves when it is killed, the next start takes over or ends."""

import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from pgassay.reference import SEED

from .conftest import SERVICES, until

_BODY = {"name": "kept", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
_KEY = {"PGASSAY_REFERENCE_KEY_ID": "key", "PGASSAY_REFERENCE_KEY_SECRET": "secret"}


class Served:
    """A server in a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        target = folder / "target.toml"
        target.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pgassay", "serve", "--data-plane", "postgres"]
        options = ("--port", "0", "--write-target", str(target), *options)
        self.log = folder / "log"
        environment = {**os.environ, **_KEY, "TMPDIR": str(folder)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().decode().strip()
        assert self.url, self.log.read_text()
        self.versions = tomllib.loads(target.read_text())["clickhouse"]["versions"]

    def ask(self, method: str, path: str = "", json: Any = None) -> Any:
        """Ask the clickhouse family."""
        url = self.url + SERVICES + path
        answer = httpx.request(method, url, json=json, auth=("key", "secret"), timeout=30)
        answer.raise_for_status()
        return answer.json().get("result")

    def running(self, service: str) -> dict[str, Any]:
        """Wait until a service runs; gives it."""
        path = f"/{service}"
        return until(lambda: self.ask("GET", path), lambda seen: seen["state"] == "running")

    def end(self, number: signal.Signals) -> None:
        """End the server, and wait for that."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.wait(60)


@contextmanager
def _served(folder: Path, *options: str, end: signal.Signals) -> Iterator[Served]:
    server = Served(folder, *options)
    try:
        yield server
    finally:
        server.end(end)


@pytest.fixture
def folder(programs: Path) -> Iterator[Path]:
    """A folder that PostgreSQL's account may pass through, as a test's own folder is not."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        path = Path(place).resolve()
        path.chmod(0o711)
        yield path


def _postmasters(folder: Path) -> set[int]:
    """Find the servers below a folder that run."""
    found = set()
    for file in folder.glob("**/data/postmaster.pid"):
        pid = int(file.read_text().splitlines()[0])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        found.add(pid)
    return found


def test_the_next_start_takes_the_clusters_over(folder: Path) -> None:
    """Killed, started, stopped in order, started: the data is always there, with few restarts."""
    state = ("--state", "state")
    with _served(folder, *state, end=signal.SIGKILL) as server:
        assert server.versions == ["18"]
        service = server.ask("POST", json=_BODY)["id"]
        uri = server.running(service)["connectionString"]
        with psycopg.connect(uri) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        stray = server.ask("POST", json=_BODY)["id"]
    abandoned = _postmasters(folder)
    assert abandoned
    with _served(folder, *state, end=signal.SIGTERM) as server:
        assert server.running(service)["connectionString"] == uri
        with psycopg.connect(uri) as connection:
            assert connection.execute("SELECT * FROM kept").fetchall() == [(1,)]
        server.running(stray)
        assert abandoned <= _postmasters(folder)
    assert _postmasters(folder) == set()
    with _served(folder, *state, end=signal.SIGTERM) as server:
        until(lambda: _connects(uri))
        server.ask("DELETE", f"/{service}")
        until(lambda: not (folder / "state.data" / "clusters" / service).exists())
    assert _postmasters(folder) == set()


def test_the_next_start_ends_what_nobody_can_find_again(folder: Path) -> None:
    """Clusters of a server without a state file are ended and removed by any later server."""
    with _served(folder, end=signal.SIGKILL) as server:
        server.running(SEED.service)
        until(lambda: _postmasters(folder))
    abandoned = next(folder.glob("pgassay-postgres-*"))
    with _served(folder, end=signal.SIGTERM):
        assert not abandoned.exists()
    assert list(folder.glob("pgassay-postgres-*")) == []
    assert _postmasters(folder) == set()


def _connects(uri: str) -> bool:
    try:
        psycopg.connect(uri).close()
    except psycopg.OperationalError:
        return False
    return True
