"""The end of a service, recorded once for all checks that look at what must be gone."""

from contextlib import suppress
from dataclasses import dataclass

from pgassay.deviation import Deviation
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect
from pgassay.families.clickhouse import ClickhouseApi
from pgassay.families.clickhouse_expectations import kept


@dataclass(frozen=True, slots=True)
class Deletion:
    """A service that is gone: the answers to its first two deletes, and another one meanwhile.

    `measured` tells whether the organisation's metrics had it before; `before` and `after` are how
    the other service was shown.
    """

    id: str
    first: Exchange
    second: Exchange
    measured: bool
    before: Json
    after: Json


def deleted(api: ClickhouseApi, service: str, other: str) -> Deletion:
    """Delete a running service twice and wait until it is gone.

    Raises `Deviation` when it does not go.
    """
    measured = False
    with suppress(Deviation):  # a check of its own judges the metrics
        measured = api.wait_metrics("", lambda scrape: service in scrape.services).reached
    before = kept(api.shown(other))
    first = api.delete(service)
    expect(
        first.succeeded,
        "a running service cannot be deleted",
        expected="status 200",
        actual=first.line,
        exchange=first,
        requirement="CH-SVC-DELETE",
    )
    second = api.delete(service)
    api.wait_gone(service)
    return Deletion(service, first, second, measured, before, kept(api.shown(other)))
