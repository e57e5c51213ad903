"""clickhouse services: what a create must not accept, and the limits of names."""

from collections.abc import Callable

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect_equal, expect_status
from pgassay.families import ClickhouseApi, Names
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import expect_creation_refused
from pgassay.families.clickhouse_specimens import (
    MANY_TAGS,
    UNNAMED,
    hyphenated_name,
    long_name,
    plain_name,
    short_name,
)
from pgassay.values.tags import VALUELESS


@requirement("CH-SVC-NAME-LENGTH")
@pytest.mark.parametrize(
    "named", [pytest.param(short_name, id="minimum"), pytest.param(long_name, id="maximum")]
)
def test_a_name_at_a_limit_is_accepted(
    clickhouse: ClickhouseApi, named: Callable[[Names], str]
) -> None:
    """Names of 1 and of 50 characters are accepted and kept."""
    _kept(clickhouse, named(clickhouse.names))


@requirement("CH-SVC-NAME-CHARACTERS")
def test_letters_digits_and_blanks_make_a_name(clickhouse: ClickhouseApi) -> None:
    """A name of upper and lower case letters, digits and blanks is accepted and kept."""
    _kept(clickhouse, plain_name(clickhouse.names))


@requirement("CH-SVC-NAME-HYPHEN")
def test_hyphens_in_a_name_are_accepted(clickhouse: ClickhouseApi) -> None:
    """A name with hyphens is accepted and kept."""
    _kept(clickhouse, hyphenated_name(clickhouse.names))


def _kept(clickhouse: ClickhouseApi, name: str) -> None:
    exchange = clickhouse.specimen(name=name).exchange
    expect_status(exchange, 200)
    expect_equal(result(exchange).get("name"), name, "the name", exchange)


@requirement("CH-SVC-TAGS-COUNT", "CH-SVC-TAGS-ECHO")
def test_a_create_with_50_tags_is_accepted(clickhouse: ClickhouseApi) -> None:
    """A create with fifty tags is accepted and shows all of them."""
    specimen = clickhouse.specimen(tags=MANY_TAGS)
    expect_status(specimen.exchange, 200, requirement="CH-SVC-TAGS-COUNT")
    shown = result(specimen.read) or {}
    expect_equal(len(shown.get("tags", [])), 50, "the number of tags", specimen.read)


@requirement("CH-SVC-TAGS-VALUE-OPTIONAL")
def test_a_create_with_a_tag_without_a_value_is_accepted(clickhouse: ClickhouseApi) -> None:
    """A create with a tag that has a key alone is accepted."""
    expect_status(clickhouse.specimen(tags=VALUELESS).exchange, 200)


@requirement("CH-REQUEST-UNKNOWN-MEMBER")
def test_a_member_that_the_schema_does_not_name_is_ignored(clickhouse: ClickhouseApi) -> None:
    """A create with storageSize and a newer member is accepted as if they were absent."""
    expect_status(clickhouse.specimen(**UNNAMED).exchange, 200)


@requirement("CH-SVC-VERSION", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("version", ["16", "18.1", "9.6"])
def test_a_version_that_is_not_offered_is_refused(clickhouse: ClickhouseApi, version: str) -> None:
    """Neither an older version nor a minor one is accepted."""
    body = clickhouse.creation(postgresVersion=version)
    expect_creation_refused(clickhouse, body, "the version is none of the documented ones")
