"""Who may do what, and how refusals look: tokens, projects, methods, bodies."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

INSTANCES = "/v1/postgres/instances"
VERSIONS = "/v1/types/postgres/versions"
ABSENT = "00000000-0000-4000-8000-000000000000"

Make = Callable[..., dict[str, Any]]
Connect = Callable[[str], TestClient]


@pytest.mark.parametrize("path", [INSTANCES, f"{INSTANCES}/{ABSENT}", VERSIONS])
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc="])
def test_without_a_known_token_nothing_is_answered(
    connect: Connect, path: str, header: str | None
) -> None:
    """401 with a challenge, before anything is said about the resource."""
    api = connect("main")
    api.headers.pop("authorization")

    answer = api.get(path, headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (answer.json()["code"], answer.json()["type"]) == (401, "AuthenticationError")


def test_a_disabled_token_is_refused(connect: Connect) -> None:
    """As if it were unknown."""
    assert connect("disabled").get(INSTANCES).status_code == 401


def test_a_read_only_token_reads_and_changes_nothing(
    api: TestClient,
    connect: Connect,
    version: str,
    make_instance: Make,
    make_user: Make,
    make_database: Make,
) -> None:
    """Every write is 403, every read works."""
    reader = connect("read_only")
    instance = make_instance()
    user = make_user(instance)
    database = make_database(instance, user)
    path = f"{INSTANCES}/{instance['uuid']}"
    children = [f"{path}/users/{user['uuid']}", f"{path}/databases/{database['uuid']}"]

    writes = [
        reader.post(INSTANCES, json={"name": "demo", "version": version}),
        reader.put(path, json=instance),
        reader.post(f"{path}/users", json={"name": "b", "password": "correct horse"}),
        reader.post(f"{path}/databases", json={"name": "b", "owner": user["uuid"]}),
        *[reader.delete(target) for target in (path, *children)],
    ]

    assert [answer.status_code for answer in writes] == [403] * 7
    assert reader.get(INSTANCES).json() == api.get(INSTANCES).json() == [instance]
    assert [reader.get(child).json() for child in children] == [user, database]


def test_another_project_sees_nothing_of_an_instance(
    api: TestClient, connect: Connect, make_instance: Make, make_user: Make
) -> None:
    """Its paths answer exactly as those of an instance that never was."""
    stranger = connect("other_tenant")
    instance = make_instance()
    user = make_user(instance)
    path = f"{INSTANCES}/{instance['uuid']}"

    answers = [
        stranger.get(path),
        stranger.put(path, json=instance),
        stranger.delete(path),
        stranger.get(f"{path}/users"),
        stranger.post(f"{path}/users", json={"name": "b", "password": "correct horse"}),
        stranger.get(f"{path}/users/{user['uuid']}"),
        stranger.delete(f"{path}/users/{user['uuid']}"),
        stranger.get(f"{path}/databases"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 8
    absent = stranger.get(f"{INSTANCES}/{ABSENT}").text
    assert answers[0].text.replace(instance["uuid"], ABSENT) == absent
    assert stranger.get(INSTANCES).json() == []
    assert api.get(path).json() == instance


def test_a_project_id_is_stored_when_it_is_the_token_s_and_refused_otherwise(
    api: TestClient, version: str, project: str, make_instance: Make
) -> None:
    """A body cannot reach into another project."""
    assert make_instance(project_id=project)["project_id"] == project
    assert "project_id" not in make_instance()

    body = {"name": "demo", "version": version, "project_id": ABSENT}
    assert api.post(INSTANCES, json=body).status_code == 400


@pytest.mark.parametrize("identifier", ["x", ABSENT, "%20", "..%2f", "a" * 300])
def test_what_is_no_known_uuid_is_not_found(api: TestClient, identifier: str) -> None:
    """404 in the envelope of the family, whatever the text looks like."""
    for collection in (INSTANCES, VERSIONS):
        answer = api.get(f"{collection}/{identifier}")
        assert answer.status_code == 404
        assert set(answer.json()) == {"code", "type", "message"}
        assert (answer.json()["code"], answer.json()["type"]) == (404, "NotFoundError")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (INSTANCES, {"GET", "HEAD", "POST"}),
        (f"{INSTANCES}/{ABSENT}", {"GET", "HEAD", "PUT", "DELETE"}),
        (f"{INSTANCES}/{ABSENT}/users", {"GET", "HEAD", "POST"}),
        (f"{INSTANCES}/{ABSENT}/users/{ABSENT}", {"GET", "HEAD", "DELETE"}),
        (f"{INSTANCES}/{ABSENT}/databases", {"GET", "HEAD", "POST"}),
        (f"{INSTANCES}/{ABSENT}/databases/{ABSENT}", {"GET", "HEAD", "DELETE"}),
        (VERSIONS, {"GET", "HEAD"}),
        (f"{VERSIONS}/{ABSENT}", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_names_those_that_work(
    api: TestClient, path: str, allowed: set[str]
) -> None:
    """RFC 9110, section 15.5.6."""
    answer = api.patch(path, json={})

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["type"] == "MethodNotAllowedError"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'"x"', b"null", b"{\xff}", b'{"name": NaN}', b'{"a": 1, "a": 1}'),
        *(b'{"name": "\\ud800"}', b'{"cpu": ' + b"9" * 5000 + b"}", b"[" * 100_000),
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object_is_400(api: TestClient, body: bytes) -> None:
    """Also when a member is named twice, or a string or number is none of Unicode or JSON."""
    answer = api.post(INSTANCES, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["type"] == "ValidationError"


def test_another_media_type_is_415_and_a_huge_body_413(api: TestClient, version: str) -> None:
    """Both in the envelope of the family."""
    text = api.post(INSTANCES, content=b"name=demo", headers={"Content-Type": "text/plain"})
    huge = api.post(INSTANCES, json={"name": "x" * 2**20, "version": version})

    assert (text.status_code, text.json()["type"]) == (415, "UnsupportedMediaTypeError")
    assert (huge.status_code, huge.json()["type"]) == (413, "PayloadTooLargeError")


def test_a_head_request_is_answered_like_a_get_without_the_body(api: TestClient) -> None:
    """RFC 9110, section 9.3.2."""
    answer = api.head(VERSIONS)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
