"""clickhouse services: delete, and what must be gone afterwards."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import kept


@requirement(
    "CH-SVC-DELETE-ABSENT", "CH-SVC-DELETE", "CH-SVC-DELETE-NO-RESURRECTION", "CH-PROM-INFO"
)
def test_a_deleted_service_disappears_for_good(
    clickhouse: ClickhouseApi, own_service: dict[str, Any]
) -> None:
    """A deleted service is at most shown as deleting, then neither read, listed nor measured."""
    service = own_service["id"]
    expect_status(clickhouse.delete(service), 200, requirement="CH-SVC-DELETE")
    clickhouse.wait_gone(service)
    listed = [item.get("id") for item in clickhouse.listed() if item.get("id") == service]
    expect_equal(listed, [], "the list of its items", requirement="CH-SVC-DELETE-ABSENT")
    waited = clickhouse.wait_metrics("", lambda scrape: service not in scrape.services)
    measured = [identity for identity in waited.value.services if identity == service]
    expect_equal(measured, [], "the list of its metrics", requirement="CH-PROM-INFO")
    expect_status(clickhouse.get(service), 404, requirement="CH-SVC-DELETE-NO-RESURRECTION")


@requirement("CH-SVC-DELETE-ABSENT")
def test_a_service_can_be_deleted_while_it_is_created(clickhouse: ClickhouseApi) -> None:
    """A service that is deleted right after its create disappears as well."""
    service = result(clickhouse.create())["id"]
    if clickhouse.delete(service).status == 409:
        clickhouse.wait_running(service)
        expect_status(clickhouse.delete(service), 200)
    clickhouse.wait_gone(service)


@requirement("CH-SVC-DELETE-REPEATED", "CH-SVC-DELETE-NO-RESURRECTION")
def test_a_delete_can_be_repeated(clickhouse: ClickhouseApi) -> None:
    """A second delete, during and after the first, is answered with 200, 404 or 409."""
    service = result(clickhouse.create())["id"]
    expect_status(clickhouse.delete(service), 200, 409)
    judged = "CH-SVC-DELETE-REPEATED"
    expect_status(clickhouse.delete(service), 200, 404, 409, requirement=judged)
    clickhouse.wait_gone(service)
    expect_status(clickhouse.delete(service), 200, 404, 409, requirement=judged)
    expect_status(clickhouse.get(service), 404, requirement="CH-SVC-DELETE-NO-RESURRECTION")


@requirement("CH-SVC-DELETE-NO-RESURRECTION")
def test_an_update_does_not_bring_a_deleted_service_back(clickhouse: ClickhouseApi) -> None:
    """Updates of a service that has disappeared are refused and do not bring it back."""
    service = result(clickhouse.create())["id"]
    clickhouse.delete(service)
    clickhouse.wait_gone(service)
    clickhouse.patch(service, {"tags": []})
    clickhouse.replace_configuration(service, {"pgConfig": {}, "pgBouncerConfig": {}})
    expect_status(clickhouse.get(service), 404)
    expect_equal(
        [item for item in clickhouse.listed() if item.get("id") == service], [], "the list"
    )


@requirement("CH-SVC-DELETE-OTHERS-STAY")
def test_a_delete_leaves_other_services_alone(clickhouse: ClickhouseApi, service: Any) -> None:
    """Other services read the same after a delete as before it."""
    neighbour, victim = clickhouse.neighbour(), result(clickhouse.create())["id"]
    before = [kept(clickhouse.shown(other)) for other in (service["id"], neighbour)]
    clickhouse.delete(victim)
    clickhouse.wait_gone(victim)
    after = [kept(clickhouse.shown(other)) for other in (service["id"], neighbour)]
    expect_equal(after, before, "the other services")
    expect(
        clickhouse.state(neighbour) == "running",
        "another service stopped running",
        expected="running",
        actual=show(clickhouse.state(neighbour)),
    )


@requirement("HTTP-NOT-FOUND")
@pytest.mark.parametrize("part", ["config", "prometheus"])
def test_nothing_below_a_deleted_service_is_found(clickhouse: ClickhouseApi, part: str) -> None:
    """What belongs to a service that has disappeared is answered with 404."""
    service = result(clickhouse.create())["id"]
    clickhouse.delete(service)
    clickhouse.wait_gone(service)
    expect_status(clickhouse.send("GET", clickhouse.path(service, part)), 404)
