"""clickhouse slow queries: the list of patterns, sorted, filtered and paged, and their details."""

from datetime import timedelta

import pytest

from pgassay.check import requirement
from pgassay.clock import utc_now
from pgassay.deviation import NotTestable
from pgassay.exchange import Json
from pgassay.expectation import expect, expect_equal, expect_member, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.observation_expectations import (
    INTRUDERS,
    expect_every_form,
    expect_execution_of,
    expect_no_moment_read,
    expect_out_of_reach,
    expect_queries_refused,
    expect_sorted,
    listed_patterns,
    recorded,
)
from pgassay.values.slow_queries import (
    FILTERS,
    NEEDED,
    SORT_KEYS,
    detail_query,
    disagreements,
    identity,
)
from pgassay.values.timestamps import utc_time
from pgassay.values.windows import last_hour, moment

DEFAULT_LIMIT = 20


@requirement("CH-SLOW-QUERIES-WINDOW")
@pytest.mark.parametrize("missing", ["from_date", "to_date"])
def test_slow_queries_need_a_window(clickhouse: ClickhouseApi, observed: str, missing: str) -> None:
    """A list without one of the borders is refused."""
    fault: dict[str, str | None] = {missing: None}
    expect_queries_refused(
        lambda query: clickhouse.slow_queries(observed, query),
        last_hour(),
        {f"{missing} is missing": fault},
    )


@requirement("CH-SLOW-QUERIES-LIMIT")
@pytest.mark.parametrize("limit", ["", "1", "2", "500"])
def test_the_list_has_as_many_items_as_asked_for(
    clickhouse: ClickhouseApi, observed: str, limit: str
) -> None:
    """The list has as many patterns as the limit says, 20 without one, if there are so many."""
    query, patterns = recorded(clickhouse, observed)
    del query["limit"]
    asked = {"limit": limit} if limit else {}
    exchange = clickhouse.slow_queries(observed, query | asked)
    wanted = min(len(patterns), int(limit or DEFAULT_LIMIT))
    expect_equal(len(listed_patterns(exchange)), wanted, "the number of patterns", exchange)


@requirement("CH-SLOW-QUERIES-LIMIT")
def test_a_limit_outside_its_range_is_refused(clickhouse: ClickhouseApi, observed: str) -> None:
    """Limits other than whole numbers from 1 to 500 are refused."""
    faults = {f"the limit is {text}": {"limit": text} for text in ("0", "501", "-1", "abc", "1.5")}
    expect_queries_refused(
        lambda query: clickhouse.slow_queries(observed, query),
        last_hour(limit="500"),
        dict(faults),
    )


@requirement("CH-SLOW-QUERIES-OFFSET")
def test_an_offset_that_is_no_count_is_refused(clickhouse: ClickhouseApi, observed: str) -> None:
    """Offsets other than whole numbers from 0 on are refused."""
    faults = {f"the offset is {text}": {"offset": text} for text in ("-1", "abc", "0.5")}
    expect_queries_refused(
        lambda query: clickhouse.slow_queries(observed, query),
        last_hour(offset="0"),
        dict(faults),
    )


@requirement("CH-SLOW-QUERIES-SORT")
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_list_is_sorted_by_each_field(
    clickhouse: ClickhouseApi, observed: str, order: str
) -> None:
    """By each of the 13 fields the whole list rises or falls, as it was asked for."""
    query, _ = recorded(clickhouse, observed)
    for key, member in SORT_KEYS.items():
        asked = {**query, "sort_by": key, "sort_order": order}
        exchange = clickhouse.slow_queries(observed, asked)
        values = [expect_member(each, member, exchange) for each in listed_patterns(exchange)]
        expect_sorted(values, key, descending=order == "desc", exchange=exchange)


@requirement("CH-SLOW-QUERIES-SORT")
@pytest.mark.parametrize("key", ["call_count", "max_duration", "total_wal_bytes"])
def test_a_short_list_has_the_largest(clickhouse: ClickhouseApi, observed: str, key: str) -> None:
    """Patterns are sorted before they are cut off: the first one is the largest of all."""
    query, patterns = recorded(clickhouse, observed)
    exchange = clickhouse.slow_queries(observed, query | {"sort_by": key, "limit": "1"})
    shown = [expect_member(each, SORT_KEYS[key], exchange) for each in listed_patterns(exchange)]
    largest = max(expect_member(each, SORT_KEYS[key]) for each in patterns)
    expect_equal(shown, [largest], f"the largest value by {key}", exchange)


@requirement("CH-SLOW-QUERIES-SORT-DEFAULT")
def test_the_list_begins_with_the_longest_total(clickhouse: ClickhouseApi, observed: str) -> None:
    """Without any choice the list falls in total duration."""
    query, patterns = recorded(clickhouse, observed)
    if len({pattern.get("totalDurationUs") for pattern in patterns}) < 2:
        raise NotTestable("all patterns have the same total duration")
    exchange = clickhouse.slow_queries(observed, query)
    values = [
        expect_member(each, "totalDurationUs", exchange) for each in listed_patterns(exchange)
    ]
    expect_sorted(values, "total duration", descending=True, exchange=exchange)


@requirement("CH-SLOW-QUERIES-SORT-INVALID")
def test_an_unknown_order_is_refused(clickhouse: ClickhouseApi, observed: str) -> None:
    """Fields and directions that are not documented are refused."""
    faults: dict[str, dict[str, str | None]] = {
        "the field is a member's name": {"sort_by": "totalDurationUs"},
        "the field is unknown": {"sort_by": "query_text"},
        "the field is empty": {"sort_by": ""},
        "the direction is unknown": {"sort_order": "descending"},
        "the direction is in capitals": {"sort_order": "DESC"},
    }
    expect_queries_refused(
        lambda query: clickhouse.slow_queries(observed, query),
        last_hour(sort_by="call_count", sort_order="desc"),
        faults,
    )


@requirement("CH-SLOW-QUERIES-PAGING")
def test_pages_put_together_are_the_list(clickhouse: ClickhouseApi, observed: str) -> None:
    """Pages of a closed window have every pattern of the list once, and in its order."""
    query, patterns = recorded(clickhouse, observed, least=3)
    size, paged = max(1, len(patterns) // 3), []
    for offset in range(0, len(patterns) + size, size):
        page = query | {"limit": str(size), "offset": str(offset)}
        paged += listed_patterns(clickhouse.slow_queries(observed, page))
    shown, wanted = ([list(identity(each)) for each in found] for found in (paged, patterns))
    expect_equal(shown, wanted, "the pages put together")


@requirement("CH-SLOW-QUERIES-FILTERS")
@pytest.mark.parametrize("name", ["db_name", "db_user", "db_operation", "app"])
def test_a_filter_leaves_what_is_equal(clickhouse: ClickhouseApi, observed: str, name: str) -> None:
    """A filter leaves all patterns with the value and no other; of an unknown value, nothing."""
    query, patterns = recorded(clickhouse, observed)
    values = {str(pattern.get(FILTERS[name], "")) for pattern in patterns} - {""}
    for value in [*sorted(values)[:3], "Nobody_ever_used_this"]:
        exchange = clickhouse.slow_queries(observed, query | {name: value})
        shown = sorted(str(identity(each)) for each in listed_patterns(exchange))
        wanted = sorted(
            str(identity(each)) for each in patterns if each.get(FILTERS[name]) == value
        )
        expect_equal(shown, wanted, f"what is left by {name}={value}", exchange)


@requirement("CH-SLOW-QUERIES-INVARIANTS")
def test_the_figures_of_a_pattern_agree(clickhouse: ClickhouseApi, observed: str) -> None:
    """Percentiles, averages, totals, calls and errors of each pattern do not contradict."""
    _, patterns = recorded(clickhouse, observed, least=1)
    wrong = [
        f"{pattern.get('queryId')}: {text}"
        for pattern in patterns
        for text in disagreements(pattern)
    ]
    expect_equal(wrong[:5], [], "the list of contradictions")


@requirement("CH-SLOW-QUERIES-DETAIL")
def test_a_detail_is_of_the_listed_pattern(clickhouse: ClickhouseApi, observed: str) -> None:
    """Aggregate and executions of a detail are of the pattern that was listed."""
    _, patterns = recorded(clickhouse, observed)
    for pattern in patterns[:5]:
        exchange = clickhouse.slow_query(
            observed, str(pattern.get("queryId")), detail_query(pattern)
        )
        expect_status(exchange, 200)
        detail = result(exchange)
        expect_execution_of(expect_member(detail, "aggregate", exchange), pattern, exchange)
        for execution in expect_member(detail, "recentExecutions", exchange):
            expect_execution_of(execution, pattern, exchange)


@requirement("CH-SLOW-QUERIES-DETAIL-REQUIRED")
def test_a_detail_needs_what_tells_patterns_apart(clickhouse: ClickhouseApi, observed: str) -> None:
    """A detail without database, role or kind of statement is refused."""
    _, patterns = recorded(clickhouse, observed, least=1)
    query_id = str(patterns[0].get("queryId"))
    faults = {f"{name} is missing": {name: None} for name in NEEDED}
    expect_queries_refused(
        lambda query: clickhouse.slow_query(observed, query_id, query),
        detail_query(patterns[0]),
        dict(faults),
    )


@requirement("CH-SLOW-QUERIES-NEGATIVE-ID")
def test_a_negative_identifier_is_found(clickhouse: ClickhouseApi, observed: str) -> None:
    """An identifier that begins with a minus sign is one like any other."""
    _, patterns = recorded(clickhouse, observed, least=1)
    negative = [each for each in patterns if str(each.get("queryId")).startswith("-")]
    if not negative:
        raise NotTestable("no pattern of the service has a negative identifier")
    query_id = str(negative[0].get("queryId"))
    exchange = clickhouse.slow_query(observed, query_id, detail_query(negative[0]))
    expect_status(exchange, 200)
    aggregate = expect_member(result(exchange), "aggregate", exchange)
    expect_equal(aggregate.get("queryId"), query_id, "the identifier", exchange)


@requirement("CH-SLOW-QUERIES-UNKNOWN-ID")
def test_an_unknown_identifier_has_no_detail(clickhouse: ClickhouseApi, observed: str) -> None:
    """The detail of an identifier that nothing has is 404, or empty."""
    _, patterns = recorded(clickhouse, observed, least=1)
    unknown = str(max(abs(int(str(each.get("queryId") or 0))) for each in patterns) // 2 + 1)
    exchange = clickhouse.slow_query(observed, unknown, detail_query(patterns[0]))
    if exchange.status == 404:
        return
    expect_status(exchange, 200, 404)
    expect(
        "aggregate" not in result(exchange) and result(exchange).get("recentExecutions") == [],
        "an unknown identifier has a detail",
        expected="404, or no aggregate and no executions",
        actual=show(result(exchange)),
        exchange=exchange,
    )


@requirement("CH-SLOW-QUERIES-TIMESTAMP-FORMS")
def test_the_window_is_read_in_every_form(clickhouse: ClickhouseApi, observed: str) -> None:
    """Both borders are read with and without fractions, with Z and with numeric offsets."""
    expect_every_form(lambda query: clickhouse.slow_queries(observed, query))


@requirement("CH-SLOW-QUERIES-TIMESTAMP-INVALID")
def test_a_border_that_is_no_moment_is_refused(clickhouse: ClickhouseApi, observed: str) -> None:
    """Texts that are no RFC 3339 date-time are refused as borders of the window."""
    expect_no_moment_read(lambda query: clickhouse.slow_queries(observed, query), last_hour())


@requirement("CH-SLOW-QUERIES-TIMESTAMP-ROUND-TRIP")
def test_a_shown_time_is_read_again(clickhouse: ClickhouseApi, observed: str) -> None:
    """The time of an execution, as it is shown, is read by the detail and by the list."""
    pattern, execution = _execution(clickhouse, observed)
    shown, query_id = str(execution.get("timestamp")), str(pattern.get("queryId"))
    again = detail_query(pattern, timestamp=shown)
    detail = clickhouse.slow_query(observed, query_id, again)
    expect_status(detail, 200, title=f"the shown time {shown} is not read as timestamp")
    # The server's clock may be ahead: the window ends after what it has shown.
    end = max(utc_now(), (utc_time(shown) or utc_now()) + timedelta(minutes=1))
    listed = clickhouse.slow_queries(observed, {"from_date": shown, "to_date": moment(end)})
    expect_status(listed, 200, title=f"the shown time {shown} is not read as from_date")


@requirement("CH-SLOW-QUERIES-ACCESS")
@pytest.mark.parametrize("intruder", INTRUDERS)
def test_slow_queries_are_out_of_reach(
    clickhouse: ClickhouseApi, observed: str, intruder: str
) -> None:
    """Nobody else gets the slow queries, and a service that does not exist has none."""
    expect_out_of_reach(clickhouse, observed, "slowQueryPatterns", last_hour(), intruder)


def _execution(api: ClickhouseApi, service: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """A listed pattern with one of its executions; raises `NotTestable` where none is shown."""
    _, patterns = recorded(api, service, least=1)
    for pattern in patterns[:5]:
        exchange = api.slow_query(service, str(pattern.get("queryId")), detail_query(pattern))
        found = result(exchange)
        executions = found.get("recentExecutions") if isinstance(found, dict) else None
        if executions and isinstance(executions[0], dict):
            return pattern, executions[0]
    raise NotTestable("no pattern of the service shows an execution")
