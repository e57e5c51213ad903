"""clickhouse: values about which the documents contradict each other."""

from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.expectation import expect_equal, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import comparable, result
from pgassay.families.clickhouse_expectations import configuration


@requirement("HTTP-IDENTIFIER-MALFORMED")
def test_the_nil_uuid_names_no_service(clickhouse: ClickhouseApi) -> None:
    """The nil UUID is refused, as an unknown identifier is or as a malformed one."""
    exchange = clickhouse.get("00000000-0000-0000-0000-000000000000")
    expect_rejected(exchange, "the nil UUID names no service")


@full
@requirement("CH-VALUE-KEPT")
@pytest.mark.parametrize(
    "parameter", ["max_slot_wal_keep_size", "autovacuum_work_mem", "autovacuum_vacuum_cost_limit"]
)
def test_minus_one_as_a_number_is_refused_or_kept(
    clickhouse: ClickhouseApi, service: Any, parameter: str
) -> None:
    """The number -1, special and below the minimum, is refused or comes to be read."""
    before = comparable(result(clickhouse.configuration(service["id"])))
    body = configuration({parameter: -1})
    exchange = clickhouse.replace_configuration(service["id"], body)
    if exchange.rejected:
        after = comparable(result(clickhouse.configuration(service["id"])))
        expect_equal(after, before, "the configuration", exchange)
        return
    expect_status(exchange, 200)
    waited = clickhouse.wait_configuration(service["id"], body)
    expect_equal(waited.value, comparable(body), "the configuration", exchange)
