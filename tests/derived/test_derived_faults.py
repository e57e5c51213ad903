"""One mutant of each rule shows its fault, and nothing beside it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from pgassay.mutants import DERIVED
from pgassay.reference import SEED, Credentials, ManualClock, Settings

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
INSTANCES = "/v1/postgres/instances"
SCALING = (
    f"/v1/organizations/{SEED.organization}/services/{SEED.scalable_service}/clickpipesCdcScaling"
)
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


class Bench:
    """One mutant at the documented pace."""

    def __init__(self, client: TestClient, credentials: Credentials, clock: ManualClock) -> None:
        self._client = client
        self._credentials = credentials
        self.clock = clock

    def ask(
        self, method: str, path: str, json: Any = None, caller: str | None = "main"
    ) -> httpx.Response:
        """Ask with the key or token of a name; without any for None."""
        headers, auth = {}, None
        if caller and path.startswith("/v1/organizations"):
            key = self._credentials.key(caller)
            auth = (key.key_id, key.secret)
        elif caller:
            headers = {"Authorization": f"Bearer {self._credentials.token(caller).token}"}
        answer: httpx.Response = self._client.request(
            method, path, json=json, headers=headers, auth=auth
        )
        return answer

    def service(self) -> str:
        """Create a service; returns its path."""
        answer = self.ask("POST", SERVICES, MINIMAL)
        assert answer.status_code == 200, answer.text
        return f"{SERVICES}/{answer.json()['result']['id']}"

    def instance(self, **members: Any) -> httpx.Response:
        """Ask for a new instance."""
        versions = self.ask("GET", "/v1/types/postgres/versions").json()["versions"]
        body = {"name": "demo", "version": versions[0]["uuid"], **members}
        return self.ask("POST", INSTANCES, body)


Serve = Callable[[str], Bench]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start mutants by their names."""
    with ExitStack() as clients:

        def start(name: str) -> Bench:
            clock, credentials = ManualClock(), Credentials.generate()
            app = DERIVED[name].app(Settings(credentials, time_scale=1), clock)
            client = clients.enter_context(TestClient(app, raise_server_exceptions=False))
            return Bench(client, credentials, clock)

        yield start


def test_a_limit_is_one_step_off(serve: Serve) -> None:
    bench = serve("dbaas-instance-cpu-high-plus-1")
    assert [bench.instance(cpu=cpu).status_code for cpu in (128, 129, 130)] == [201, 201, 400]
    assert bench.instance(ram=1024 * 1024 + 1).status_code == 400


def test_limits_that_belong_together_move_together(serve: Serve) -> None:
    bench = serve("clickhouse-scaling-maximum-plus-1")
    pairs = [(32, 128), (33, 132), (34, 136)]
    bodies = [{"replicaCpuMillicores": 1000 * cpu, "replicaMemoryGb": gb} for cpu, gb in pairs]
    statuses = [bench.ask("PATCH", SCALING, body).status_code for body in bodies]
    assert statuses == [200, 200, 400]


def test_a_pattern_is_looser(serve: Serve) -> None:
    bench = serve("dbaas-user-name-pattern-newline-behind")
    users = f"{INSTANCES}/{bench.instance().json()['uuid']}/users"
    names = ("reader", "writer\n", "a b\n")
    bodies = [{"name": name, "password": "correct horse"} for name in names]
    assert [bench.ask("POST", users, body).status_code for body in bodies] == [201, 201, 400]


def test_a_pattern_is_tighter(serve: Serve) -> None:
    bench = serve("clickhouse-service-name-pattern-without-capital-q")
    names = ("orders", "orders Q4", "Orders 4")
    bodies = [{**MINIMAL, "name": name} for name in names]
    assert [bench.ask("POST", SERVICES, body).status_code for body in bodies] == [200, 400, 200]


def test_an_enumeration_has_a_value_too_many(serve: Serve) -> None:
    bench = serve("clickhouse-service-versions-with-19")
    bodies = [{**MINIMAL, "postgresVersion": version} for version in ("17", "18", "19", "20")]
    statuses = [bench.ask("POST", SERVICES, body).status_code for body in bodies]
    assert statuses == [200, 200, 200, 400]


def test_an_enumeration_has_a_value_too_few(serve: Serve) -> None:
    bench = serve("clickhouse-service-high-availability-without-async")
    bodies = [{**MINIMAL, "haType": kind} for kind in ("none", "async", "sync")]
    assert [bench.ask("POST", SERVICES, body).status_code for body in bodies] == [200, 400, 200]


def test_a_required_member_is_optional(serve: Serve) -> None:
    bench = serve("postgres-service-create-request-region-optional")
    without = {name: value for name, value in MINIMAL.items() if name != "region"}
    assert bench.ask("POST", SERVICES, without).json()["result"]["region"]
    assert bench.ask("POST", SERVICES, {**without, "region": ""}).status_code == 400
    assert bench.ask("POST", SERVICES, {"region": "eu-west-2"}).status_code == 400


def test_an_optional_member_is_required(serve: Serve) -> None:
    bench = serve("postgres-instance-restore-request-tags-required")
    path = f"{bench.service()}/restoredService"
    body = {"name": "copy", "restoreTarget": "2026-05-28T20:26:40Z"}
    assert bench.ask("POST", path, body).status_code == 400
    assert "tags" in bench.ask("POST", path, body).text
    assert "tags" not in bench.ask("POST", path, {**body, "tags": []}).text


def test_a_member_of_an_answer_is_missing(serve: Serve) -> None:
    bench = serve("postgres-service-get-result-name-missing")
    path = bench.service()
    shown = bench.ask("GET", path).json()["result"]
    assert "name" not in shown
    assert shown["state"] == "creating"
    assert "orders" in [each["name"] for each in bench.ask("GET", SERVICES).json()["result"]]


def test_a_member_of_an_answer_is_null(serve: Serve) -> None:
    bench = serve("dbaas-instance-get-ram-null")
    created = bench.instance(ram=2048).json()
    shown = bench.ask("GET", f"{INSTANCES}/{created['uuid']}").json()
    assert (created["ram"], shown["ram"], shown["cpu"]) == (2048, None, created["cpu"])


def test_a_member_of_an_answer_has_another_type(serve: Serve) -> None:
    bench = serve("dbaas-instance-update-disk-size-mistyped")
    created = bench.instance(disk_size=20).json()
    path = f"{INSTANCES}/{created['uuid']}"
    bench.clock.advance(300)
    assert bench.ask("PUT", path, created).json()["disk_size"] == "20"
    assert bench.ask("GET", path).json()["disk_size"] == 20


def test_an_object_of_an_answer_has_a_member_too_many(serve: Serve) -> None:
    bench = serve("dbaas-user-get-unlisted-extra")
    users = f"{INSTANCES}/{bench.instance().json()['uuid']}/users"
    created = bench.ask("POST", users, {"name": "reader", "password": "correct horse"}).json()
    shown = bench.ask("GET", f"{users}/{created['uuid']}").json()
    assert shown.keys() - created.keys() == {"unlisted"}


def test_a_status_is_another_one(serve: Serve) -> None:
    bench = serve("dbaas-instance-create-201-as-500")
    assert bench.instance().status_code == 500
    assert len(bench.ask("GET", INSTANCES).json()) == 1
    assert bench.instance(cpu=0).status_code == 400


def test_an_operation_needs_no_credentials(serve: Serve) -> None:
    bench = serve("postgres-service-get-auth-guard-removed")
    path = bench.service()
    assert bench.ask("GET", path, caller=None).status_code == 200
    assert bench.ask("GET", SERVICES, caller=None).status_code == 401
    assert bench.ask("DELETE", path, caller=None).status_code == 401


def test_an_operation_works_on_what_belongs_to_others(serve: Serve) -> None:
    bench = serve("dbaas-instance-get-tenant-guard-removed")
    path = f"{INSTANCES}/{bench.instance().json()['uuid']}"
    assert bench.ask("GET", path, caller="other_tenant").status_code == 200
    assert bench.ask("DELETE", path, caller="other_tenant").status_code == 404


def test_an_operation_leaves_a_check_out(serve: Serve) -> None:
    bench = serve("postgres-service-patch-text-tags-key-unchecked")
    path, tags = bench.service(), [{"key": "a b", "value": "c"}]
    assert bench.ask("PATCH", path, {"tags": tags}).status_code == 200
    assert bench.ask("POST", SERVICES, {**MINIMAL, "tags": tags}).status_code == 400


def test_a_change_of_state_never_comes(serve: Serve) -> None:
    bench = serve("dbaas-instance-new-to-in-progress-never-comes")
    path = f"{INSTANCES}/{bench.instance().json()['uuid']}"
    users = f"{path}/users"
    created = bench.ask("POST", users, {"name": "reader", "password": "correct horse"}).json()
    bench.clock.advance(3600)
    assert bench.ask("GET", path).json()["status"] == "NEW"
    assert bench.ask("GET", f"{users}/{created['uuid']}").json()["status"] == "ACTIVE"


def test_a_change_of_state_goes_back(serve: Serve) -> None:
    bench = serve("postgres-service-creating-to-running-goes-back")
    path = bench.service()
    seen = []
    for seconds in (0, 300, 30):
        bench.clock.advance(seconds)
        seen.append(bench.ask("GET", path).json()["result"]["state"])
    assert seen == ["creating", "running", "creating"]


def test_a_deleted_service_comes_back(serve: Serve) -> None:
    bench = serve("postgres-service-deleting-to-gone-goes-back")
    path = bench.service()
    bench.ask("DELETE", path)
    bench.clock.advance(61)
    assert bench.ask("GET", path).json()["result"]["state"] == "running"


def test_a_change_is_acknowledged_and_lost(serve: Serve) -> None:
    bench = serve("postgres-service-patch-change-lost")
    path = bench.service()
    assert bench.ask("PATCH", path, {"name": "bills"}).json()["result"]["name"] == "bills"
    assert bench.ask("GET", path).json()["result"]["name"] == "orders"
    assert bench.ask("DELETE", path).status_code == 200
    assert bench.ask("GET", path).json()["result"]["state"] == "deleting"
