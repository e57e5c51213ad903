"""clickhouse configuration: reading, replacing and merging both maps."""

from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.expectation import expect, expect_equal, expect_member, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, result
from pgassay.families.clickhouse_expectations import (
    configuration,
    configured,
    expect_configured,
    expect_replacement_refused,
)

FULL_MAPS = configuration(
    {"max_connections": 107, "work_mem": "8MB", "wal_compression": "lz4"},
    {"default_pool_size": "17", "max_client_conn": "200"},
)


@requirement("CH-CFG-GET")
@pytest.mark.parametrize("name", ["pgConfig", "pgBouncerConfig"])
def test_the_configuration_has_both_maps(
    clickhouse: ClickhouseApi, service: Any, name: str
) -> None:
    """Reading the configuration returns both maps as objects, whatever is in them."""
    configured(clickhouse, service["id"], FULL_MAPS)
    for maps in (FULL_MAPS, configuration({}, {})):
        # Whether maps may be emptied is another question: CH-CFG-EMPTY-MAP.
        clickhouse.replace_configuration(service["id"], maps)
        exchange = clickhouse.configuration(service["id"])
        expect_status(exchange, 200)
        value = expect_member(result(exchange), name, exchange)
        expect(
            isinstance(value, dict),
            f"{name} is no object",
            expected="an object",
            actual=show(value),
            exchange=exchange,
        )


@requirement("CH-CFG-REPLACE", "CH-CFG-ECHO")
@pytest.mark.parametrize(
    "maps",
    [
        pytest.param(
            configuration({"statement_timeout": "30s"}, {"query_timeout": "9"}), id="others"
        ),
        pytest.param(configuration({"max_connections": 207}), id="one-of-them"),
        pytest.param(configuration(bouncer={"default_pool_size": "21"}), id="bouncer-alone"),
        pytest.param(configuration(), id="nothing"),
    ],
)
def test_post_replaces_both_maps(clickhouse: ClickhouseApi, service: Any, maps: Any) -> None:
    """After POST both maps hold exactly what the request contained."""
    configured(clickhouse, service["id"], FULL_MAPS)
    exchange = clickhouse.replace_configuration(service["id"], maps)
    expect_configured(clickhouse, exchange, service["id"], maps)


@requirement("CH-CFG-MERGE", "CH-CFG-ECHO")
@pytest.mark.parametrize(
    "maps",
    [
        pytest.param(configuration({"statement_timeout": "30s"}), id="another-parameter"),
        pytest.param(configuration({"max_connections": 207}), id="a-new-value"),
        pytest.param(configuration(bouncer={"default_pool_size": "21"}), id="bouncer-new-value"),
        pytest.param(configuration({"work_mem": "9MB"}, {"query_timeout": "9"}), id="both"),
        pytest.param(configuration(), id="nothing"),
    ],
)
def test_patch_merges_both_maps(clickhouse: ClickhouseApi, service: Any, maps: Any) -> None:
    """After PATCH the named parameters have their new values and all others the old ones."""
    configured(clickhouse, service["id"], FULL_MAPS)
    exchange = clickhouse.merge_configuration(service["id"], maps)
    merged = {name: FULL_MAPS[name] | maps[name] for name in maps}
    expect_configured(clickhouse, exchange, service["id"], merged)


@requirement("CH-CFG-EMPTY-MAP")
@pytest.mark.parametrize("empty", ["pgConfig", "pgBouncerConfig"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_an_empty_map_is_accepted(
    clickhouse: ClickhouseApi, service: Any, method: str, empty: str
) -> None:
    """Each map may be an empty object while the other is not."""
    body = FULL_MAPS | {empty: {}}
    exchange = clickhouse.send(method, clickhouse.path(service["id"], "config"), body)
    expect_status(exchange, 200)


@requirement("CH-CFG-REQUIRED-MAPS", "CH-CFG-REJECT-UNTOUCHED")
@pytest.mark.parametrize("missing", ["pgConfig", "pgBouncerConfig"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_change_without_one_of_the_maps_is_refused(
    clickhouse: ClickhouseApi, service: Any, method: str, missing: str
) -> None:
    """A change that lacks pgConfig or pgBouncerConfig is refused."""
    configured(clickhouse, service["id"], FULL_MAPS)
    body = {name: value for name, value in FULL_MAPS.items() if name != missing}
    rule = f"{missing} is missing"
    expect_replacement_refused(clickhouse, service["id"], body, rule, FULL_MAPS, method)


@requirement("CH-CFG-REJECT-UNTOUCHED", "CH-CFG-RANGE")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_change_that_is_partly_valid_changes_nothing(
    clickhouse: ClickhouseApi, service: Any, method: str
) -> None:
    """A change with valid parameters and one below its minimum is refused as a whole."""
    configured(clickhouse, service["id"], FULL_MAPS)
    valid = {"statement_timeout": "7s", "random_page_cost": 2}
    body = configuration(valid | {"max_connections": 0}, {"default_pool_size": "99"})
    twin = configuration(valid | {"max_connections": 9}, {"default_pool_size": "99"})
    rule = "max_connections is below 1"
    expect_replacement_refused(clickhouse, service["id"], body, rule, twin, method)


@requirement("CH-CFG-RESTART-MESSAGE")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_change_of_max_connections_is_said_to_need_a_restart(
    clickhouse: ClickhouseApi, service: Any, method: str
) -> None:
    """The answer to a change of max_connections has a message that names it."""
    configured(clickhouse, service["id"], FULL_MAPS)
    body = configuration({"max_connections": 108, "work_mem": "8MB"})
    exchange = clickhouse.send(method, clickhouse.path(service["id"], "config"), body)
    expect_status(exchange, 200)
    message = result(exchange).get("message")
    expect(
        isinstance(message, str) and "max_connections" in message,
        "no message says that max_connections needs a restart",
        expected="a message that names max_connections",
        actual=show(message),
        exchange=exchange,
    )


@requirement("CH-CFG-RESTART-MESSAGE-ABSENT")
@pytest.mark.parametrize(
    "parameter", ["work_mem", "statement_timeout", "random_page_cost", "wal_keep_size"]
)
def test_a_change_that_takes_effect_at_once_is_not_said_to_need_a_restart(
    clickhouse: ClickhouseApi, service: Any, parameter: str
) -> None:
    """The answer to a change of a reloadable parameter does not name it."""
    configured(clickhouse, service["id"], FULL_MAPS)
    exchange = clickhouse.merge_configuration(service["id"], configuration({parameter: 128}))
    expect_status(exchange, 200)
    message = str(result(exchange).get("message") or "")
    expect(
        parameter not in message,
        f"{parameter} is said to need a restart",
        expected="no message, or one that does not name it",
        actual=show(message),
        exchange=exchange,
    )


@requirement("CH-CFG-NO-RESTART")
def test_a_change_leaves_the_service_running(clickhouse: ClickhouseApi, service: Any) -> None:
    """A configuration change, also one that needs a restart, leaves the service running."""
    configured(clickhouse, service["id"], FULL_MAPS)
    for maximum in (109, 110):
        clickhouse.replace_configuration(service["id"], configuration({"max_connections": maximum}))
        expect_equal(clickhouse.state(service["id"]), "running", "the state")


@requirement("CH-CFG-GET", "CH-SVC-PATCH-MERGE")
def test_configuration_survives_other_changes(clickhouse: ClickhouseApi, service: Any) -> None:
    """An update of the service leaves its configuration alone, and the other way round."""
    configured(clickhouse, service["id"], FULL_MAPS)
    expect_status(clickhouse.patch(service["id"], {"tags": [{"key": "a", "value": "b"}]}), 200)
    shown = comparable(result(clickhouse.configuration(service["id"])))
    expect_equal(shown, comparable(FULL_MAPS), "the configuration")
    configured(clickhouse, service["id"])
    tags = clickhouse.shown(service["id"]).get("tags")
    expect_equal(tags, [{"key": "a", "value": "b"}], "tags", requirement="CH-SVC-PATCH-MERGE")


@full
@requirement("CH-CFG-GET", "CH-SVC-PATCH-SIZE")
def test_configuration_survives_a_resize(
    clickhouse: ClickhouseApi, worn_service: dict[str, Any]
) -> None:
    """A new size keeps the configuration."""
    sizes, service = clickhouse.settings.sizes, worn_service["id"]
    size = next((size for size in sizes if size != worn_service["size"]), sizes[0])
    configured(clickhouse, service, FULL_MAPS)
    expect_status(clickhouse.patch(service, {"size": size}), 200, requirement="CH-SVC-PATCH-SIZE")
    waited = clickhouse.wait_settled(service, "size", size)
    expect_equal(waited.value.get("size"), size, "the size", requirement="CH-SVC-PATCH-SIZE")
    shown = comparable(result(clickhouse.configuration(service)))
    expect_equal(shown, comparable(FULL_MAPS), "the configuration", requirement="CH-CFG-GET")
