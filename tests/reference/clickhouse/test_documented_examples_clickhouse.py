"""The requests of the public guides, as they stand there, get the answers that stand there.

Ids, times, secrets and host names differ from run to run and are compared by form.
"""

import json
import re
from typing import Any

from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

JSON = {"Content-Type": "application/json"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROOT = f"/v1/organizations/{SEED.organization}"
SCALING = f"{ROOT}/services/{SEED.scalable_service}/clickpipesCdcScaling"

CREATE = """{
  "name": "my postgres",
  "provider": "aws",
  "region": "us-west-2",
  "postgresVersion": "18",
  "size": "r8gd.large"
}"""

CREATED = {
    "name": "my postgres",
    "provider": "aws",
    "region": "us-west-2",
    "postgresVersion": "18",
    "size": "r8gd.large",
    "storageSize": 118,
    "haType": "none",
    "tags": [],
    "username": "postgres",
    "isPrimary": True,
    "state": "creating",
}


def _result(answer: dict[str, Any]) -> Any:
    assert answer.keys() == {"result", "requestId", "status"}
    assert answer["status"] == 200
    assert UUID.fullmatch(answer["requestId"])
    return answer["result"]


def _create(api: TestClient) -> dict[str, Any]:
    answer = api.post(f"{ROOT}/postgres", content=CREATE, headers=JSON).json()
    result: dict[str, Any] = _result(answer)
    return result


def _connection(result: dict[str, Any]) -> dict[str, Any]:
    return {
        member: result.pop(member) for member in ("id", "hostname", "password", "connectionString")
    }


def test_a_fresh_server_lists_the_service_of_the_guide(api: TestClient) -> None:
    assert _result(api.get(f"{ROOT}/postgres").json()) == [
        {
            "id": "ee2fef9f-b443-8ad0-8c9b-724390cdb826",
            "name": "oltp",
            "provider": "aws",
            "region": "eu-west-2",
            "postgresVersion": "18",
            "size": "r6gd.medium",
            "storageSize": 59,
            "haType": "none",
            "tags": [],
            "isPrimary": True,
            "state": "running",
            "createdAt": "2026-05-25T16:42:16+00:00",
        }
    ]


def test_organizations_are_listed_with_the_id_that_the_guide_copies(api: TestClient) -> None:
    (organization,) = _result(api.get("/v1/organizations").json())
    assert organization["id"] == SEED.organization
    assert organization.keys() == {
        "id",
        "createdAt",
        "name",
        "privateEndpoints",
        "byocConfig",
        "enableCoreDumps",
    }


def test_create_answers_with_a_service_and_the_means_to_connect(api: TestClient) -> None:
    result = _create(api)
    connection = _connection(result)
    assert result == CREATED
    assert UUID.fullmatch(connection["id"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", connection["password"])
    host = r"my-postgres-[0-9a-f]{8}\.pg[0-9a-z]{24}\.c0\.us-west-2\.aws\.pg\.reference\.invalid"
    assert re.fullmatch(host, connection["hostname"])
    assert connection["connectionString"] == (
        f"postgres://postgres:{connection['password']}@{connection['hostname']}"
        ":5432/postgres?channel_binding=require"
    )


def test_the_service_is_read_until_it_runs(api: TestClient, clock: ManualClock) -> None:
    created = _create(api)
    path = f"{ROOT}/postgres/{created['id']}"
    read = _result(api.get(path).json())
    later = {"createdAt": read["createdAt"], "ipAccessList": []}
    assert {**created, **later} == read
    clock.advance(300)
    assert _result(api.get(path).json()) == {**read, "state": "running"}


def test_tags_are_patched_alone(api: TestClient, clock: ManualClock) -> None:
    created = _create(api)
    clock.advance(300)
    answer = api.patch(
        f"{ROOT}/postgres/{created['id']}",
        content='{"tags": [{"key": "Environment", "value": "production"}]}',
        headers=JSON,
    ).json()
    tags = [{"key": "Environment", "value": "production"}]
    assert _result(answer) == {**created, "tags": tags, "state": "running"}


def test_max_connections_is_configured_and_needs_a_restart(
    api: TestClient, clock: ManualClock
) -> None:
    created = _create(api)
    clock.advance(300)
    answer = api.post(
        f"{ROOT}/postgres/{created['id']}/config",
        content='{"pgConfig": {"max_connections": "42"}, "pgBouncerConfig": {}}',
        headers=JSON,
    ).json()
    assert _result(answer) == {
        "pgConfig": {"max_connections": "42"},
        "pgBouncerConfig": {},
        "message": (
            "The changes in the following parameters require a database restart to take effect: "
            "max_connections. You can restart the database by using the restart endpoint."
        ),
    }


def test_delete_answers_with_status_and_request_id_only(api: TestClient) -> None:
    answer = api.delete(f"{ROOT}/postgres/{_create(api)['id']}").json()
    assert UUID.fullmatch(answer.pop("requestId"))
    assert answer == {"status": 200}


def test_cdc_is_scaled_to_24_cores(api: TestClient, clock: ManualClock) -> None:
    assert _result(api.get(SCALING).json()) == {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8}
    wanted = {"replicaCpuMillicores": 24000, "replicaMemoryGb": 96}
    answer = api.patch(SCALING, content=json.dumps(wanted, indent=2), headers=JSON)
    assert answer.status_code == 200
    clock.advance(300)
    assert _result(api.get(SCALING).json()) == wanted
