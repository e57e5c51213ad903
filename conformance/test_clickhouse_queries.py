"""clickhouse queries: every parameter of metrics and slow queries with every fault of a text."""

from typing import Final

import pytest

from pgassay.check import judging
from pgassay.families import ClickhouseApi
from pgassay.families.observation_expectations import expect_queries_refused
from pgassay.values.queries import wrong_queries
from pgassay.values.windows import last_hour

#: The requirements on parameters, by what is asked for.
JUDGES: Final = {
    "metrics": {
        "from_date": "CH-METRICS-TIMESTAMP-INVALID",
        "to_date": "CH-METRICS-TIMESTAMP-INVALID",
        "bucket_size_seconds": "CH-METRICS-BUCKET",
    },
    "slow-queries": {
        "from_date": "CH-SLOW-QUERIES-TIMESTAMP-INVALID",
        "to_date": "CH-SLOW-QUERIES-TIMESTAMP-INVALID",
        "limit": "CH-SLOW-QUERIES-LIMIT",
        "offset": "CH-SLOW-QUERIES-OFFSET",
        "sort_by": "CH-SLOW-QUERIES-SORT-INVALID",
        "sort_order": "CH-SLOW-QUERIES-SORT-INVALID",
    },
}


def _cases(asked: str) -> list[object]:
    return [
        pytest.param(name, id=name, marks=judging(identifier))
        for name, identifier in JUDGES[asked].items()
    ]


@pytest.mark.parametrize("parameter", _cases("metrics"))
def test_wrong_parameters_of_metrics_are_refused(
    clickhouse: ClickhouseApi, observed: str, parameter: str, examples: int
) -> None:
    """A window or bucket size outside its documented form is refused."""
    twin = last_hour(bucket_size_seconds="300")
    expect_queries_refused(
        lambda query: clickhouse.metrics(observed, query),
        twin,
        wrong_queries("postgresInstanceMetricsGet", twin, parameter, examples),
    )


@pytest.mark.parametrize("parameter", _cases("slow-queries"))
def test_wrong_parameters_of_slow_queries_are_refused(
    clickhouse: ClickhouseApi, observed: str, parameter: str, examples: int
) -> None:
    """A window, limit, offset or order outside its documented form is refused."""
    twin = last_hour(limit="20", offset="0", sort_by="call_count", sort_order="desc")
    expect_queries_refused(
        lambda query: clickhouse.slow_queries(observed, query),
        twin,
        wrong_queries("slowQueryPatternsGetList", twin, parameter, examples),
    )
