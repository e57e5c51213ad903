"""clickhouse services: what an update changes, keeps and refuses."""

from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import expect_update_refused, kept
from pgassay.values.tags import as_set

TAGS = [{"key": "stage", "value": "test"}, {"key": "team", "value": "db"}]


@requirement("CH-SVC-PATCH-MERGE")
@pytest.mark.parametrize("member", ["name", "size", "haType"])
def test_a_member_that_is_not_named_stays(
    clickhouse: ClickhouseApi, service: Any, member: str
) -> None:
    """An update that leaves tags out keeps them and everything else."""
    expect_status(clickhouse.patch(service["id"], {"tags": TAGS}), 200)
    before = kept(clickhouse.shown(service["id"]))
    exchange = clickhouse.send("PATCH", clickhouse.path(service["id"]), {member: before[member]})
    expect_status(exchange, 200)
    after = kept(clickhouse.shown(service["id"]))
    if clickhouse.settings.tag_omission == "wipe":
        after["tags"] = before["tags"]
    expect_equal(after, before, "the service", exchange)


@requirement("CH-SVC-PATCH-MERGE")
def test_an_update_of_tags_keeps_the_rest(clickhouse: ClickhouseApi, service: Any) -> None:
    """An update of the tags alone changes no other member, in the answer and in the next read."""
    before = kept(clickhouse.shown(service["id"])) | {"tags": TAGS}
    exchange = clickhouse.patch(service["id"], {"tags": TAGS})
    expect_status(exchange, 200)
    expect_equal(kept(before | result(exchange)), before, "the answer", exchange)
    expect_equal(kept(clickhouse.shown(service["id"])), before, "the service", exchange)


@requirement("CH-SVC-PATCH-EMPTY")
def test_an_empty_update_changes_nothing(clickhouse: ClickhouseApi, service: Any) -> None:
    """An update with an empty object leaves the service as it is."""
    expect_status(clickhouse.patch(service["id"], {"tags": TAGS}), 200)
    before = kept(clickhouse.shown(service["id"]))
    exchange = clickhouse.patch(service["id"], {})
    expect_equal(kept(clickhouse.shown(service["id"])), before, "the service", exchange)


@requirement("CH-SVC-PATCH-IMMUTABLE")
@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("provider", "gcp", id="provider"),
        pytest.param("region", "eu-west-2", id="region"),
        pytest.param("postgresVersion", "17", id="version-17"),
        pytest.param("postgresVersion", "18", id="version-18"),
        pytest.param("id", "3b241101-e2bb-4255-8caf-4136c566a962", id="id"),
        pytest.param("isPrimary", False, id="primary"),
        pytest.param("createdAt", "2020-01-01T00:00:00.000Z", id="createdAt"),
    ],
)
def test_an_update_does_not_change_what_is_fixed(
    clickhouse: ClickhouseApi, service: Any, member: str, value: Any
) -> None:
    """An update that names a fixed member is ignored or refused, but never followed."""
    before = kept(clickhouse.shown(service["id"]))
    exchange = clickhouse.patch(service["id"], {member: value})
    expect_equal(kept(clickhouse.shown(service["id"])), before, "the service", exchange)


@requirement("CH-SVC-PATCH-SIZE", "CH-SVC-STORAGE-DERIVED")
def test_a_new_size_takes_effect_and_holds(
    clickhouse: ClickhouseApi, worn_service: dict[str, Any]
) -> None:
    """A running service comes to report its new size, and goes on doing so."""
    if len(clickhouse.settings.sizes) < 2:
        raise NotTestable("[clickhouse] sizes lists a single size")
    wanted = next(size for size in clickhouse.settings.sizes if size != worn_service["size"])
    exchange = clickhouse.patch(worn_service["id"], {"size": wanted})
    expect_status(exchange, 200, requirement="CH-SVC-PATCH-SIZE")
    waited = clickhouse.wait_settled(worn_service["id"], "size", wanted)
    expect_equal(waited.value.get("size"), wanted, "the size", requirement="CH-SVC-PATCH-SIZE")
    storage = worn_service.get("storageSize")
    expect(
        storage is None or waited.value.get("storageSize") != storage,
        "storageSize stayed although the size changed",
        expected=f"another figure than {show(storage)}",
        actual=show(waited.value.get("storageSize")),
        requirement="CH-SVC-STORAGE-DERIVED",
    )


@requirement("CH-SVC-PATCH-HA", "CH-SVC-PATCH-MERGE")
def test_a_new_availability_takes_effect_and_holds(
    clickhouse: ClickhouseApi, worn_service: dict[str, Any]
) -> None:
    """A running service comes to report its new haType, and other updates leave it alone."""
    service, wanted = worn_service["id"], "sync" if worn_service["haType"] == "async" else "async"
    for change, judged in (
        ({"haType": wanted}, "CH-SVC-PATCH-HA"),
        ({"tags": TAGS}, "CH-SVC-PATCH-MERGE"),
    ):
        expect_status(clickhouse.patch(service, change), 200)
        waited = clickhouse.wait_settled(service, "haType", wanted)
        expect_equal(waited.value.get("haType"), wanted, "the haType", requirement=judged)


@full
@requirement("CH-SVC-PATCH-HA", "CH-SVC-PATCH-MERGE")
def test_every_availability_can_be_changed_to(
    clickhouse: ClickhouseApi, worn_service: dict[str, Any]
) -> None:
    """The haType goes once through all values, and nothing else changes."""
    before, values = kept(worn_service), ("none", "async", "sync")
    at = values.index(worn_service["haType"]) + 1
    for wanted in (*values[at:], *values[:at]):
        expect_status(clickhouse.patch(worn_service["id"], {"haType": wanted}), 200)
        waited = clickhouse.wait_settled(worn_service["id"], "haType", wanted)
        expect_equal(waited.value.get("haType"), wanted, "the haType")
    shown = kept(clickhouse.shown(worn_service["id"]))
    expect_equal(shown, before, "the service", requirement="CH-SVC-PATCH-MERGE")


@requirement("CH-SVC-PATCH-NAME", "CH-SVC-PATCH-NAME-HOSTNAME", "CH-SVC-PATCH-MERGE")
def test_a_new_name_is_shown_and_changes_the_hostname(
    clickhouse: ClickhouseApi, own_service: dict[str, Any]
) -> None:
    """After a change of the name, reads come to show it and another hostname, and keep the rest."""
    service, wanted = own_service["id"], clickhouse.names.words()
    expect_status(clickhouse.patch(service, {"name": wanted}), 200, requirement="CH-SVC-PATCH-NAME")
    waited = clickhouse.wait_settled(service, "name", wanted)
    expect_equal(waited.value.get("name"), wanted, "the name", requirement="CH-SVC-PATCH-NAME")
    renamed = clickhouse.wait_changed(service, "hostname", own_service.get("hostname"))
    expect(
        renamed.reached,
        "the hostname stayed although the name changed",
        expected="another hostname",
        actual=show(own_service.get("hostname")),
        requirement="CH-SVC-PATCH-NAME-HOSTNAME",
    )
    after = kept(renamed.value) | {"name": own_service["name"]}
    expect_equal(after, kept(own_service), "the rest", requirement="CH-SVC-PATCH-MERGE")


@requirement("CH-SVC-PATCH-REJECT-UNTOUCHED", "CH-SVC-PATCH-VALIDATION")
def test_an_update_that_is_partly_valid_changes_nothing(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """An update with a valid and an invalid member is refused as a whole."""
    change = {"tags": [{"key": "half", "value": "done"}], "haType": "triple"}
    expect_update_refused(clickhouse, service["id"], change, "the haType is not documented")


@requirement("CH-SVC-TAGS-ECHO")
def test_new_tags_are_answered_and_read_at_once(clickhouse: ClickhouseApi, service: Any) -> None:
    """Tags of an update are in its answer and in the next read and list."""
    exchange = clickhouse.patch(service["id"], {"tags": TAGS})
    expect_status(exchange, 200)
    item = clickhouse.listed_once(service["id"])
    for shown in (result(exchange), clickhouse.shown(service["id"]), item):
        expect_equal(as_set(shown.get("tags")), TAGS, "tags", exchange)
