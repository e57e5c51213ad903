"""clickhouse state commands: restart, promote, switchover."""

from typing import Any

import pytest

from pgassay.check import creates, full, requirement
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, identity, result
from pgassay.families.clickhouse_copies import Copy, Promotion, expect_role
from pgassay.families.clickhouse_expectations import configuration, configured, everything, kept
from pgassay.families.command_expectations import (
    expect_command_refused,
    expect_running_again,
    roles,
)
from pgassay.gaps import Recorder

MAPS = configuration({"max_connections": 111}, {"default_pool_size": "21"})
#: What a service shows between a restart and its end; failing health checks are no fault of it.
RESTARTING = {"running", "restarting", "unavailable"}


@requirement("CH-STATE-RESTART", "CH-STATE-CONFIG-KEPT")
def test_a_restarted_service_runs_again_as_it_was(clickhouse: ClickhouseApi, primary: Any) -> None:
    """After a restart a service comes to run under the same id with the same values."""
    configured(clickhouse, primary["id"], MAPS)
    before = clickhouse.shown(primary["id"])
    exchange = clickhouse.command(primary["id"], {"command": "restart"})
    expect_status(exchange, 200, requirement="CH-STATE-RESTART")
    after = expect_running_again(clickhouse, primary["id"]).value
    for name in ("hostname", "username"):
        expect_equal(after.get(name), before.get(name), name, exchange, "CH-STATE-RESTART")
    expect_equal(kept(after), kept(before), "the service", exchange, "CH-STATE-RESTART")
    maps = comparable(result(clickhouse.configuration(primary["id"])))
    judged = "CH-STATE-CONFIG-KEPT"
    expect_equal(maps, comparable(MAPS), "the configuration", exchange, judged)


@requirement("CH-STATE-RESTART-STATES")
def test_a_restart_goes_no_other_way(clickhouse: ClickhouseApi, primary: Any) -> None:
    """From a restart until it is over, the service shows itself as running or restarting."""
    exchange = clickhouse.command(primary["id"], {"command": "restart"})
    waited = expect_running_again(clickhouse, primary["id"])
    states = [shown.get("state") for shown in (result(exchange), *waited.seen)]
    strange = [state for state in states if state not in RESTARTING]
    expect(
        not strange,
        "a restart leads through another state",
        expected="running or restarting",
        actual=show(strange[:1]),
        exchange=exchange,
    )


@requirement("CH-STATE-COMMAND-MISSING", "CH-STATE-REJECT-UNTOUCHED")
@pytest.mark.parametrize("body", [{}, {"state": "running"}], ids=["empty", "another-member"])
def test_a_request_without_a_command_is_refused(
    clickhouse: ClickhouseApi, primary: Any, body: Any
) -> None:
    """A request that names no command is refused, and nothing happens."""
    expect_command_refused(clickhouse, primary["id"], body, "the command is missing")


@requirement("CH-STATE-PROMOTE", "CH-STATE-CONFIG-KEPT")
def test_a_promoted_replica_is_a_primary(clickhouse: ClickhouseApi, promotion: Promotion) -> None:
    """A read replica that is promoted becomes a primary under its id, with its configuration."""
    expect_status(promotion.exchange, 200, requirement="CH-STATE-PROMOTE")
    identity, judged = promotion.replica.id, "CH-STATE-PROMOTE"
    expect_role(promotion.shown, primary=True, requirement=judged)
    expect_equal(promotion.shown.get("id"), identity, "the id", requirement=judged)
    maps = comparable(result(clickhouse.configuration(identity)))
    expected, judged = promotion.replica.configuration, "CH-STATE-CONFIG-KEPT"
    expect_equal(maps, expected, "the configuration", requirement=judged)


@requirement("CH-STATE-PROMOTE-SOURCE")
def test_a_promotion_leaves_the_source_a_primary(
    clickhouse: ClickhouseApi, promotion: Promotion, gaps: Recorder
) -> None:
    """The source of a promoted read replica goes on running as a primary."""
    source = promotion.replica.source["id"]
    waited = expect_running_again(clickhouse, source)
    read = clickhouse.get(source)
    primary = waited.value.get("isPrimary")
    gaps.record("GAP-CH-SOURCE-AFTER-PROMOTION", "primary" if primary else "replica", read)
    for shown in (waited.value, clickhouse.listed_once(source)):
        expect_role(shown, primary=True)


@requirement("CH-STATE-PROMOTE-PRIMARY", "CH-STATE-REJECT-UNTOUCHED")
@pytest.mark.parametrize("origin", ["create", "promotion"])
def test_a_primary_is_not_promoted(
    clickhouse: ClickhouseApi, primary: Any, promotion: Promotion, origin: str
) -> None:
    """The promotion of a service that is a primary is refused, and nothing happens."""
    service = promotion.replica.id if origin == "promotion" else primary["id"]
    expect_command_refused(
        clickhouse,
        service,
        {"command": "promote"},
        "the service is a primary",
        lambda: promotion.exchange,
    )


@requirement("CH-STATE-SWITCHOVER", "CH-STATE-SWITCHOVER-KEPT")
def test_a_switchover_leaves_what_is_shown(clickhouse: ClickhouseApi, standby: Any) -> None:
    """After a switchover to its standby a service comes to run again as it was."""
    before = clickhouse.shown(standby["id"])
    exchange = clickhouse.command(standby["id"], {"command": "switchover"})
    expect_status(exchange, 200, requirement="CH-STATE-SWITCHOVER")
    after = expect_running_again(clickhouse, standby["id"]).value
    judged = "CH-STATE-SWITCHOVER-KEPT"
    expect_equal(kept(after), kept(before), "the service", exchange, judged)
    expect_equal(after.get("hostname"), before.get("hostname"), "the hostname", exchange, judged)


@requirement("CH-STATE-SWITCHOVER-NONE", "CH-STATE-REJECT-UNTOUCHED")
def test_there_is_no_switchover_without_a_standby(
    clickhouse: ClickhouseApi, primary: Any, standby: Any
) -> None:
    """The switchover of a service without a standby is refused, and nothing happens."""
    body = {"command": "switchover"}
    expect_command_refused(
        clickhouse,
        primary["id"],
        body,
        "the service has no standby",
        lambda: clickhouse.command(standby["id"], body),
    )


@requirement("CH-STATE-SWITCHOVER-REPLICA")
def test_a_switchover_of_a_replica_changes_no_role(
    clickhouse: ClickhouseApi, replica: Copy
) -> None:
    """Whatever a switchover of a read replica is answered with, primaries stay primaries."""
    pair = (replica.id, replica.source["id"])
    before = [roles(clickhouse).get(service) for service in pair]
    exchange = clickhouse.command(replica.id, {"command": "switchover"})
    for service in pair:
        expect_running_again(clickhouse, service)
    after = [roles(clickhouse).get(service) for service in pair]
    expect_equal(after, before, "isPrimary of replica and source", exchange)


@creates
@requirement("CH-STATE-BUSY")
def test_a_command_does_not_disturb_a_creation(clickhouse: ClickhouseApi) -> None:
    """A service that is restarted while it is created comes to run all the same."""
    clickhouse.pool.permit()
    service = identity(clickhouse.create())
    exchange = clickhouse.command(service, {"command": "restart"})
    if not exchange.succeeded:
        expect_rejected(exchange, "the service is not running")
    clickhouse.wait_running(service, requirement="CH-STATE-BUSY")
    expect_running_again(clickhouse, service)


@requirement("CH-STATE-BUSY")
def test_a_command_does_not_disturb_a_delete(
    clickhouse: ClickhouseApi, doomed_service: dict[str, Any]
) -> None:
    """A service that is restarted while it is deleted disappears all the same."""
    service = doomed_service["id"]
    expect_status(clickhouse.delete(service), 200, 409)
    exchange = clickhouse.command(service, {"command": "restart"})
    if not exchange.succeeded:
        expect_rejected(exchange, "the service is deleted")
    clickhouse.wait_gone(service, "CH-STATE-BUSY")


@full
@requirement("CH-STATE-RESTART")
def test_restarts_at_the_same_time_end(clickhouse: ClickhouseApi, primary: Any) -> None:
    """A service that is restarted three times in a row comes to run again as it was."""
    before = everything(clickhouse, primary["id"])
    for _ in range(3):
        clickhouse.command(primary["id"], {"command": "restart"})
    expect_running_again(clickhouse, primary["id"])
    expect_equal(everything(clickhouse, primary["id"]), before, "the service")
