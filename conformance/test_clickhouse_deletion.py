"""clickhouse services: delete, and what must be gone afterwards."""

from typing import Any

from pgassay.check import creates, requirement
from pgassay.expectation import expect_equal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import identity
from pgassay.families.clickhouse_deletion import Deletion


@requirement(
    "CH-SVC-DELETE-ABSENT", "CH-SVC-DELETE", "CH-SVC-DELETE-NO-RESURRECTION", "CH-PROM-INFO"
)
def test_a_deleted_service_disappears_for_good(
    clickhouse: ClickhouseApi, deletion: Deletion
) -> None:
    """A deleted service is at most shown as deleting, then neither read, listed nor measured."""
    service = deletion.id
    expect_status(deletion.first, 200, requirement="CH-SVC-DELETE")
    listed = [item.get("id") for item in clickhouse.listed() if item.get("id") == service]
    expect_equal(listed, [], "the list of its items", requirement="CH-SVC-DELETE-ABSENT")
    waited = clickhouse.wait_metrics("", lambda scrape: service not in scrape.services)
    measured = [identity for identity in waited.value.services if identity == service]
    expect_equal(measured, [], "the list of its metrics", requirement="CH-PROM-INFO")
    expect_status(clickhouse.get(service), 404, requirement="CH-SVC-DELETE-NO-RESURRECTION")


@creates
@requirement("CH-SVC-DELETE-ABSENT")
def test_a_service_can_be_deleted_while_it_is_created(clickhouse: ClickhouseApi) -> None:
    """A service that is deleted right after its create disappears as well."""
    clickhouse.pool.permit()
    service = identity(clickhouse.create())
    if clickhouse.delete(service).status == 409:
        clickhouse.wait_running(service)
        expect_status(clickhouse.delete(service), 200)
    clickhouse.wait_gone(service)


@requirement("CH-SVC-DELETE-REPEATED", "CH-SVC-DELETE-NO-RESURRECTION")
def test_a_delete_can_be_repeated(clickhouse: ClickhouseApi, deletion: Deletion) -> None:
    """A second delete, during and after the first, is answered with 200, 404 or 409."""
    judged = "CH-SVC-DELETE-REPEATED"
    for exchange in (deletion.second, clickhouse.delete(deletion.id)):
        expect_status(exchange, 200, 404, 409, requirement=judged)
    expect_status(clickhouse.get(deletion.id), 404, requirement="CH-SVC-DELETE-NO-RESURRECTION")


@requirement("CH-SVC-DELETE-NO-RESURRECTION")
def test_an_update_does_not_bring_a_deleted_service_back(
    clickhouse: ClickhouseApi, deletion: Deletion
) -> None:
    """Updates of a service that has disappeared are refused and do not bring it back."""
    service = deletion.id
    clickhouse.patch(service, {"tags": []})
    clickhouse.replace_configuration(service, {"pgConfig": {}, "pgBouncerConfig": {}})
    expect_status(clickhouse.get(service), 404)
    expect_equal(
        [item for item in clickhouse.listed() if item.get("id") == service], [], "the list"
    )


@requirement("CH-SVC-DELETE-OTHERS-STAY")
def test_a_delete_leaves_other_services_alone(
    clickhouse: ClickhouseApi, service: Any, deletion: Deletion
) -> None:
    """Another service reads the same after a delete as before it, and runs."""
    expect_equal(deletion.after, deletion.before, "the other service")
    state = clickhouse.state(service["id"])
    expect_equal(state, "running", "the state of the other service")
