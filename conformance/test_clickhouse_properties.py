"""clickhouse: rules tried with values that are drawn from the run's seed."""

from typing import Any

from pgassay.check import kind, requirement
from pgassay.exchange import Json
from pgassay.expectation import expect_equal, expect_status
from pgassay.exploration import explore
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_expectations import (
    configuration,
    expect_patched,
    expect_replacement_refused,
    expect_scaling_refused,
    expect_update_refused,
)
from pgassay.values.configuration import Parameter
from pgassay.values.drawn import (
    broken_tags,
    long_names,
    mismatched_pairs,
    refused_settings,
    valid_names,
    valid_tags,
)
from pgassay.values.tags import as_set


@kind("property")
@requirement("CH-SVC-TAGS-KEY", "CH-SVC-TAGS-VALUE", "CH-SVC-TAGS-ECHO", "CH-SVC-TAGS-REPLACE")
def test_valid_tags_are_accepted_and_kept(
    clickhouse: ClickhouseApi, service: Any, seed: int, examples: int
) -> None:
    """Whatever valid tags are sent, they are accepted and read back as the whole set."""

    def judge(tags: list[Json]) -> None:
        exchange = clickhouse.patch(service["id"], {"tags": tags})
        expect_status(exchange, 200)
        shown = clickhouse.shown(service["id"]).get("tags")
        expect_equal(as_set(shown), as_set(tags), "tags", exchange)

    explore(valid_tags(), judge, seed=seed, examples=examples)


@kind("property")
@requirement("CH-SVC-PATCH-VALIDATION", "CH-SVC-TAGS-KEY", "CH-SVC-TAGS-VALUE")
def test_tags_with_one_fault_are_refused(
    clickhouse: ClickhouseApi, service: Any, seed: int, examples: int
) -> None:
    """Tags among which one key or value breaks its rule are refused and change nothing."""

    def judge(tags: list[Json]) -> None:
        expect_update_refused(clickhouse, service["id"], {"tags": tags}, "a tag breaks its rule")

    explore(broken_tags(), judge, seed=seed, examples=examples)


@kind("property")
@requirement("CH-SVC-PATCH-VALIDATION", "CH-SVC-NAME-LENGTH")
def test_names_that_are_too_long_are_refused(
    clickhouse: ClickhouseApi, service: Any, seed: int, examples: int
) -> None:
    """Names of more than 50 characters are refused and change nothing."""

    def judge(name: str) -> None:
        rule = f"the name has {len(name)} characters"
        expect_update_refused(clickhouse, service["id"], {"name": name}, rule)

    explore(long_names(), judge, seed=seed, examples=examples // 2)


@kind("property")
@requirement("CH-SVC-PATCH-NAME", "CH-SVC-NAME-CHARACTERS", "CH-SVC-NAME-LENGTH")
def test_valid_names_are_accepted_and_kept(
    clickhouse: ClickhouseApi, own_service: Any, seed: int, examples: int
) -> None:
    """Names of letters, digits and blanks up to 50 characters are accepted and come to be read."""
    service = own_service["id"]

    def judge(name: str) -> None:
        expect_patched(clickhouse, service, {"name": name})
        waited = clickhouse.wait_member(service, "name", name)
        expect_equal(waited.value.get("name"), name, "the name")

    explore(valid_names(clickhouse.names.nonce), judge, seed=seed, examples=examples // 3)


@kind("property")
@requirement("CH-CDC-PAIR", "CH-CDC-REJECT-UNTOUCHED")
def test_pairs_beside_the_documented_ones_are_refused(
    clickhouse: ClickhouseApi, seed: int, examples: int
) -> None:
    """CPU and memory that are no documented pair are refused and change nothing."""

    def judge(pair: tuple[Json, Json]) -> None:
        body = {"replicaCpuMillicores": pair[0], "replicaMemoryGb": pair[1]}
        expect_scaling_refused(clickhouse, body, "CPU and memory are no documented pair")

    explore(mismatched_pairs(), judge, seed=seed, examples=examples)


@kind("property")
@requirement("CH-CFG-RANGE", "CH-CFG-VALUE-TYPE", "CH-CFG-REJECT-UNTOUCHED")
def test_settings_beside_their_rules_are_refused(
    clickhouse: ClickhouseApi, service: Any, seed: int, examples: int
) -> None:
    """Numbers below a minimum and values of a wrong type are refused and change nothing."""

    def judge(setting: tuple[Parameter, Json]) -> None:
        parameter, value = setting
        body = configuration({parameter.name: value} | dict(parameter.companions))
        twin = configuration({parameter.name: parameter.example})
        rule = f"{parameter} does not take the value"
        expect_replacement_refused(clickhouse, service["id"], body, rule, twin)

    explore(refused_settings(), judge, seed=seed, examples=examples)
