"""Workers that come over the network: they bring their files, and nobody else takes part."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pgassay import journal
from pgassay.cli.watching import live_view
from pgassay.errors import ConfigurationError, UsageError
from pgassay.target.model import Credential, Scheme, Target
from pgassay.traffic import command
from pgassay.traffic.brief import WorkerBrief, environment, hand_over
from pgassay.traffic.live import LiveView
from pgassay.traffic.orders import Identity
from pgassay.traffic.workforce import Patience, Workforce, address, identity

from .plans import TOKEN, planned, requests_of

#: `Stub` of conftest.py, which importlib mode does not let tests import.
Stub: TypeAlias = Any
TARGET_FILE = """
[target]
name = "stub"
base_url = "{url}"
families = ["dbaas"]

[auth.main]
scheme = "bearer"
token = "env:PGASSAY_TEST_TOKEN"
"""


def come(port: int, place: Path, stub: Stub) -> "subprocess.Popen[str]":
    """Start `pgassay load-worker` as a user does."""
    target = place / "target.toml"
    target.write_text(TARGET_FILE.format(url=stub.url), encoding="utf-8")
    master = ("--master", f"127.0.0.1:{port}")
    own = ("--target", str(target), "--output", str(place / "worker"))
    return subprocess.Popen(
        [sys.executable, "-m", "pgassay", "load-worker", *master, *own],
        env=environment() | {"PGASSAY_TEST_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
        text=True,
    )


def come_as(whom: Identity, port: int, place: Path) -> "subprocess.Popen[bytes]":
    """Start a worker that says it is `whom`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay.traffic.worker"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    hand_over(process, WorkerBrief(whom, "127.0.0.1", port, str(place), {}, "", remote=True))
    return process


def test_a_worker_brings_its_files_and_one_of_another_version_is_refused(
    stub: Stub, tmp_path: Path
) -> None:
    """The master's folder holds all evidence, and the load is what fitting workers applied."""
    ours = tmp_path / "run"
    load = planned(stub.url, ours, rate=30.0, duration=0.5, program="/nowhere/else.py")
    target = replace(load.target, credentials={"main": Credential(Scheme.BEARER, token="unused")})
    told: list[str] = []
    views: list[LiveView | None] = []
    force = Workforce(target, 1, "127.0.0.1:0", ours, told.append)
    try:
        other = come_as(Identity("0.0.1", identity().specification), force.port, tmp_path)
        _, said = other.communicate(timeout=60)
        assert other.returncode == 2
        assert b"the master refused this worker: it is pgassay 0.0.1, and the master is" in said
        worker = come(force.port, tmp_path, stub)
        # A listing stands still, so that the load lasts longer than it takes to be told of it.
        stub.stall_at, stub.stall_seconds = 5, 1.5
        with live_view(ours, views.append, pause=0.01):
            found = force.carry_out(load, ours / "load")
    finally:
        force.close()
    _, complaint = worker.communicate(timeout=60)
    assert (worker.returncode, complaint) == (0, "")
    assert (found.offered, found.created, found.removed, found.lost) == (15, 15, 15, ())
    assert requests_of(found.requests) == dict(stub.requests)
    theirs = {path.name: path.read_bytes() for path in (tmp_path / "worker").iterdir()}
    assert {name: (ours / name).read_bytes() for name in theirs} == theirs
    entries = list(journal.read(ours / "load.w0.jsonl"))
    assert sum(entry["kind"] == "created" for entry in entries) == 15
    assert told[-2:] == [
        "0 of 1 workers are there; waiting 300 s more for worker 0",
        "1 of 1 workers are there",
    ]
    assert any(view and (view.family, view.scenario) == ("dbaas", load.scenario) for view in views)
    assert not list(ours.glob("*.live.json"))
    for path in tmp_path.rglob("*.*"):
        assert TOKEN.encode() not in path.read_bytes(), path


def test_a_master_names_who_is_missing_and_how_to_wait_longer(tmp_path: Path) -> None:
    """Nothing is sent before all are there; the time to wait is the user's choice."""
    target = planned("http://127.0.0.1:9", tmp_path).target
    patience = Patience(coming=0.2)
    force = Workforce(target, 2, "127.0.0.1:0", tmp_path, print, patience=patience)
    try:
        with pytest.raises(ConfigurationError) as caught:
            force.carry_out(planned("http://127.0.0.1:9", tmp_path), tmp_path / "load")
    finally:
        force.close()
    said = "0 of 2 workers came within 0.2 s; missing: worker 0, worker 1."
    assert str(caught.value).startswith(f"{said} Expected 2 of them elsewhere. --wait SECONDS")


def test_a_busy_port_is_one_sentence(stub: Stub, tmp_path: Path) -> None:
    port = stub.url.rpartition(":")[2]
    with pytest.raises(ConfigurationError, match=f"--listen 127.0.0.1:{port}: the master cannot"):
        Workforce(Target("stub", stub.url, ()), 1, f"127.0.0.1:{port}", tmp_path, print)


def test_the_embedded_reference_has_no_workers_elsewhere(tmp_path: Path) -> None:
    embedded = Target("reference", "http://127.0.0.1:9", (), embedded=True)
    with pytest.raises(UsageError, match="cannot reach the reference"):
        Workforce(embedded, 2, "0.0.0.0:0", tmp_path, print)


@pytest.mark.parametrize("text", ["5557", "host:", ":5557", "host:port", "host:70000"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        address(text, "--master")


def test_commands_and_events_survive_their_line(tmp_path: Path) -> None:
    wanted = command.CarryOut((planned("http://127.0.0.1:9", tmp_path),), 60.0, 10.0)
    assert command.COMMANDS.decode(command.line(wanted)) == wanted
    event = command.Finished({3: "worker 3 on host died"})
    assert command.EVENTS.decode(command.line(event)) == event
