"""What the control plane asks of a data plane, and what it makes of the outcome."""

from collections.abc import Collection
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock
from pgassay.reference.dbaas.models import SIZES
from pgassay.reference.plane import Action, Address, Job, Outcome
from pgassay.reference.store import Document

from .conftest import Bench

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


class Plane:
    """Remembers its jobs, each of which ends as `end` says."""

    version, tls = "18.6", False

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.end = Outcome.DONE

    def submit(self, job: Job) -> None:
        self.jobs.setdefault(job.id, job)

    def outcome(self, job: str) -> Outcome:
        return self.end

    def address(self, cluster: str) -> Address | None:
        return None

    def figures(self, cluster: str) -> Document | None:
        return None

    def clusters(self) -> list[str]:
        return []

    def keep(self, clusters: Collection[str]) -> None: ...

    def last(self) -> Job:
        return list(self.jobs.values())[-1]


@pytest.fixture
def plane() -> Plane:
    """Do every job at once."""
    return Plane()


@pytest.fixture
def clock(bench: Bench) -> ManualClock:
    """Move the server's clock."""
    return bench.clock


@pytest.fixture
def api(bench: Bench, plane: Plane) -> TestClient:
    """Call the clickhouse family of a server with a data plane."""
    bench.stop()
    bench.start(plane=plane)
    key = bench.credentials.key("main")
    bench.client.auth = (key.key_id, key.secret)
    return bench.client


def _service(api: TestClient, clock: ManualClock) -> tuple[str, dict[str, Any]]:
    created = api.post(SERVICES, json={**MINIMAL, "pgConfig": {"work_mem": "8MB"}}).json()["result"]
    clock.advance(600)
    path = f"{SERVICES}/{created['id']}"
    assert api.get(path).json()["result"]["state"] == "running"
    return path, created


def test_a_cluster_is_provisioned_with_its_password_and_parameters(
    api: TestClient, clock: ManualClock, plane: Plane
) -> None:
    _, created = _service(api, clock)
    job = plane.last()
    assert (job.cluster, job.action) == (created["id"], Action.PROVISION)
    assert job.arguments == {
        "password": created["password"],
        "parameters": {"work_mem": "8MB"},
    }


def test_a_password_is_set_in_the_cluster(
    api: TestClient, clock: ManualClock, plane: Plane
) -> None:
    path, created = _service(api, clock)
    api.patch(f"{path}/password", json={"password": "lower-UPPER-1"})
    job = plane.last()
    assert (job.cluster, job.action) == (created["id"], Action.SET_PASSWORD)
    assert job.arguments == {"password": "lower-UPPER-1"}
    assert "lower-UPPER-1" not in repr(job)


def test_copies_name_their_source(api: TestClient, clock: ManualClock, plane: Plane) -> None:
    path, created = _service(api, clock)
    setup = {"password": created["password"], "parameters": {"work_mem": "8MB"}}
    replica = api.post(f"{path}/readReplica", json={"name": "reader"}).json()["result"]
    job = plane.last()
    assert (job.cluster, job.action) == (replica["id"], Action.REPLICATE)
    assert job.arguments == {"source": created["id"], **setup}
    target = {"name": "copy", "restoreTarget": "2026-05-28T20:36:40.000Z"}
    restored = api.post(f"{path}/restoredService", json=target).json()["result"]
    job = plane.last()
    assert (job.cluster, job.action) == (restored["id"], Action.RESTORE)
    assert job.arguments == {"source": created["id"], "target": clock.now(), **setup}


def test_commands_are_jobs(api: TestClient, clock: ManualClock, plane: Plane) -> None:
    path, _ = _service(api, clock)
    replica = api.post(f"{path}/readReplica", json={"name": "reader"}).json()["result"]
    api.patch(path, json={"haType": "async"})
    clock.advance(300)
    for address, command, action in (
        (path, "restart", Action.RESTART),
        (f"{SERVICES}/{replica['id']}", "promote", Action.PROMOTE),
        (path, "switchover", Action.SWITCH_OVER),
    ):
        assert api.patch(f"{address}/state", json={"command": command}).status_code == 200
        assert plane.last().action == action
        clock.advance(60)


def test_a_copy_runs_when_its_job_is_done(
    api: TestClient, clock: ManualClock, plane: Plane
) -> None:
    path, _ = _service(api, clock)
    plane.end = Outcome.WORKING
    replica = api.post(f"{path}/readReplica", json={"name": "reader"}).json()["result"]
    address = f"{SERVICES}/{replica['id']}"
    clock.advance(3600)
    assert api.get(address).json()["result"]["state"] == "replaying_wal"
    plane.end = Outcome.DONE
    assert api.get(address).json()["result"]["state"] == "running"


def test_a_copy_whose_job_failed_is_unavailable(
    api: TestClient, clock: ManualClock, plane: Plane
) -> None:
    path, _ = _service(api, clock)
    plane.end = Outcome.FAILED
    replica = api.post(f"{path}/readReplica", json={"name": "reader"}).json()["result"]
    address = f"{SERVICES}/{replica['id']}"
    clock.advance(300)
    assert api.get(address).json()["result"]["state"] == "unavailable"
    assert api.delete(path).status_code == 409
    assert api.delete(address).status_code == 200


def test_an_update_after_a_failed_creation_makes_the_cluster_again(
    bench: Bench, plane: Plane
) -> None:
    """No instance is ACTIVE without a cluster behind it."""
    bench.stop()
    bench.start(plane=plane)
    plane.end = Outcome.FAILED
    instance = bench.instance()
    body = {name: instance[name] for name in ("name", *SIZES)}
    seen = []
    for end in (Outcome.FAILED, Outcome.FAILED, Outcome.DONE):
        bench.clock.advance(300)
        seen.append(bench.status(instance))
        plane.end = end
        bench.db("PUT", f"/{instance['uuid']}", body)
    bench.clock.advance(300)

    assert [*seen, bench.status(instance)] == ["ERROR", "ERROR", "ERROR", "ACTIVE"]
    made = [job.action for job in plane.jobs.values() if job.cluster == instance["uuid"]]
    assert made == [Action.PROVISION] * 4
