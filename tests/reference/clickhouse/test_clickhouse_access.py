"""Who may do what, and how refusals are worded."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

Connect = Callable[[str], TestClient]

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNKNOWN = "3f1d7c52-6e0a-4b8e-9a77-1c2d3e4f5a6b"


def _error(answer: object) -> str:
    body = answer.json()  # type: ignore[attr-defined]
    assert body.keys() == {"status", "error", "requestId"}
    assert body["status"] == answer.status_code  # type: ignore[attr-defined]
    assert UUID4.fullmatch(body["requestId"])
    return str(body["error"])


@pytest.mark.parametrize("path", ["/v1/organizations", SERVICES, f"{SERVICES}/prometheus"])
@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer abc", "Basic YTpi"]
)
def test_without_a_known_key_nothing_is_answered(
    connect: Connect, path: str, header: str | None
) -> None:
    client = connect("main")
    client.auth = None
    answer = client.get(path, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert _error(answer) == "UNAUTHORIZED: Key is not found"


def test_a_wrong_secret_is_refused_like_an_unknown_key(
    api: TestClient, credentials: Credentials
) -> None:
    for secret in ("wrong", ""):
        answer = api.get(SERVICES, auth=(credentials.key("main").key_id, secret))
        assert answer.status_code == 401
        assert _error(answer) == "UNAUTHORIZED: Key is not found"


def test_a_disabled_key_is_refused(connect: Connect) -> None:
    answer = connect("disabled").get(SERVICES)
    assert answer.status_code == 401
    assert _error(answer) == "UNAUTHORIZED: Key is not active"


def test_a_read_only_key_reads_and_changes_nothing(connect: Connect, path: str) -> None:
    reader = connect("read_only")
    before = reader.get(path)
    assert before.status_code == 200
    scaling = f"/v1/organizations/{SEED.organization}/services/{SEED.scalable_service}"
    for method, address in (
        ("POST", SERVICES),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/config"),
        ("PATCH", f"{path}/config"),
        ("PATCH", f"{scaling}/clickpipesCdcScaling"),
    ):
        answer = reader.request(method, address, json=MINIMAL)
        assert answer.status_code == 403
        assert _error(answer).startswith("FORBIDDEN: ")
    assert reader.get(path).json()["result"] == before.json()["result"]


def test_another_organization_looks_like_one_that_is_not_there(
    api: TestClient, other: TestClient, service: dict[str, str]
) -> None:
    theirs = api.get(OTHER_SERVICES)
    nobodys = api.get(f"/v1/organizations/{UNKNOWN}/postgres")
    assert theirs.status_code == nobodys.status_code == 404
    assert _error(theirs) == f"NOT_FOUND: {SEED.other_organization}"
    assert _error(nobodys) == f"NOT_FOUND: {UNKNOWN}"
    for method in ("GET", "PATCH", "DELETE"):
        stolen = other.request(method, f"{OTHER_SERVICES}/{service['id']}", json={"tags": []})
        assert stolen.status_code == 404
        assert _error(stolen) == f"NOT_FOUND: {service['id']}"
    assert service["id"] not in other.get(OTHER_SERVICES).text


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_service_is_not_found(api: TestClient, method: str) -> None:
    assert api.request(method, f"{SERVICES}/{UNKNOWN}", json={}).status_code == 404


@pytest.mark.parametrize("service", ["x", "0", "null", UNKNOWN + "%0A", UNKNOWN[:-1], "%00"])
def test_a_malformed_id_is_the_clients_mistake(api: TestClient, service: str) -> None:
    answer = api.get(f"{SERVICES}/{service}")
    assert answer.status_code in (400, 404)
    _error(answer)


def test_an_id_in_capitals_is_the_same_id(
    api: TestClient, path: str, service: dict[str, str]
) -> None:
    assert api.get(f"{SERVICES}/{service['id'].upper()}").status_code == 200


def test_unknown_paths_and_methods_are_refused_in_the_envelope(api: TestClient, path: str) -> None:
    for address in ("/", "/v1", f"{path}/logs", f"{SERVICES}/", f"{SERVICES}%0A", "/_control/x"):
        answer = api.get(address)
        assert answer.status_code == 404
        assert _error(answer) == "NOT_FOUND: no such path"
    answer = api.put(path, json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH"
    assert _error(answer).startswith("METHOD_NOT_ALLOWED: ")


def test_head_answers_like_get(api: TestClient, path: str) -> None:
    assert api.head(path).status_code == 200
    assert api.head(f"{SERVICES}/{UNKNOWN}").status_code == 404


def test_every_answer_has_a_request_id_of_its_own(api: TestClient) -> None:
    ids = [api.get(SERVICES).json()["requestId"] for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(UUID4.fullmatch(id) for id in ids)


def test_requests_are_counted_by_operation_for_who_has_the_control_token(api: TestClient) -> None:
    api.get(SERVICES)
    api.get(SERVICES)
    api.get("/nowhere")
    assert api.get("/_control/requests").status_code == 404
    counts = api.get("/_control/requests", headers={"X-Control-Token": "control"}).json()
    assert counts["postgresServiceGetList"] == 2
    assert counts["unknown"] == 2
