"""Instances: validation, lifecycle, replacement, deletion."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference.clock import ManualClock

INSTANCES = "/v1/postgres/instances"
ABSENT = "00000000-0000-4000-8000-000000000000"

Make = Callable[..., dict[str, Any]]

LIMITS = {
    "cpu": (1, 128),
    "ram": (512, 1024 * 1024),
    "disk_size": (8, 1024),
    "nodes_number": (1, 16),
    "sync_replica_number": (0, 15),
}
MUTABLE = ("name", "description", *LIMITS)


def replacement(instance: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a complete update body: the instance's values with some changed."""
    return {name: instance[name] for name in MUTABLE} | changes


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, pair in LIMITS.items() for value in pair]
)
def test_a_size_at_its_limit_is_accepted(make_instance: Make, field: str, value: int) -> None:
    """Section Instance Validation."""
    assert make_instance(**{field: value})[field] == value


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field, (low, high) in LIMITS.items() for value in (low - 1, high + 1)],
)
def test_a_size_beyond_its_limit_is_refused_by_name(
    api: TestClient, version: str, field: str, value: int
) -> None:
    """Section Instance Validation."""
    answer = api.post(INSTANCES, json={"name": "demo", "version": version, field: value})

    assert answer.status_code == 400
    assert answer.json()["type"] == "ValidationError"
    assert answer.json()["message"].startswith(f"{field}: must be between")
    assert api.get(INSTANCES).json() == []


@pytest.mark.parametrize("value", [True, "4", 4.0, 4.5, None, [4], {}, 10**15])
@pytest.mark.parametrize("field", LIMITS)
def test_a_size_that_is_no_integer_in_range_is_refused(
    api: TestClient, version: str, field: str, value: object
) -> None:
    """Nothing is coerced: neither booleans, nor digits in a string, nor whole floats."""
    answer = api.post(INSTANCES, json={"name": "demo", "version": version, field: value})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{field}: ")


@pytest.mark.parametrize("name", ["", "x" * 256, "two\nlines", "nul\0", 7, None])
def test_a_name_that_is_empty_too_long_or_not_printable_is_refused(
    api: TestClient, version: str, name: object
) -> None:
    """The document has no limits for the name; these are the server's own."""
    assert api.post(INSTANCES, json={"name": name, "version": version}).status_code == 400


def test_every_problem_of_a_body_is_named_at_once(api: TestClient) -> None:
    """A client repairs its request in one go."""
    answer = api.post(INSTANCES, json={"cpu": "4", "ram": None})

    assert answer.status_code == 400
    problems = answer.json()["message"].split("; ")
    assert [problem.partition(":")[0] for problem in problems] == ["name", "version", "cpu", "ram"]


@pytest.mark.parametrize(
    "reference",
    ["", "18", ABSENT, f"/v1/types/postgres/versions/{ABSENT}", f"/v1/types/postgres/{ABSENT}"],
)
def test_an_unknown_version_is_refused(api: TestClient, reference: str) -> None:
    """Section Version Selection."""
    answer = api.post(INSTANCES, json={"name": "demo", "version": reference})

    assert answer.status_code == 400
    assert "version" in answer.json()["message"]


def test_a_version_is_understood_in_each_style_and_answered_as_a_uri(
    make_instance: Make, version: str
) -> None:
    """As the type's URI, below the prefix of the endpoints, and as a bare uuid in any case."""
    uuid = version.rpartition("/")[2]

    for style in (version, f"/v1/postgres/versions/{uuid}", uuid, uuid.upper()):
        assert make_instance(version=style)["version"] == version


def test_unknown_members_are_ignored(make_instance: Make) -> None:
    """Also those that are the server's to set."""
    instance = make_instance(uuid=ABSENT, status="ACTIVE", colour="red")

    assert instance["uuid"] != ABSENT
    assert instance["status"] == "NEW"
    assert "colour" not in instance


def test_an_instance_goes_from_new_through_in_progress_to_active(
    api: TestClient, clock: ManualClock, make_instance: Make
) -> None:
    """Section Instance Status Lifecycle; 60 and 240 seconds at scale 1."""
    path = f"{INSTANCES}/{make_instance()['uuid']}"
    seen = []
    for seconds in (0, 59, 1, 239, 1, 10_000):
        clock.advance(seconds)
        seen.append(api.get(path).json()["status"])

    assert seen == ["NEW", "NEW", "IN_PROGRESS", "IN_PROGRESS", "ACTIVE", "ACTIVE"]


def test_a_new_size_holds_at_once_and_the_instance_is_busy_for_a_while(
    api: TestClient, clock: ManualClock, make_instance: Make
) -> None:
    """PUT answers the new representation; 120 seconds at scale 1 until ACTIVE again."""
    instance = make_instance()
    path = f"{INSTANCES}/{instance['uuid']}"
    clock.advance(300)

    answer = api.put(path, json=replacement(instance, cpu=2, disk_size=20))

    assert answer.status_code == 200
    expected = {**instance, "cpu": 2, "disk_size": 20, "status": "IN_PROGRESS"}
    assert answer.json() == {**expected, "updated_at": answer.json()["updated_at"]}
    assert answer.json()["updated_at"] > instance["updated_at"]
    clock.advance(119)
    assert api.get(path).json() == answer.json()
    clock.advance(1)
    assert api.get(path).json() == {**answer.json(), "status": "ACTIVE"}


def test_a_new_name_or_description_leaves_the_instance_active(
    api: TestClient, clock: ManualClock, make_instance: Make
) -> None:
    """An omitted description is replaced by the empty one: the body is complete."""
    instance = make_instance(description="first")
    clock.advance(300)
    body = replacement(instance, name="renamed")
    del body["description"]

    answer = api.put(f"{INSTANCES}/{instance['uuid']}", json=body)

    assert answer.json()["status"] == "ACTIVE"
    assert (answer.json()["name"], answer.json()["description"]) == ("renamed", "")


def test_the_representation_itself_is_a_valid_update(
    api: TestClient, clock: ManualClock, make_instance: Make
) -> None:
    """What GET answered can be sent back; the members of the server are ignored."""
    path = f"{INSTANCES}/{make_instance()['uuid']}"
    clock.advance(300)
    instance = api.get(path).json()

    answer = api.put(path, json=instance)

    assert answer.status_code == 200
    assert answer.json() == {**instance, "updated_at": answer.json()["updated_at"]}


@pytest.mark.parametrize("field", ["name", *LIMITS])
def test_an_update_without_a_member_is_refused_by_name(
    api: TestClient, clock: ManualClock, make_instance: Make, field: str
) -> None:
    """An update is a complete representation."""
    instance = make_instance()
    clock.advance(300)
    body = replacement(instance, cpu=2, name="other")
    del body[field]

    answer = api.put(f"{INSTANCES}/{instance['uuid']}", json=body)

    assert answer.status_code == 400
    assert answer.json()["message"] == f"{field}: is required"


@pytest.mark.parametrize(
    "changes",
    [
        {"disk_size": 19},
        {"cpu": 129},
        {"name": ""},
        {"version": ABSENT},
        {"project_id": "another"},
        {"ram": "1024"},
    ],
    ids=str,
)
def test_an_update_that_breaks_a_rule_changes_nothing(
    api: TestClient, clock: ManualClock, make_instance: Make, changes: dict[str, Any]
) -> None:
    """Disk shrink, ranges, another version, another project."""
    path = f"{INSTANCES}/{make_instance(disk_size=20)['uuid']}"
    clock.advance(300)
    before = api.get(path).json()

    answer = api.put(path, json=replacement(before, description="changed") | changes)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{next(iter(changes))}: ")
    assert api.get(path).json() == before


def test_the_version_cannot_be_changed_to_another_existing_one(
    api: TestClient, clock: ManualClock, make_instance: Make
) -> None:
    """Section Version Lifecycle: planned for later."""
    instance = make_instance()
    clock.advance(300)
    other = api.get("/v1/types/postgres/versions").json()["versions"][1]["uuid"]

    answer = api.put(f"{INSTANCES}/{instance['uuid']}", json=replacement(instance, version=other))

    assert answer.status_code == 400
    assert answer.json()["message"] == "version: cannot be changed"


@pytest.mark.parametrize("age", [0, 60])
def test_a_busy_instance_refuses_an_update(
    api: TestClient, clock: ManualClock, make_instance: Make, age: float
) -> None:
    """NEW and IN_PROGRESS are no states to update in."""
    instance = make_instance()
    path = f"{INSTANCES}/{instance['uuid']}"
    clock.advance(age)
    before = api.get(path).json()

    answer = api.put(path, json=replacement(instance, cpu=2))

    assert answer.status_code == 409
    assert answer.json()["type"] == "ConflictError"
    assert api.get(path).json() == before


def test_deleting_an_instance_takes_its_users_and_databases_along(
    api: TestClient, make_instance: Make, make_user: Make, make_database: Make
) -> None:
    """Nothing of it answers afterwards, and a second delete finds nothing."""
    instance, kept = make_instance(), make_instance()
    user = make_user(instance)
    database = make_database(instance, user)
    path = f"{INSTANCES}/{instance['uuid']}"

    answer = api.delete(path)

    assert (answer.status_code, answer.content) == (204, b"")
    below = ["", "/users", "/databases", f"/users/{user['uuid']}", f"/databases/{database['uuid']}"]
    assert [api.get(path + tail).status_code for tail in below] == [404] * 5
    assert api.delete(path).status_code == 404
    assert api.get(INSTANCES).json() == [kept]
