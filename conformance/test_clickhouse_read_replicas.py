"""clickhouse read replicas: what they take over, what they refuse, in which order they go."""

from typing import Any

import pytest

from pgassay.check import creates, full, requirement
from pgassay.expectation import expect_equal, expect_refusal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, result
from pgassay.families.clickhouse_copies import (
    LEAST,
    SOURCE_MAPS,
    TAGS,
    Copy,
    Promotion,
    expect_new,
    expect_role,
    expect_window,
    replica_body,
)
from pgassay.families.clickhouse_expectations import (
    configuration,
    everything,
    expect_configured,
    kept,
)
from pgassay.families.pool import generous
from pgassay.values.selection import cases
from pgassay.values.tags import as_set


@requirement("CH-REPLICA-CREATE")
def test_a_read_replica_is_a_service_of_its_own(clickhouse: ClickhouseApi, replica: Copy) -> None:
    """A read replica has an id of its own, is no primary, and leaves its source as it was."""
    expect_new(replica)
    for shown in (result(replica.exchange), replica.shown):
        expect_role(shown, primary=False, exchange=replica.exchange)
    source = clickhouse.shown(replica.source["id"])
    expect_equal(kept(source), kept(replica.source), "the source", replica.exchange)


@full
@requirement("CH-REPLICA-CREATE")
@pytest.mark.parametrize("members", cases(LEAST))
def test_a_read_replica_needs_a_name_alone(
    clickhouse: ClickhouseApi, replica: Copy, members: dict[str, Any]
) -> None:
    """A read replica is accepted without optional members, and with a tag that has no value."""
    if generous(clickhouse.client):
        body = replica_body(clickhouse, **members)
        expect_status(clickhouse.replicate(replica.source["id"], body), 200)


@requirement("CH-REPLICA-ECHO")
def test_a_read_replica_is_shown_as_it_was_asked_for(
    clickhouse: ClickhouseApi, replica: Copy
) -> None:
    """A read replica is read and listed with the name and tags of the request."""
    listed = clickhouse.listed_once(replica.id)
    for shown in (result(replica.exchange), replica.shown, listed):
        expect_equal(shown.get("name"), replica.asked["name"], "the name", replica.exchange)
        expect_equal(as_set(shown.get("tags")), TAGS, "tags", replica.exchange)
    expect_role(listed, primary=False)


@requirement("CH-REPLICA-INHERITS")
@pytest.mark.parametrize("member", ["provider", "region", "postgresVersion", "size", "haType"])
def test_a_read_replica_takes_over_what_its_source_has(
    clickhouse: ClickhouseApi, replica: Copy, member: str
) -> None:
    """A read replica has provider, region, version and size of its source, and no standby."""
    expected = "none" if member == "haType" else replica.source.get(member)
    expect_equal(replica.shown.get(member), expected, member, replica.exchange)


@requirement("CH-REPLICA-CONFIG-INHERITED")
def test_a_read_replica_begins_with_the_configuration_of_its_source(
    clickhouse: ClickhouseApi, replica: Copy
) -> None:
    """Without a configuration of its own, a read replica has that of its source."""
    expected = comparable(SOURCE_MAPS)
    expect_equal(replica.configuration, expected, "the configuration", replica.exchange)


@requirement("CH-REPLICA-CONFIG")
def test_a_read_replica_has_the_configuration_that_was_asked_for(
    clickhouse: ClickhouseApi, promotion: Promotion
) -> None:
    """A parameter in the request for a read replica is in its configuration."""
    replica = promotion.replica
    shown = replica.configuration.get("pgConfig", {}).get("work_mem")
    expect_equal(shown, replica.asked["pgConfig"]["work_mem"], "work_mem", replica.exchange)


@requirement("CH-REPLICA-CONFIG")
def test_a_read_replica_can_be_configured(clickhouse: ClickhouseApi, replica: Copy) -> None:
    """A change of a read replica's configuration takes effect and leaves its source's alone."""
    maps = configuration({"work_mem": "17MB"}, {"default_pool_size": "23"})
    before = everything(clickhouse, replica.source["id"])
    exchange = clickhouse.replace_configuration(replica.id, maps)
    expect_configured(clickhouse, exchange, replica.id, maps)
    expect_equal(everything(clickhouse, replica.source["id"]), before, "the source", exchange)


@requirement("CH-REPLICA-UPDATE-REFUSED")
@pytest.mark.parametrize("member", ["tags", "size", "haType", "name"])
def test_a_read_replica_is_not_updated_directly(
    clickhouse: ClickhouseApi, replica: Copy, member: str
) -> None:
    """An update of a read replica is refused where its source takes the same one."""
    source, changed = replica.source, {"tags": [], "name": clickhouse.names.words()}
    expect_refusal(
        lambda: clickhouse.patch(
            replica.id, {member: changed.get(member, replica.shown.get(member))}
        ),
        rule="the service is a read replica",
        twin=lambda: clickhouse.patch(source["id"], {member: source.get(member)}),
        untouched=lambda: everything(clickhouse, replica.id),
    )


@creates
@requirement("CH-REPLICA-BACKUP-WINDOW", "CH-REPLICA-SOURCE-DELETE", "CH-REPLICA-DELETE-ORDER")
def test_a_replica_comes_after_the_first_backup_and_goes_before_its_source(
    clickhouse: ClickhouseApi, own_service: dict[str, Any]
) -> None:
    """A source is ready for replicas after its first backup, and not deleted before they are."""
    source = own_service["id"]
    replica = expect_window(clickhouse, source)
    exchange = clickhouse.delete(source)
    states = [clickhouse.state(service) for service in (source, replica)]
    judged = "CH-REPLICA-SOURCE-DELETE"
    title = "a service with a read replica is deleted"
    expect_status(exchange, *range(400, 500), title=title, requirement=judged)
    going = [state for state in states if state in {"deleting", None}]
    expect_equal(going, [], "what a refused delete deletes", exchange, judged)
    for service in (replica, source):
        exchange = clickhouse.delete(service)
        expect_status(exchange, 200, requirement="CH-REPLICA-DELETE-ORDER")
        clickhouse.wait_gone(service)
