"""Each monitor keeps silent about what is right and speaks about what is wrong."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.monitors import Watch
from pgassay.redaction import Vault
from pgassay.specification import specification

ORG = "/v1/organizations/5f0f2a54-31c7-4f0e-9c35-0b1c8e6f7a01"
SERVICE = "9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b10"
SERVICES = f"{ORG}/postgres"
COPY = "0d4c1e2f-3a5b-4c6d-9e7f-8a9b0c1d2e3f"
SCALING = f"{ORG}/services/{SERVICE}/clickpipesCdcScaling"
INSTANCE = "/v1/postgres/instances/2b1f0a3e-9d43-4f53-8f6e-0c7a7c3e5a11"
USER = f"{INSTANCE}/users/5a0c2b9e-1111-4222-8333-abcdefabcdef"
JSON = {"content-type": "application/json", "date": "Sun, 06 Nov 1994 08:49:37 GMT"}


class Traffic:
    """Feeds a watch with exchanges, one second apart."""

    def __init__(self) -> None:
        self.watch = Watch(specification("on"))
        self.vault = Vault(b"key")
        self.count = 0

    def show(
        self,
        method: str,
        path: str,
        status: int,
        body: Any = None,
        headers: Mapping[str, str] = JSON,
        credential: str = "main",
        sent: Any = None,
    ) -> set[str]:
        """Show one exchange; return the requirements that it was found to break."""
        before = self.watch.found
        self.count += 1
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        asked = None if sent is None else json.dumps(sent).encode()
        request = Request(method, path, body=asked, credential=credential, family="clickhouse")
        exchange = Exchange(
            self.count, "c", request, "http://h" + path, self.count, 0.1, status, headers, raw
        )
        self.watch.observe(self.vault.exchange(exchange))
        new = (found for found in self.watch.found if found not in before)
        return {found.judgement.requirement for found in new}


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


def envelope(result: Any = None, **changes: Any) -> dict[str, Any]:
    whole = {"status": 200, "requestId": str(uuid4()), "result": result} | changes
    return {name: value for name, value in whole.items() if value is not ...}


def service(**changes: Any) -> dict[str, Any]:
    whole = {
        "id": SERVICE,
        "name": "n",
        "provider": "aws",
        "region": "us-east-1",
        "postgresVersion": "18",
        "size": "r6gd.medium",
        "storageSize": 59,
        "haType": "none",
        "tags": [],
        "isPrimary": True,
        "state": "running",
        "createdAt": "2026-03-26T20:51:16.384Z",
        "username": "postgres",
        "hostname": "n.example.test",
    }
    return whole | changes


def copy(**changes: Any) -> dict[str, Any]:
    return envelope(service(id=COPY, **changes))


def instance(**changes: Any) -> dict[str, Any]:
    whole = {
        "uuid": INSTANCE.rsplit("/", 1)[1],
        "name": "n",
        "description": "",
        "cpu": 1,
        "ram": 1024,
        "disk_size": 10,
        "nodes_number": 1,
        "sync_replica_number": 0,
        "version": "/v1/types/postgres/versions/2b1f0a3e-9d43-4f53-8f6e-0c7a7c3e5a12",
        "status": "ACTIVE",
    }
    return whole | changes


def test_what_the_redaction_put_in_the_place_of_data_breaks_no_schema(traffic: Traffic) -> None:
    tag = {"key": Vault().marker("first.key"), "value": "v"}
    path = f"{SERVICES}/{SERVICE}"
    shown = envelope(service(tags=[tag]))
    assert "CH-SCHEMA-RESPONSE" not in traffic.show("GET", path, 200, shown)
    wrong = envelope(service(tags=[tag | {"value": "<"}]))
    assert "CH-SCHEMA-RESPONSE" in traffic.show("GET", path, 200, wrong)


def test_right_answers_of_both_families_break_nothing(traffic: Traffic) -> None:
    assert not traffic.show("GET", f"{SERVICES}/{SERVICE}", 200, envelope(service()))
    assert not traffic.show("DELETE", f"{SERVICES}/{SERVICE}", 200, envelope(result=...))
    assert not traffic.show("GET", INSTANCE, 200, instance())
    assert traffic.watch.judged["CH-ENVELOPE-SUCCESS"] == 2


@pytest.mark.parametrize(
    ("body", "requirement"),
    [
        pytest.param(envelope(requestId=...), "CH-ENVELOPE-SUCCESS", id="no requestId"),
        pytest.param(envelope(result=...), "CH-ENVELOPE-SUCCESS", id="no result"),
        pytest.param(envelope(status=201), "CH-ENVELOPE-STATUS", id="another status"),
        pytest.param(envelope(status=True), "CH-ENVELOPE-STATUS", id="a boolean as status"),
        pytest.param(envelope(requestId="17"), "CH-ENVELOPE-REQUEST-ID", id="not a UUID"),
        pytest.param(
            envelope(requestId="6d1e3a4c-0000-1000-8000-000000000000"),
            "CH-ENVELOPE-REQUEST-ID-VERSION",
            id="version 1",
        ),
    ],
)
def test_a_broken_success_envelope_is_seen(
    traffic: Traffic, body: dict[str, Any], requirement: str
) -> None:
    assert requirement in traffic.show("GET", SERVICES, 200, body)


def test_a_repeated_request_id_is_seen(traffic: Traffic) -> None:
    body = envelope([])
    assert not traffic.show("GET", SERVICES, 200, body)
    assert "CH-ENVELOPE-REQUEST-ID-UNIQUE" in traffic.show("GET", SERVICES, 200, body)


@pytest.mark.parametrize(
    ("status", "requirement"), [(400, "CH-ENVELOPE-ERROR"), (404, "CH-ENVELOPE-ERROR-OTHER")]
)
@pytest.mark.parametrize("error", ["", "  ", None, ...])
def test_an_error_without_text_is_seen(
    traffic: Traffic, status: int, requirement: str, error: Any
) -> None:
    body = envelope(result=..., status=status, error=error)
    assert requirement in traffic.show("GET", SERVICES, status, body)


def test_a_request_that_is_turned_away_may_have_the_error_alone(traffic: Traffic) -> None:
    assert not traffic.show("GET", SERVICES, 429, {"error": "TOO_MANY_REQUESTS"})
    assert "CH-ENVELOPE-ERROR-OTHER" in traffic.show("GET", SERVICES, 429, {"error": " "})
    assert "CH-ENVELOPE-ERROR-OTHER" in traffic.show("GET", SERVICES, 409, {"error": "CONFLICT"})


def test_statuses_are_judged(traffic: Traffic) -> None:
    crash = traffic.show("GET", SERVICES, 500, envelope(status=500, error="x", result=...))
    assert {"CH-STATUS-NO-5XX", "HTTP-STATUS-NO-5XX"} <= crash
    assert "CH-STATUS-SUCCESS" in traffic.show("POST", SERVICES, 201, envelope(service()))
    assert "CH-STATUS-DOCUMENTED" in traffic.show("GET", SERVICES, 418, envelope(status=418))
    assert "HTTP-STATUS-NO-5XX" in traffic.show("GET", "/elsewhere", 503)


def test_json_under_another_content_type_is_seen(traffic: Traffic) -> None:
    html = {"content-type": "text/html"}
    broken = traffic.show("GET", SERVICES, 200, envelope([]), html)
    assert {"HTTP-CONTENT-TYPE-JSON", "CH-SCHEMA-RESPONSE"} <= broken


@pytest.mark.parametrize(
    ("changes", "requirement"),
    [
        ({"size": "huge"}, "CH-SCHEMA-RESPONSE"),
        ({"storageSize": "59"}, "CH-SCHEMA-RESPONSE"),
        ({"createdAt": "yesterday"}, "CH-SCHEMA-RESPONSE"),
        ({"color": "blue"}, "CH-SCHEMA-UNDOCUMENTED-MEMBER"),
        ({"state": "sleeping"}, "CH-SVC-STATE-ENUM"),
    ],
)
def test_a_service_outside_its_schema_is_seen(
    traffic: Traffic, changes: dict[str, Any], requirement: str
) -> None:
    body = envelope(service(**changes))
    assert requirement in traffic.show("GET", f"{SERVICES}/{SERVICE}", 200, body)


def test_a_password_in_a_list_or_an_error_is_seen(traffic: Traffic) -> None:
    listed = envelope([service(password="aB3dE5gH7jK9")])
    assert "CH-SECRET-LIST" in traffic.show("GET", SERVICES, 200, listed)
    refused = envelope(result=..., status=400, error="BAD_REQUEST: aB3dE5gH7jK9 is weak")
    assert "CH-SECRET-ERROR" in traffic.show("POST", SERVICES, 400, refused)


@pytest.mark.parametrize(
    "leak",
    [
        {"password": "aB3dE5gH7"},
        {"note": "SCRAM-SHA-256$4096:abc$def:ghi"},
        {"hash": "md5" + "0123456789abcdef" * 2},
    ],
)
def test_a_password_or_hash_of_a_user_is_seen(traffic: Traffic, leak: dict[str, str]) -> None:
    user = {"uuid": USER.rsplit("/", 1)[1], "name": "u", "status": "ACTIVE"} | leak
    assert "DB-SECRET-PASSWORD" in traffic.show("GET", USER, 200, user)
    assert "DB-SECRET-PASSWORD-ECHO" in traffic.show("POST", f"{INSTANCE}/users", 201, user)


def test_a_service_that_is_created_again_is_seen(traffic: Traffic) -> None:
    path = f"{SERVICES}/{SERVICE}"
    traffic.show("GET", path, 200, envelope(service()))
    again = traffic.show("GET", path, 200, envelope(service(state="creating")))
    assert "CH-SVC-STATE-LEGAL" in again


def test_a_service_that_returns_after_its_delete_is_seen(traffic: Traffic) -> None:
    path = f"{SERVICES}/{SERVICE}"
    traffic.show("DELETE", path, 200, envelope(result=...))
    assert not traffic.show("GET", path, 200, envelope(service(state="deleting")))
    traffic.show("GET", path, 404, envelope(status=404, error="NOT_FOUND: x", result=...))
    back = traffic.show("GET", SERVICES, 200, envelope([_item()]))
    assert "CH-SVC-DELETE-NO-RESURRECTION" in back


def test_a_read_that_ends_after_another_one_saw_nothing_brings_nothing_back(
    traffic: Traffic,
) -> None:
    path = f"{SERVICES}/{SERVICE}"
    missing = envelope(status=404, error="NOT_FOUND: x", result=...)
    traffic.show("GET", path, 200, envelope(service()))
    traffic.show("DELETE", path, 200, envelope(result=...))
    traffic.show("GET", path, 404, missing)
    traffic.count -= 1  # the next one is sent with the last
    late = traffic.show("GET", path, 200, envelope(service(state="deleting")))
    assert "CH-SVC-DELETE-NO-RESURRECTION" not in late


def test_a_404_for_another_credential_proves_no_absence(traffic: Traffic) -> None:
    path = f"{SERVICES}/{SERVICE}"
    missing = envelope(status=404, error="NOT_FOUND: x", result=...)
    traffic.show("GET", path, 404, missing, credential="other_tenant")
    assert not traffic.show("GET", path, 200, envelope(service()))


def test_members_that_never_change_are_watched(traffic: Traffic) -> None:
    path = f"{SERVICES}/{SERVICE}"
    traffic.show("GET", path, 200, envelope(service()))
    moved = traffic.show("GET", path, 200, envelope(service(region="eu-west-2")))
    assert "CH-SVC-GET-STABLE" in moved
    later = service(createdAt="2026-03-27T20:51:16.384Z")
    assert "CH-SVC-CREATED-AT" in traffic.show("GET", path, 200, envelope(later))


def test_a_command_is_part_of_the_history_of_its_service(traffic: Traffic) -> None:
    path, restart = f"{SERVICES}/{SERVICE}", {"command": "restart"}
    traffic.show("GET", path, 200, envelope(service()))
    answer = envelope(service(state="creating"))
    assert "CH-SVC-STATE-LEGAL" in traffic.show("PATCH", f"{path}/state", 200, answer, sent=restart)


def test_a_running_service_does_not_end_a_restore(traffic: Traffic) -> None:
    copied, path = f"{SERVICES}/{SERVICE}/restoredService", f"{SERVICES}/{COPY}"
    assert not traffic.show("POST", copied, 200, copy(state="creating"))
    for state in ("restoring_backup", "replaying_wal", "finalizing_restore", "running"):
        assert not traffic.show("GET", path, 200, copy(state=state))
    again = traffic.show("GET", path, 200, copy(state="finalizing_restore"))
    assert "CH-SVC-STATE-LEGAL" in again


def test_a_replica_becomes_a_primary_by_its_promotion_alone(traffic: Traffic) -> None:
    copied, path = f"{SERVICES}/{SERVICE}/readReplica", f"{SERVICES}/{COPY}"
    assert not traffic.show("POST", copied, 200, copy(isPrimary=False))
    assert "CH-SVC-PRIMARY-STEADY" in traffic.show("GET", path, 200, copy(isPrimary=True))


def test_a_promotion_makes_a_primary_for_good(traffic: Traffic) -> None:
    path, promote = f"{SERVICES}/{COPY}", {"command": "promote"}
    assert not traffic.show("GET", path, 200, copy(isPrimary=False))
    assert not traffic.show("PATCH", f"{path}/state", 200, copy(isPrimary=False), sent=promote)
    assert not traffic.show("GET", path, 200, copy(isPrimary=True))
    assert "CH-SVC-PRIMARY-STEADY" in traffic.show("GET", path, 200, copy(isPrimary=False))


@pytest.mark.parametrize(
    ("part", "requirement"),
    [
        ("readReplica", "CH-REPLICA-NO-CREDENTIALS"),
        ("restoredService", "CH-RESTORE-NO-CREDENTIALS"),
    ],
)
def test_credentials_of_a_copy_are_seen(traffic: Traffic, part: str, requirement: str) -> None:
    path = f"{SERVICES}/{SERVICE}/{part}"
    assert not traffic.show("POST", path, 200, copy())
    shown = copy(connectionString="postgres://postgres@n.example.test:5432/postgres")
    assert requirement in traffic.show("POST", path, 200, shown)


def test_a_chosen_password_in_its_answer_is_seen(traffic: Traffic) -> None:
    path, chosen = f"{SERVICES}/{SERVICE}/password", {"password": "chosen-For-7-tests"}
    assert not traffic.show("PATCH", path, 200, envelope({}), sent=chosen)
    assert not traffic.show("PATCH", path, 200, envelope({"password": "made-For-7-tests"}), sent={})
    echoed = traffic.show("PATCH", path, 200, envelope(chosen), sent=chosen)
    assert echoed == {"CH-PASSWORD-NOT-RETURNED"}


def test_an_instance_that_becomes_new_again_is_seen(traffic: Traffic) -> None:
    traffic.show("GET", INSTANCE, 200, instance())
    assert "DB-INST-STATUS-LEGAL" in traffic.show("GET", INSTANCE, 200, instance(status="NEW"))
    assert "DB-INST-STATUS-ENUM" in traffic.show("GET", INSTANCE, 200, instance(status="FINE"))


def test_nodes_of_an_instance_are_seen(traffic: Traffic) -> None:
    shown = traffic.show("GET", INSTANCE, 200, instance(node_set={"nodes": []}))
    assert "DB-INST-NODES-INTERNAL" in shown


@pytest.mark.parametrize(("cpu", "memory"), [(2000, 12), (1500, 6), (33000, 132), (0, 0)])
def test_a_pair_that_no_size_has_is_seen(traffic: Traffic, cpu: int, memory: int) -> None:
    pair = {"replicaCpuMillicores": cpu, "replicaMemoryGb": memory}
    assert "CH-CDC-NO-MIXED-PAIR" in traffic.show("GET", SCALING, 200, envelope(pair))


def test_a_documented_pair_is_right(traffic: Traffic) -> None:
    pair = {"replicaCpuMillicores": 24000, "replicaMemoryGb": 96}
    assert not traffic.show("GET", SCALING, 200, envelope(pair))


def test_overlapping_requests_are_not_put_in_order() -> None:
    watch, vault = Watch(specification("on")), Vault(b"key")
    for sequence, sent_at, state in ((1, 0.0, "running"), (2, 1.0, "creating")):
        body = json.dumps(envelope(service(state=state))).encode()
        request = Request("GET", f"{SERVICES}/{SERVICE}")
        watch.observe(
            vault.exchange(Exchange(sequence, "c", request, "u", sent_at, 5.0, 200, JSON, body))
        )
    assert not [found for found in watch.found if found.judgement.requirement.endswith("LEGAL")]


def _item() -> dict[str, Any]:
    return {k: v for k, v in service().items() if k not in {"username", "hostname"}}
