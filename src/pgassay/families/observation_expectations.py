"""Expectations about what a service lets others see: who sees it, of which time, and how sorted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from pgassay.clock import utc_now
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS, Exchange, Json
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status, show
from pgassay.families.clickhouse import ClickhouseApi, result
from pgassay.families.clickhouse_operations import NOBODY
from pgassay.values.metrics import Series, series_of
from pgassay.values.slow_queries import IDENTITY
from pgassay.values.windows import FORMS, NO_MOMENTS, in_form, last_hour, moment, the_last
from pgassay.waiting import wait_until

#: Sends the request with a query.
Fetch = Callable[[dict[str, str]], Exchange]
#: Who must not see anything of a service.
INTRUDERS: Final = ("anonymous", "stranger", "of-nothing")
_WHOLE: Final = "500"
#: So many patterns show how they are sorted and paged.
_ENOUGH: Final = 3


def expect_out_of_reach(
    api: ClickhouseApi, service: str, part: str, query: Mapping[str, str], intruder: str
) -> None:
    """Expect that one of `INTRUDERS` is refused what the service's owner gets."""
    expect_status(api.send("GET", api.path(service, part), query=query), 200)
    credential = {"anonymous": ANONYMOUS, "stranger": "other_tenant"}.get(intruder, "main")
    path = api.path(NOBODY if intruder == "of-nothing" else service, part)
    refused = api.send("GET", path, query=query, credential=credential)
    expect_rejected(refused, "the service is not there for the caller")


def expect_every_form(fetch: Fetch) -> None:
    """Expect that both borders of a window are read in every RFC 3339 form."""
    end = utc_now()
    begin = end - timedelta(minutes=5)
    expect_status(fetch({"from_date": moment(begin), "to_date": moment(end)}), 200)
    refused = [
        f"{name} as {in_form(at, form)}"
        for form in FORMS
        for name, at in (("from_date", begin), ("to_date", end))
        if not fetch(
            {"from_date": moment(begin), "to_date": moment(end), name: in_form(at, form)}
        ).succeeded
    ]
    expect_equal(refused, [], "the list of forms that are refused")


def expect_no_moment_read(fetch: Fetch, twin: Mapping[str, str]) -> None:
    """Expect that a border of the window that names no moment is refused."""
    expect_status(fetch(dict(twin)), 200)
    for name in ("from_date", "to_date"):
        for what, text in NO_MOMENTS.items():
            rule = f"{name} is no moment ({what})"
            expect_rejected(fetch({**twin, name: text}), rule)


def expect_queries_refused(
    fetch: Fetch, twin: Mapping[str, str], faults: Mapping[str, Mapping[str, str | None]]
) -> None:
    """Expect that the query `twin` is answered, and refused with each of the named faults.

    A fault gives parameters other values; None leaves a parameter out.
    """
    expect_status(fetch(dict(twin)), 200)
    for what, changes in faults.items():
        query = {name: value for name, value in {**twin, **changes}.items() if value is not None}
        expect_rejected(fetch(query), what)


def measured(
    api: ClickhouseApi, service: str, length: timedelta, bucket: int | None = None
) -> tuple[dict[str, str], tuple[Series, ...], Exchange]:
    """Return the query, the series and the answer of a window that ends now, read once for all.

    A service has no points before the collector's first round, which is waited for. Raises
    `NotTestable` without any point: what was not measured cannot show how it is told.
    """
    rest = {} if bucket is None else {"bucket_size_seconds": str(bucket)}
    exchange = api.proven(
        f"metrics of {length} by {bucket}",
        lambda: _collected(
            api,
            lambda: api.metrics(service, the_last(length, **rest)),
            lambda found: _points(found) > 0,
        ),
    )
    expect_status(exchange, 200)
    if not _points(exchange):
        raise NotTestable("the metrics of the service have no data points")
    return _query(exchange), series_of(result(exchange)), exchange


def listed_patterns(exchange: Exchange) -> list[dict[str, Json]]:
    """Return the patterns of a slow query list; expects that it is answered with a list."""
    expect_status(exchange, 200)
    found = result(exchange)
    expect(
        isinstance(found, list) and all(isinstance(item, dict) for item in found),
        "the slow queries are no list of patterns",
        expected="an array of objects",
        actual=show(found),
        exchange=exchange,
    )
    return list(found)


def recorded(
    api: ClickhouseApi, service: str, least: int = 2
) -> tuple[dict[str, str], list[dict[str, Json]]]:
    """Return a window that is over with its patterns, which are read once for all.

    Raises `NotTestable` with fewer patterns than `least`: what nobody ran cannot show how it is
    sorted, filtered or counted.
    """
    if api.settings.slow_query_data == "none":
        raise NotTestable('[clickhouse] slow_query_data = "none": no queries have been recorded')
    exchange = api.proven(
        "slow queries",
        lambda: _collected(
            api,
            lambda: api.slow_queries(service, last_hour(limit=_WHOLE)),
            lambda found: len(listed_patterns(found)) >= _ENOUGH,
        ),
    )
    patterns = listed_patterns(exchange)
    if len(patterns) < least:
        raise NotTestable(f"the service has had fewer than {least} query patterns")
    return _query(exchange), patterns


def expect_sorted(
    values: Sequence[float], what: str, *, descending: bool, exchange: Exchange
) -> None:
    """Expect that figures rise or fall from one item of a list to the next."""
    expect(
        list(values) == sorted(values, reverse=descending),
        f"the list is not sorted by {what}",
        expected=f"{'falling' if descending else 'rising'} values",
        actual=show(list(values)),
        exchange=exchange,
    )


def expect_execution_of(execution: Json, pattern: Mapping[str, Json], exchange: Exchange) -> None:
    """Expect that an execution (or an aggregate) belongs to a pattern."""
    own = [member for member in IDENTITY if member != "app"]
    found = execution if isinstance(execution, dict) else {}
    shown = {member: found.get(member) for member in own}
    wanted = {member: pattern.get(member) for member in own}
    expect_equal(shown, wanted, "what the detail is about", exchange)


def _collected(
    api: ClickhouseApi, fetch: Callable[[], Exchange], enough: Callable[[Exchange], bool]
) -> Exchange:
    """Fetch until there is enough to judge by; the collector's next two rounds are waited for."""
    budget = 2 * api.timing.config
    return wait_until(fetch, enough, budget=budget, poll=api.timing.poll).value


def _points(exchange: Exchange) -> int:
    return sum(len(series.points) for series in series_of(result(exchange)))


def _query(exchange: Exchange) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(exchange.request.path).query))
