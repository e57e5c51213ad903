"""Witnesses that nobody here wrote, on one service: clickhousectl, psql and pg_dump.

The service has a real database, which the embedded build of PostgreSQL runs.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from pgassay.reference import Credentials, ManualClock
from pgassay.reference.postgres import find_binaries

from .conftest import Clickhousectl

_BUDGET = 60.0
_OTHER_PASSWORD = "Another-Passw0rd"


@pytest.fixture
def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    return find_binaries(None)


@pytest.fixture
def ctl(program: Path, tmp_path: Path) -> Iterator[Clickhousectl]:
    """The program with the main key of `pgassay serve --data-plane postgres`."""
    key = Credentials.generate().key("main")
    named = {
        "PGASSAY_REFERENCE_KEY_ID": key.key_id,
        "PGASSAY_REFERENCE_KEY_SECRET": key.secret,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "pgassay", "serve", "--port", "0", "--data-plane", "postgres"],
        env={**os.environ, **named},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    yield Clickhousectl(program, tmp_path, url, key, ManualClock())
    server.send_signal(signal.SIGINT)
    try:
        _, said = server.communicate(timeout=_BUDGET)
    finally:
        server.kill()
    assert server.returncode == 0, said


def until(what: str, holds: Callable[[], bool]) -> None:
    """Ask again and again, until what is to happen has happened."""
    deadline = time.monotonic() + _BUDGET
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not within {_BUDGET} s")


def is_open(port: int) -> bool:
    """Tell whether anybody listens on a port."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL that asks nobody for a password and reads no settings."""
    return subprocess.run(
        [program, *arguments],
        env={"LC_ALL": "C", "PGCONNECT_TIMEOUT": "10", "HOME": "/nonexistent"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUDGET,
    )


def with_password(connection: str, password: str) -> str:
    """Return a connection string with another password."""
    parts = urlsplit(connection)
    place = f"{parts.username}:{password}@{parts.hostname}:{parts.port}"
    return urlunsplit(parts._replace(netloc=place))


def test_a_service_lives_as_official_programs_expect(ctl: Clickhousectl, programs: Path) -> None:
    def query(connection: str, statement: str) -> subprocess.CompletedProcess[str]:
        quiet = ("--no-password", "--no-psqlrc", "--tuples-only", "--no-align")
        return run(programs / "psql", *quiet, "--command", statement, connection)

    wanted = ("--name", "witness", "--region", "us-east-1", "--size", "r6gd.medium")
    created = ctl.show("postgres", "create", *wanted)
    get = ("postgres", "get", created["id"])
    until("the service runs", lambda: ctl.show(*get)["state"] == "running")

    connection, port = created["connectionString"], urlsplit(created["connectionString"]).port
    table = "create table witnesses as select generate_series(1, 42) as number"
    assert query(connection, table).returncode == 0
    counted = query(connection, "select count(*), current_user from witnesses")
    assert counted.stdout == "42|postgres\n"
    dump = run(programs / "pg_dump", "--no-password", connection)
    assert (dump.returncode, dump.stderr) == (0, "")
    assert "CREATE TABLE public.witnesses" in dump.stdout

    ctl.show("postgres", "reset-password", created["id"], "--password", _OTHER_PASSWORD)
    wrong = "password authentication failed"
    until("the old password is refused", lambda: wrong in query(connection, "select 1").stderr)
    assert query(with_password(connection, _OTHER_PASSWORD), "select 1").stdout == "1\n"

    assert port is not None
    assert is_open(port)
    ctl.show("postgres", "delete", created["id"])
    until("the port is closed", lambda: not is_open(port))
    until("the service is gone", lambda: ctl.end(*get).status == 1)


def test_the_embedded_server_is_examined_with_its_databases(tmp_path: Path) -> None:
    rows = ("CH-SVC-CONNECTION-LOGIN", "CH-SVC-VERSION-SERVER", "DB-DB-OWNER-PRIVILEGE")
    arguments = ["check", "--data-plane", "postgres", "--output", str(tmp_path / "run")]
    checked = subprocess.run(
        [sys.executable, "-m", "pgassay", *arguments, *(f"--requirement={row}" for row in rows)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUDGET,
        cwd=tmp_path,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "PostgreSQL witnessed 2 of " in checked.stdout
