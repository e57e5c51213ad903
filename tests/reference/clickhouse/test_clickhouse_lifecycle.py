"""Services come to be, change and go, as the clock says."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock
from pgassay.reference.clickhouse.sizes import SIZES

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

Service = dict[str, Any]


def _get(api: TestClient, path: str) -> dict[str, Any]:
    result: dict[str, Any] = api.get(path).json()["result"]
    return result


def _listed(api: TestClient) -> dict[str, str]:
    return {item["id"]: item["state"] for item in api.get(SERVICES).json()["result"]}


def test_defaults_fill_what_a_creation_leaves_out(service: Service) -> None:
    assert service["postgresVersion"] == "17"
    assert service["haType"] == "none"
    assert service["tags"] == []


def test_a_service_is_creating_until_its_time_has_come(api: TestClient, clock: ManualClock) -> None:
    path = f"{SERVICES}/{api.post(SERVICES, json=MINIMAL).json()['result']['id']}"
    clock.advance(299)
    assert _get(api, path)["state"] == "creating"
    clock.advance(1)
    assert _get(api, path)["state"] == "running"


def test_created_at_is_the_time_of_the_request_and_stays(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    assert _get(api, path)["createdAt"] == "2026-05-28T20:26:40.000Z"
    clock.advance(3600)
    assert _get(api, path)["createdAt"] == "2026-05-28T20:26:40.000Z"


def test_there_are_82_sizes_and_each_can_be_created(api: TestClient) -> None:
    assert len(SIZES) == 82
    for size in SIZES:
        result = api.post(SERVICES, json={**MINIMAL, "size": size}).json()["result"]
        assert result["size"] == size
        assert result["storageSize"] > 0


def test_two_services_of_one_name_are_two_services(api: TestClient) -> None:
    ids = {api.post(SERVICES, json=MINIMAL).json()["result"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert ids <= _listed(api).keys()


def test_a_resize_shows_old_values_until_it_is_done(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    before = _get(api, path)
    answer = api.patch(path, json={"size": "r8gd.xlarge", "haType": "async"})
    assert answer.status_code == 200
    clock.advance(239)
    assert _get(api, path) == before
    clock.advance(1)
    after = {"size": "r8gd.xlarge", "haType": "async", "storageSize": 237}
    assert _get(api, path) == {**before, **after}


def test_the_last_of_two_resizes_wins(api: TestClient, clock: ManualClock, path: str) -> None:
    api.patch(path, json={"size": "r8gd.xlarge"})
    clock.advance(10)
    api.patch(path, json={"size": "r8gd.large"})
    clock.advance(240)
    assert _get(api, path)["size"] == "r8gd.large"


def test_a_service_that_is_not_running_is_not_resized(api: TestClient, clock: ManualClock) -> None:
    path = f"{SERVICES}/{api.post(SERVICES, json=MINIMAL).json()['result']['id']}"
    assert api.patch(path, json={"size": "r8gd.xlarge"}).status_code == 400
    assert api.patch(path, json={"tags": [{"key": "a"}]}).status_code == 200
    clock.advance(600)
    assert _get(api, path)["size"] == "r8gd.large"
    assert _get(api, path)["tags"] == [{"key": "a"}]


def test_a_new_name_shows_at_once_and_its_host_name_follows(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    before = _get(api, path)
    renamed = api.patch(path, json={"name": "Orders 2"}).json()["result"]
    assert renamed["name"] == "Orders 2"
    assert renamed["hostname"] == before["hostname"]
    clock.advance(60)
    after = _get(api, path)
    assert after["hostname"].startswith("orders-2-")
    assert after["hostname"] in after["connectionString"]


def test_a_patch_leaves_alone_what_it_does_not_name(api: TestClient, path: str) -> None:
    api.patch(path, json={"tags": [{"key": "a", "value": "1"}, {"key": "b"}]})
    before = _get(api, path)
    untouched = {"provider": "gcp", "region": "elsewhere", "postgresVersion": "18", "id": "x"}
    bodies: list[dict[str, Any]] = [{}, untouched, {"name": before["name"]}, {"ipAccessList": []}]
    for body in bodies:
        assert api.patch(path, json=body).status_code == 200
        assert _get(api, path) == before


def test_a_patch_replaces_the_list_of_tags_as_a_whole(api: TestClient, path: str) -> None:
    api.patch(path, json={"tags": [{"key": "a", "value": "1"}, {"key": "b"}]})
    api.patch(path, json={"tags": [{"key": "c"}]})
    assert _get(api, path)["tags"] == [{"key": "c"}]
    api.patch(path, json={"tags": []})
    assert _get(api, path)["tags"] == []


def test_a_merge_patch_may_name_its_own_media_type(api: TestClient, path: str) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    assert api.patch(path, content=b'{"name": "renamed"}', headers=headers).status_code == 200


@pytest.mark.parametrize("member", ["name", "size", "haType", "tags"])
def test_null_removes_nothing_that_a_service_needs(api: TestClient, path: str, member: str) -> None:
    before = _get(api, path)
    assert api.patch(path, json={member: None}).status_code == 400
    assert _get(api, path) == before


def test_a_refused_patch_changes_nothing(api: TestClient, clock: ManualClock, path: str) -> None:
    before = _get(api, path)
    body = {"name": "other", "tags": [{"key": "a"}], "size": "no.such"}
    assert api.patch(path, json=body).status_code == 400
    clock.advance(600)
    assert _get(api, path) == before


def test_a_deleted_service_is_deleting_and_then_gone(
    api: TestClient, clock: ManualClock, service: Service, path: str
) -> None:
    assert api.delete(path).status_code == 200
    assert _get(api, path)["state"] == "deleting"
    assert _listed(api)[service["id"]] == "deleting"
    clock.advance(60)
    for address in (path, f"{path}/config", f"{path}/prometheus"):
        assert api.get(address).status_code == 404
    assert service["id"] not in _listed(api)
    assert api.delete(path).status_code == 404


def test_a_service_that_is_being_deleted_takes_no_change(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    api.delete(path)
    clock.advance(30)
    assert api.patch(path, json={"name": "again"}).status_code == 409
    empty: dict[str, Any] = {"pgConfig": {}, "pgBouncerConfig": {}}
    assert api.post(f"{path}/config", json=empty).status_code == 409
    assert api.patch(f"{path}/config", json=empty).status_code == 409
    assert api.delete(path).status_code == 200
    clock.advance(30)
    assert api.get(path).status_code == 404


def test_deletion_voids_a_resize_under_way(api: TestClient, clock: ManualClock, path: str) -> None:
    api.patch(path, json={"size": "r8gd.xlarge"})
    api.delete(path)
    clock.advance(59)
    assert _get(api, path)["state"] == "deleting"
    clock.advance(10_000)
    assert api.get(path).status_code == 404


def test_a_service_may_be_deleted_while_it_is_created(api: TestClient, clock: ManualClock) -> None:
    path = f"{SERVICES}/{api.post(SERVICES, json=MINIMAL).json()['result']['id']}"
    assert api.delete(path).status_code == 200
    clock.advance(10_000)
    assert api.get(path).status_code == 404


def test_secrets_show_after_creation_only_where_redaction_is_off(
    api: TestClient, other: TestClient, path: str
) -> None:
    assert {"password", "connectionString"} <= _get(api, path).keys()
    created = other.post(OTHER_SERVICES, json=MINIMAL).json()["result"]
    assert {"password", "connectionString"} <= created.keys()
    redacted = f"{OTHER_SERVICES}/{created['id']}"
    read = _get(other, redacted)
    patched = other.patch(redacted, json={"tags": []}).json()["result"]
    for answer in (read, patched):
        assert answer["hostname"] == created["hostname"]
        assert not {"password", "connectionString"} & answer.keys()


def test_list_items_hold_nothing_to_connect_with(api: TestClient, path: str) -> None:
    for item in api.get(SERVICES).json()["result"]:
        assert not {"hostname", "username", "password", "connectionString"} & item.keys()
