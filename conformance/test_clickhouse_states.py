"""clickhouse services: the rules in each state, and what becomes of requests on the way."""

from typing import Any

import pytest

from pgassay.check import creates, full, requirement
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, result
from pgassay.families.clickhouse_deletion import Deletion
from pgassay.families.clickhouse_expectations import (
    configuration,
    configured,
    expect_patched,
    kept,
)
from pgassay.families.clickhouse_states import (
    INVALID,
    READS,
    VALID,
    accepted_values,
    another_size,
    expect_all_refused,
    expect_settled,
)
from pgassay.families.command_expectations import expect_running_again
from pgassay.values.selection import cases


@creates
@requirement("CH-SVC-STATE-VALIDATION", "CH-SVC-STATE-BUSY")
def test_requests_do_not_disturb_a_creation(clickhouse: ClickhouseApi) -> None:
    """While a service is created faults are refused, and it comes to run with what is accepted."""
    clickhouse.pool.permit()
    service = clickhouse.request()
    expect_all_refused(clickhouse, service, INVALID[:3])
    wanted = accepted_values(clickhouse, service, VALID)
    expect_all_refused(clickhouse, service, INVALID[3:])
    clickhouse.wait_running(service, requirement="CH-SVC-STATE-BUSY")
    expect_settled(clickhouse, service, wanted, "CH-SVC-STATE-BUSY")


@full
@requirement("CH-SVC-STATE-VALIDATION", "CH-SVC-STATE-BUSY", "CH-SVC-PATCH-SIZE")
def test_requests_do_not_disturb_a_resize(clickhouse: ClickhouseApi, worn_service: Any) -> None:
    """While a service is resized faults are refused, and it comes to run with what is accepted."""
    service = worn_service["id"]
    wanted: dict[str, Any] = {"size": another_size(clickhouse, worn_service["size"])}
    expect_status(clickhouse.patch(service, wanted), 200, requirement="CH-SVC-PATCH-SIZE")
    expect_all_refused(clickhouse, service, INVALID)
    wanted |= accepted_values(clickhouse, service, VALID)
    expect_settled(clickhouse, service, wanted, "CH-SVC-STATE-BUSY")


@requirement("CH-SVC-STATE-VALIDATION", "CH-STATE-RESTART")
def test_a_service_that_is_restarted_is_validated(clickhouse: ClickhouseApi, primary: Any) -> None:
    """What breaks a constraint is refused while a service is restarted, and it comes to run."""
    restart = clickhouse.command(primary["id"], {"command": "restart"})
    expect_status(restart, 200, requirement="CH-STATE-RESTART")
    expect_all_refused(clickhouse, primary["id"], INVALID)
    expect_running_again(clickhouse, primary["id"])


@requirement("CH-SVC-DELETE-FINAL", "CH-SVC-STATE-VALIDATION")
def test_nothing_stops_a_delete(clickhouse: ClickhouseApi, doomed_service: Any) -> None:
    """A service that is being deleted disappears, whatever it is asked for, and leaves no copy."""
    service = doomed_service["id"]
    expect_status(clickhouse.delete(service), 200)
    expect_all_refused(clickhouse, service, INVALID[:3])
    for attempt in sorted(VALID, key=lambda each: not each.named):
        exchange = attempt.send(clickhouse, service)
        if attempt.named:
            judged = "CH-SVC-DELETE-FINAL"
            expect_rejected(exchange, "its source is being deleted", requirement=judged)
    clickhouse.wait_gone(service, "CH-SVC-DELETE-FINAL")
    expect_all_refused(clickhouse, service, INVALID[:3])


@requirement("CH-SVC-DELETE-PARTS")
def test_every_operation_on_a_deleted_service_finds_nothing(
    clickhouse: ClickhouseApi, deletion: Deletion
) -> None:
    """Valid requests to a service that has disappeared are answered with 404, reads and others."""
    for attempt in (*READS, *VALID):
        if attempt.offered(clickhouse):
            expect_status(attempt.send(clickhouse, deletion.id), 404)


@requirement("CH-SVC-PATCH-LAST", "CH-SVC-CHANGE-HOLDS")
@pytest.mark.parametrize("pause", cases({"at-once": False, "under-way": True}, {"at-once"}))
def test_the_later_of_two_sizes_holds(
    clickhouse: ClickhouseApi,
    worn_service: Any,
    pause: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """A size that is asked for while another one is on its way is the one that stays."""
    service, present = worn_service["id"], worn_service["size"]
    first = another_size(clickhouse, present)
    expect_status(clickhouse.patch(service, {"size": first}), 200)
    if pause:
        clickhouse.shown(service)
    wanted = another_size(clickhouse, present, first)
    last = clickhouse.patch(service, {"size": wanted})
    if not last.succeeded:
        expect_rejected(last, "the service is being resized")
    expect_settled(clickhouse, service, {"size": wanted if last.succeeded else first})


@full
@requirement("CH-SVC-PATCH-LAST")
def test_updates_of_different_members_both_hold(
    clickhouse: ClickhouseApi, worn_service: Any
) -> None:
    """Size, standbys and name that are asked for one after the other all come true."""
    service = worn_service["id"]
    changes: dict[str, Any] = {"size": another_size(clickhouse, worn_service["size"])}
    changes |= {"haType": "none" if worn_service["haType"] == "async" else "async"}
    changes |= {"name": clickhouse.names.words(), "tags": [{"key": "in-flight", "value": "1"}]}
    answers = {name: clickhouse.patch(service, {name: changes[name]}) for name in changes}
    wanted = {name: changes[name] for name in changes if answers[name].succeeded}
    expect("size" in wanted, "a resize is refused", expected="200", actual=answers["size"].line)
    expect_settled(clickhouse, service, wanted)


@requirement("CH-STATE-SIZE-KEPT")
@pytest.mark.parametrize("when", cases({"after": "after", "during": "during"}, {"during"}))
def test_a_restart_forgets_no_resize(
    clickhouse: ClickhouseApi, worn_service: Any, when: str
) -> None:
    """A service that is restarted during its resize, or after it, has the new size."""
    service, wanted = worn_service["id"], another_size(clickhouse, worn_service["size"])
    expect_status(clickhouse.patch(service, {"size": wanted}), 200)
    if when == "after":
        expect_settled(clickhouse, service, {"size": wanted})
    exchange = clickhouse.command(service, {"command": "restart"})
    if not exchange.succeeded:
        expect_rejected(exchange, "the service is being resized")
    expect_running_again(clickhouse, service)
    expect_settled(clickhouse, service, {"size": wanted})


@requirement("CH-SVC-CHANGE-HOLDS", "CH-CFG-CHANGE-HOLDS")
def test_what_was_changed_stays_changed(clickhouse: ClickhouseApi) -> None:
    """New tags and a new configuration are read again and again once they were read."""
    service = clickhouse.neighbour()
    tags = [{"key": "stays", "value": clickhouse.names.identifier()}]
    expect_patched(clickhouse, service, {"tags": tags})
    maps = configuration({"work_mem": "15MB"}, {"default_pool_size": "15"})
    configured(clickhouse, service, maps)
    waited = clickhouse.wait_settled(service, "tags", tags)
    expect_equal(waited.value.get("tags"), tags, "tags", requirement="CH-SVC-TAGS-ECHO")
    for _ in range(5):
        shown = clickhouse.shown(service).get("tags")
        expect_equal(shown, tags, "tags", requirement="CH-SVC-CHANGE-HOLDS")
        shown = comparable(result(clickhouse.configuration(service)))
        judged = "CH-CFG-CHANGE-HOLDS"
        expect_equal(shown, comparable(maps), "the configuration", requirement=judged)


@full
@requirement("CH-SVC-STATE-CAUSE", "CH-SVC-CHANGE-HOLDS")
def test_a_running_service_goes_on_running(clickhouse: ClickhouseApi, service: Any) -> None:
    """A service that nobody changes is read with the same values again and again, and runs."""
    before = kept(clickhouse.shown(service["id"]))
    for _ in range(20):
        shown = clickhouse.shown(service["id"])
        expect_equal(kept(shown), before, "the service", requirement="CH-SVC-CHANGE-HOLDS")
        expect(
            shown.get("state") in ("running", "unavailable"),
            "a service that nobody changed left its state",
            expected="running",
            actual=show(shown.get("state")),
            requirement="CH-SVC-STATE-CAUSE",
        )
