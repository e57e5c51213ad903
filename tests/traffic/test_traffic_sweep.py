"""What a killed generator leaves behind is found by the run's nonce, and it alone is removed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import msgspec
import pytest

from pgassay.run.sweep import sweep
from pgassay.target.model import Credential, Family, Scheme, Target
from pgassay.traffic import plan
from pgassay.traffic.plan import LoadPlan

from .plans import planned

#: `Stub` of conftest.py, which importlib mode does not let tests import.
Stub: TypeAlias = Any
RUN = "0a1b2c3d"
CREDENTIAL = Credential(Scheme.BEARER, token="Secret0Token0For0Tests")


@pytest.fixture
def load(stub: Stub, tmp_path: Path) -> LoadPlan:
    """A plan that would load the stub for minutes."""
    return planned(stub.url, tmp_path, duration=300.0, run=RUN, nonce=f"{RUN}a")


@pytest.fixture
def generator(load: LoadPlan, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A load process that has its credential."""
    written = tmp_path / "load.plan.json"
    plan.write(load, written)
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay.traffic.driver", str(written)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode([CREDENTIAL]) + b"\n")
    process.stdin.flush()
    yield process
    process.kill()
    process.communicate()


def target(load: LoadPlan) -> Target:
    """The target of a plan, with its credential."""
    return replace(load.target, credentials={"main": CREDENTIAL})


def foreign(name: str) -> dict[str, Any]:
    """An instance of somebody else."""
    return {"uuid": f"foreign-{name}", "name": name, "status": "ACTIVE"}


def test_sweep_removes_what_a_killed_generator_created_and_nothing_else(
    stub: Stub, load: LoadPlan, generator: "subprocess.Popen[bytes]"
) -> None:
    stub.mute_every = 3  # takes effect and is not answered
    for _ in range(12):
        assert stub.created.acquire(timeout=60)
    generator.kill()
    generator.communicate()
    # What looks like the run's own: of another run, of another scenario, of a careful user.
    similar = [
        "production",
        f"pga_{RUN}a_99999",
        f"pga_{RUN}b_0001",
        f"pga_{RUN}a_0001_copy",
        f"x_pga_{RUN}a_0001",
    ]
    stub.instances |= {f"foreign-{name}": foreign(name) for name in similar}
    ours = {one["name"] for one in stub.instances.values()} - set(similar)
    assert ours
    listed = stub.requests["list"]
    planned = sweep(Path(load.journal), target(load), dry_run=True)
    assert ours <= {one.name for one in planned.left}
    cleanup = sweep(Path(load.journal), target(load))
    assert cleanup.left == ()
    assert sorted(one["name"] for one in stub.instances.values()) == sorted(similar)
    # However many are looked for, the collection is listed once in each sweep.
    assert stub.requests["list"] == listed + 2


def journal(path: Path, *entries: dict[str, Any]) -> Path:
    """A journal as a killed process leaves it: without an end."""
    header = {"kind": "run", "format": 1, "nonce": RUN, "base_url": "http://t"}
    lines = [json.dumps(entry) for entry in (header, *entries)]
    path.write_text("\n".join(lines) + '\n{"kind": "int', encoding="utf-8")
    return path


def creation(name: str) -> dict[str, Any]:
    """The intent of a creation."""
    body = json.dumps({"name": name})
    return {
        "kind": "intent",
        "sequence": 1,
        "method": "POST",
        "path": "/v1/postgres/instances",
        "credential": "main",
        "body": body,
    }


def answer(status: int) -> dict[str, Any]:
    """The recorded answer to it."""
    return {"kind": "exchange", "sequence": 1, "status": status, "failure": None}


@pytest.mark.parametrize("status", [0, 201, 500])
def test_a_resource_is_found_by_its_name_whatever_was_recorded_of_the_answer(
    stub: Stub, tmp_path: Path, status: int
) -> None:
    name = f"pga_{RUN}a_0001"
    entries = [creation(name), answer(status)] if status else [creation(name)]
    written = journal(tmp_path / "load.jsonl", *entries)
    stub.instances = {key: {"uuid": key, "name": name, "status": "ACTIVE"} for key in ("1", "2")}
    stub.instances["3"] = {"uuid": "3", "name": "production", "status": "ACTIVE"}
    text = written.read_text().replace("http://t", stub.url)
    written.write_text(text)
    found = Target("stub", stub.url, (Family.DBAAS,), {"main": CREDENTIAL})
    assert sweep(written, found).removed == 2
    assert list(stub.instances) == ["3"]


def test_a_creation_that_cannot_be_looked_up_is_named_as_left(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(405)

    written = journal(tmp_path / "load.jsonl", creation(f"pga_{RUN}a_0001"))
    found = Target("t", "http://t", (Family.DBAAS,), {"main": CREDENTIAL})
    cleanup = sweep(written, found, transport=httpx.MockTransport(refuse))
    assert [left.name for left in cleanup.left] == [f"pga_{RUN}a_0001"]
    assert "not answered" in cleanup.left[0].reason
