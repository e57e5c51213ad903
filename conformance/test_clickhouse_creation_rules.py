"""clickhouse services: what a create must not accept, and the limits of names."""

from collections.abc import Callable
from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.expectation import expect, expect_equal, expect_status
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
from pgassay.families.pool import affordable
from pgassay.values.configuration import NOT_A_VALUE
from pgassay.values.selection import cases
from pgassay.values.tags import BAD_KEYS, BAD_VALUES, tags
from pgassay.values.text import NOT_TEXT, OUTSIDERS, intrusions, misspellings

#: Near misses of an enumeration that the quick profile tries; the full one tries all.
NEAR = {"empty", "upper-case", "newline-after", "unknown", "null", "integer"}


@requirement("CH-SVC-CREATE-REQUIRED", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("member", ["name", "provider", "region", "size"])
def test_a_create_without_a_required_member_is_refused(
    clickhouse: ClickhouseApi, member: str
) -> None:
    """Each of name, provider, region and size is required."""
    expect_creation_refused(
        clickhouse, clickhouse.creation(**{member: ...}), f"{member} is missing"
    )


@requirement("CH-SVC-NAME-LENGTH", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize(
    "name", [pytest.param("", id="minimum-1"), pytest.param("n" * 51, id="maximum+1")]
)
def test_a_name_outside_its_length_is_refused(clickhouse: ClickhouseApi, name: str) -> None:
    """The empty name and one of 51 characters are refused."""
    body = clickhouse.creation(name=name)
    expect_creation_refused(clickhouse, body, f"the name has {len(name)} characters")


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


@full
@requirement("CH-SVC-CREATE-ECHO")
def test_an_unusual_name_is_refused_or_kept(clickhouse: ClickhouseApi) -> None:
    """A name with a character that no document mentions is refused cleanly or kept as it is."""
    unusual = [
        name
        for outsider in OUTSIDERS.values()
        for name in intrusions(clickhouse.names.words(), outsider)
    ]
    for name in affordable(clickhouse.client, unusual, "unusual names"):
        exchange = clickhouse.create(name=name)
        expect(
            exchange.rejected or (exchange.succeeded and result(exchange).get("name") == name),
            "an unusual name is neither refused nor kept",
            expected="a 4xx answer, or a service of exactly this name",
            actual=exchange.line,
            exchange=exchange,
        )


def _kept(clickhouse: ClickhouseApi, name: str) -> None:
    exchange = clickhouse.specimen(name=name).exchange
    expect_status(exchange, 200)
    expect_equal(result(exchange).get("name"), name, "the name", exchange)


@requirement("CH-SVC-NAME-TYPE", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(NOT_TEXT, {"null", "integer"}))
def test_a_name_that_is_no_text_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A name of any other JSON type than string is refused."""
    expect_creation_refused(clickhouse, clickhouse.creation(name=value), "the name is no string")


@requirement("CH-SVC-REGION", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(NOT_TEXT, {"null", "integer"}))
def test_a_region_that_is_no_text_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A region of any other JSON type than string is refused."""
    expect_creation_refused(
        clickhouse, clickhouse.creation(region=value), "the region is no string"
    )


@requirement("CH-SVC-PROVIDER", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(misspellings("aws") | NOT_TEXT, NEAR))
def test_a_value_that_names_no_provider_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A provider outside the enumeration is refused, however similar."""
    body = clickhouse.creation(provider=value)
    expect_creation_refused(clickhouse, body, "the provider is none of the documented ones")


@requirement("CH-SVC-SIZE", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize(
    "value",
    cases(misspellings("r6gd.medium") | NOT_TEXT, NEAR),
)
def test_a_value_that_names_no_size_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A size outside the enumeration is refused, however similar."""
    body = clickhouse.creation(size=value)
    expect_creation_refused(clickhouse, body, "the size is none of the documented ones")


@requirement("CH-SVC-HA", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(misspellings("sync") | NOT_TEXT, NEAR))
def test_a_value_that_names_no_availability_is_refused(
    clickhouse: ClickhouseApi, value: Any
) -> None:
    """A haType outside the enumeration is refused, however similar."""
    body = clickhouse.creation(haType=value)
    expect_creation_refused(clickhouse, body, "the haType is none of the documented ones")


@requirement("CH-SVC-VERSION", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize(
    "value",
    [
        *cases({name: v for name, v in misspellings("18").items() if v != "18"}, NEAR),
        pytest.param("16", id="older"),
        pytest.param("9.6", id="old"),
        pytest.param("18.1", id="minor"),
        pytest.param(18, id="integer-18"),
        pytest.param(None, id="null"),
        pytest.param(True, id="true"),
        pytest.param(["18"], id="array"),
    ],
)
def test_a_value_that_names_no_version_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A postgresVersion outside the enumeration is refused, a JSON number included."""
    body = clickhouse.creation(postgresVersion=value)
    expect_creation_refused(clickhouse, body, "the version is none of the documented ones")


@requirement("CH-SVC-TAGS-KEY", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(BAD_KEYS, {"limit+1", "blank", "newline-after", "missing"}))
def test_a_create_with_a_bad_tag_key_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A create whose tags have no valid key is refused."""
    expect_creation_refused(
        clickhouse, clickhouse.creation(tags=value), "a tag's key breaks its rule"
    )


@requirement("CH-SVC-TAGS-VALUE", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(BAD_VALUES, {"limit+1", "newline-after", "empty"}))
def test_a_create_with_a_bad_tag_value_is_refused(clickhouse: ClickhouseApi, value: Any) -> None:
    """A create with a tag value that breaks its rule is refused."""
    body = clickhouse.creation(tags=value)
    expect_creation_refused(clickhouse, body, "a tag's value breaks its rule")


@requirement("CH-SVC-TAGS-COUNT", "CH-SVC-CREATE-REJECT-NOTHING")
def test_a_create_with_51_tags_is_refused(clickhouse: ClickhouseApi) -> None:
    """A create with one tag more than fifty is refused."""
    expect_creation_refused(clickhouse, clickhouse.creation(tags=tags(51)), "there are 51 tags")


@requirement("CH-SVC-TAGS-COUNT", "CH-SVC-TAGS-ECHO")
def test_a_create_with_50_tags_is_accepted(clickhouse: ClickhouseApi) -> None:
    """A create with fifty tags is accepted and shows all of them."""
    specimen = clickhouse.specimen(tags=MANY_TAGS)
    expect_status(specimen.exchange, 200, requirement="CH-SVC-TAGS-COUNT")
    shown = result(specimen.read) or {}
    expect_equal(len(shown.get("tags", [])), 50, "the number of tags", specimen.read)


@requirement("CH-CFG-UNKNOWN-PARAMETER", "CH-SVC-CREATE-REJECT-NOTHING")
def test_a_create_with_an_unknown_parameter_is_refused(clickhouse: ClickhouseApi) -> None:
    """A create whose pgConfig names an undocumented parameter is refused."""
    body = clickhouse.creation(pgConfig={"no_such_parameter": 1})
    expect_creation_refused(clickhouse, body, "the parameter is not documented")


@requirement("CH-CFG-VALUE-TYPE", "CH-SVC-CREATE-REJECT-NOTHING")
@pytest.mark.parametrize("value", cases(NOT_A_VALUE, {"true", "null"}))
def test_a_create_with_a_wrong_parameter_type_is_refused(
    clickhouse: ClickhouseApi, value: Any
) -> None:
    """A create whose pgConfig has a value of a wrong JSON type is refused."""
    body = clickhouse.creation(pgConfig={"max_connections": value})
    expect_creation_refused(clickhouse, body, "the value is neither a number nor a string")


@requirement("CH-CFG-RANGE", "CH-SVC-CREATE-REJECT-NOTHING")
def test_a_create_with_a_parameter_below_its_minimum_is_refused(clickhouse: ClickhouseApi) -> None:
    """A create whose pgConfig has a number below its minimum is refused."""
    body = clickhouse.creation(pgConfig={"max_connections": 0})
    expect_creation_refused(clickhouse, body, "max_connections is below 1")


@requirement("CH-REQUEST-UNKNOWN-MEMBER")
def test_a_member_that_the_schema_does_not_name_is_ignored(clickhouse: ClickhouseApi) -> None:
    """A create with storageSize and a newer member is accepted as if they were absent."""
    expect_status(clickhouse.specimen(**UNNAMED).exchange, 200)
