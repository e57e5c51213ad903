"""What a creation may say: each rule at its edges, and types without coercion."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


def _create(api: TestClient, **changes: Any) -> int:
    status: int = api.post(SERVICES, json={**MINIMAL, **changes}).status_code
    return status


def _tags(count: int) -> list[dict[str, str]]:
    return [{"key": f"key-{number}", "value": "value"} for number in range(count)]


@pytest.mark.parametrize("member", sorted(MINIMAL))
def test_a_required_member_must_be_there(api: TestClient, member: str) -> None:
    body = {name: value for name, value in MINIMAL.items() if name != member}
    answer = api.post(SERVICES, json=body)
    assert answer.status_code == 400
    assert member in answer.json()["error"]


@pytest.mark.parametrize(
    "name", ["a", "x" * 50, "my postgres", "Größe 7", "with-hyphen", "with_underscore"]
)
def test_good_names(api: TestClient, name: str) -> None:
    assert _create(api, name=name) == 200


@pytest.mark.parametrize(
    "name", ["", "x" * 51, "a\n", "tab\there", "nul\0", "dot.ted", "a/b", "<b>"]
)
def test_bad_names(api: TestClient, name: str) -> None:
    assert _create(api, name=name) == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "gcp"},
        {"provider": "AWS"},
        {"region": ""},
        {"region": "a\n"},
        {"size": "m7i.2xlarge"},
        {"size": "r8gd.large\n"},
        {"postgresVersion": "16"},
        {"postgresVersion": 17},
        {"haType": "full"},
        {"tags": {}},
        {"pgConfig": {}},
        {"pgBouncerConfig": {}},
        {"pgConfig": {"no_such": 1}},
        {"pgConfig": []},
    ],
    ids=str,
)
def test_bad_values(api: TestClient, changes: dict[str, Any]) -> None:
    assert _create(api, **changes) == 400


@pytest.mark.parametrize(
    "member", ["name", "provider", "region", "size", "postgresVersion", "haType", "tags"]
)
@pytest.mark.parametrize("value", [None, 1, True, 1.5, ["x"], {"x": "y"}], ids=repr)
def test_no_other_type_passes(api: TestClient, member: str, value: Any) -> None:
    assert _create(api, **{member: value}) == 400


def test_members_that_nobody_knows_are_ignored(api: TestClient) -> None:
    assert _create(api, ipAccessList=[{"source": "0.0.0.0/0"}], storageSize=118) == 200


@pytest.mark.parametrize(
    "tags",
    [
        [],
        [{"key": "only-key"}],
        [{"key": "k" * 128, "value": "v" * 256}],
        [{"key": "A.b_c-9", "value": "A.b_c-9", "more": 1}],
        _tags(50),
    ],
    ids=len,
)
def test_good_tags(api: TestClient, tags: list[dict[str, str]]) -> None:
    assert _create(api, tags=tags) == 200


@pytest.mark.parametrize(
    "tags",
    [
        _tags(51),
        [{"value": "no-key"}],
        [{"key": ""}],
        [{"key": "k" * 129}],
        [{"key": "with space"}],
        [{"key": "newline\n"}],
        [{"key": "a", "value": ""}],
        [{"key": "a", "value": "v" * 257}],
        [{"key": "a", "value": "with space"}],
        [{"key": "a", "value": None}],
        [{"key": "a", "value": 1}],
        [{"key": "chc_internal"}],
        [{"key": "twice"}, {"key": "twice"}],
        ["text"],
    ],
    ids=lambda tags: str(tags)[:40],
)
def test_bad_tags(api: TestClient, tags: list[Any]) -> None:
    before = len(api.get(SERVICES).json()["result"])
    assert _create(api, tags=tags) == 400
    assert len(api.get(SERVICES).json()["result"]) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"name": "a", "name": "b"}',
        b'{"name": NaN}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b"1" * 10_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_must_be_one_json_object(api: TestClient, body: bytes) -> None:
    answer = api.post(SERVICES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("BAD_REQUEST: ")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json; charset=latin-1"])
def test_a_body_must_say_that_it_is_json(api: TestClient, content_type: str) -> None:
    answer = api.post(SERVICES, content=b"{}", headers={"Content-Type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["Application/JSON", "application/json; charset=utf-8"])
def test_media_types_are_compared_as_http_says(api: TestClient, content_type: str) -> None:
    answer = api.post(SERVICES, content=b"{}", headers={"Content-Type": content_type})
    assert answer.status_code == 400


def test_a_body_has_a_limit(api: TestClient) -> None:
    body = b'{"name": "' + b"x" * 1024 * 1024 + b'"}'
    answer = api.post(SERVICES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
