"""The superuser's password is set, or generated, and shown as the documents say."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
GOOD = "lower-UPPER-1"


def _get(api: TestClient, path: str) -> dict[str, Any]:
    result: dict[str, Any] = api.get(path).json()["result"]
    return result


def _set(api: TestClient, path: str, password: object) -> int:
    status: int = api.patch(f"{path}/password", json={"password": password}).status_code
    return status


def test_a_supplied_password_is_kept_and_not_returned(api: TestClient, path: str) -> None:
    answer = api.patch(f"{path}/password", json={"password": "Zz9/ :@%€-longer"})
    assert answer.status_code == 200
    assert answer.json()["result"] == {}
    shown = _get(api, path)
    assert shown["password"] == "Zz9/ :@%€-longer"
    assert ":Zz9%2F%20%3A%40%25%E2%82%AC-longer@" in shown["connectionString"]


@pytest.mark.parametrize("sent", [{"json": {}}, {"json": {"unknown": 1}}, {"content": b""}, {}])
def test_a_password_is_generated_where_none_is_supplied(
    api: TestClient, path: str, sent: dict[str, Any]
) -> None:
    before = _get(api, path)["password"]
    result = api.patch(f"{path}/password", **sent).json()["result"]
    assert result.keys() == {"password"}
    assert result["password"] != before
    assert re.fullmatch(r"[A-Za-z0-9_-]{20}", result["password"])
    assert _get(api, path)["password"] == result["password"]


def test_two_generated_passwords_differ(api: TestClient, path: str) -> None:
    passwords = {api.patch(f"{path}/password").json()["result"]["password"] for _ in range(3)}
    assert len(passwords) == 3


@pytest.mark.parametrize(
    "password",
    ["aB345678901_", "aB3" + "€" * 9, "aB3" + "\N{GRINNING FACE}" * 1021, "new\nline\nAnd 1 more"],
)
def test_good_passwords(api: TestClient, path: str, password: str) -> None:
    assert _set(api, path, password) == 200
    assert _get(api, path)["password"] == password


@pytest.mark.parametrize(
    "password",
    [
        "aB345678901",
        "aB3" + "\N{GRINNING FACE}" * 8,
        "aB3" + "x" * 1022,
        "lower-upper-1",
        "LOWER-UPPER-1",
        "lower-UPPER-x",
        "größe-GRÖSSE-²",
        "àéîõü-UPPER-12",
        "lower-UPPER-1\0",
        "",
        None,
        123456789012,
        [GOOD],
    ],
)
def test_bad_passwords_are_refused_and_change_nothing(
    api: TestClient, path: str, password: object
) -> None:
    before = _get(api, path)
    answer = api.patch(f"{path}/password", json={"password": password})
    assert answer.status_code == 400
    assert "password" in answer.json()["error"]
    assert _get(api, path) == before


def test_a_refusal_does_not_repeat_the_password(api: TestClient, path: str) -> None:
    answer = api.patch(f"{path}/password", json={"password": "no-capital-letter-1"})
    assert "no-capital-letter-1" not in answer.text


@pytest.mark.parametrize("body", [b"[]", b'"lower-UPPER-1"', b"null", b"{", b" "])
def test_a_body_that_is_no_object_is_refused(api: TestClient, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.patch(f"{path}/password", content=body, headers=headers)
    assert answer.status_code == 400


def test_a_password_is_set_while_the_service_runs_only(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    creating = f"{SERVICES}/{api.post(SERVICES, json=MINIMAL).json()['result']['id']}"
    assert _set(api, creating, GOOD) == 400
    api.patch(f"{path}/state", json={"command": "restart"})
    assert _set(api, path, GOOD) == 400
    clock.advance(60)
    assert _set(api, path, GOOD) == 200
    api.delete(path)
    assert _set(api, path, GOOD) == 409
    clock.advance(60)
    assert _set(api, path, GOOD) == 404


def test_a_new_password_shows_nowhere_else_where_credentials_are_redacted(
    other: TestClient, clock: ManualClock
) -> None:
    created = other.post(OTHER_SERVICES, json=MINIMAL).json()["result"]
    path = f"{OTHER_SERVICES}/{created['id']}"
    clock.advance(300)
    assert other.patch(f"{path}/password").json()["result"].keys() == {"password"}
    assert other.patch(f"{path}/password", json={"password": GOOD}).json()["result"] == {}
    assert not {"password", "connectionString"} & _get(other, path).keys()
    assert GOOD not in other.get(OTHER_SERVICES).text


def test_a_key_that_may_only_read_sets_no_password(
    connect: Any, api: TestClient, path: str
) -> None:
    assert connect("read_only").patch(f"{path}/password", json={}).status_code == 403
    assert connect("other_tenant").patch(f"{path}/password", json={}).status_code == 404
