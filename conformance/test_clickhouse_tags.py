"""clickhouse services: the rules of tags, tried on updates of one service."""

from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_expectations import expect_update_refused
from pgassay.values.selection import cases
from pgassay.values.tags import GOOD_TAGS, as_set, tags


@every_case
@requirement("CH-SVC-TAGS-KEY", "CH-SVC-TAGS-VALUE", "CH-SVC-TAGS-ECHO")
@pytest.mark.parametrize("value", cases(GOOD_TAGS))
def test_tags_at_their_limits_are_accepted(
    clickhouse: ClickhouseApi, service: Any, value: Any
) -> None:
    """Keys of 1 and 128 and values of 1 and 256 characters are accepted and shown."""
    exchange = clickhouse.patch(service["id"], {"tags": value})
    expect_status(exchange, 200)
    shown = clickhouse.shown(service["id"])
    expect_equal(as_set(shown.get("tags")), value, "tags", exchange, "CH-SVC-TAGS-ECHO")


@requirement("CH-SVC-TAGS-KEY", "CH-SVC-PATCH-VALIDATION", "CH-SVC-PATCH-REJECT-UNTOUCHED")
def test_a_bad_key_after_a_good_one_is_refused(clickhouse: ClickhouseApi, service: Any) -> None:
    """Every tag of an update is looked at, not the first one alone."""
    change = {"tags": [{"key": "stage", "value": "staging"}, {"key": "a b", "value": "c"}]}
    expect_update_refused(clickhouse, service["id"], change, "the second key has a blank")


@requirement("CH-SVC-TAGS-COUNT", "CH-SVC-TAGS-REPLACE")
@pytest.mark.parametrize("count", [50, 1, 0])
def test_tags_are_replaced_as_a_whole(clickhouse: ClickhouseApi, service: Any, count: int) -> None:
    """Up to fifty tags take the place of the former ones, and none at all removes them."""
    expect_status(clickhouse.patch(service["id"], {"tags": [{"key": "old", "value": "1"}]}), 200)
    exchange = clickhouse.patch(service["id"], {"tags": tags(count)})
    expect_status(exchange, 200, requirement="CH-SVC-TAGS-COUNT")
    shown = clickhouse.shown(service["id"]).get("tags", [])
    judged = "CH-SVC-TAGS-REPLACE"
    expect_equal(as_set(shown), as_set(tags(count)), "tags", exchange, judged)


@requirement("CH-SVC-TAGS-VALUE-OPTIONAL")
def test_a_tag_without_a_value_is_accepted(clickhouse: ClickhouseApi, service: Any) -> None:
    """A tag that has a key alone is accepted and shown."""
    exchange = clickhouse.patch(service["id"], {"tags": [{"key": "flag"}]})
    expect_status(exchange, 200)
    shown = clickhouse.shown(service["id"]).get("tags", [])
    expect_equal([tag.get("key") for tag in shown], ["flag"], "the keys", exchange)


@requirement("CH-SVC-TAGS-RESERVED", "CH-SVC-PATCH-REJECT-UNTOUCHED")
@pytest.mark.parametrize("key", ["chc_", "chc_owner"])
def test_a_reserved_tag_key_is_refused(clickhouse: ClickhouseApi, service: Any, key: str) -> None:
    """A key that begins with the reserved prefix is refused."""
    change = {"tags": [{"key": key, "value": "x"}]}
    expect_update_refused(clickhouse, service["id"], change, "the key's prefix is reserved")


@requirement("CH-SVC-TAGS-KEY", "CH-SVC-TAGS-ECHO")
@pytest.mark.parametrize("key", ["chc", "chcx_a", "my_chc_a"])
def test_a_key_that_only_resembles_the_reserved_prefix_is_accepted(
    clickhouse: ClickhouseApi, service: Any, key: str
) -> None:
    """A key that contains the reserved prefix elsewhere or in part is an ordinary key."""
    value = [{"key": key, "value": "x"}]
    exchange = clickhouse.patch(service["id"], {"tags": value})
    expect_status(exchange, 200, requirement="CH-SVC-TAGS-KEY")
    shown = clickhouse.shown(service["id"]).get("tags")
    expect_equal(shown, value, "tags", exchange, "CH-SVC-TAGS-ECHO")


@requirement("CH-SVC-TAGS-UNIQUE")
def test_no_key_is_shown_twice(clickhouse: ClickhouseApi, service: Any) -> None:
    """Two tags of the same key are refused or collapse into one."""
    twice = [{"key": "stage", "value": "a"}, {"key": "stage", "value": "b"}]
    exchange = clickhouse.patch(service["id"], {"tags": twice})
    keys = [tag.get("key") for tag in clickhouse.shown(service["id"]).get("tags", [])]
    expect(
        len(keys) == len(set(keys)),
        "a tag key is shown twice",
        expected="different keys",
        actual=show(keys),
        exchange=exchange,
    )
