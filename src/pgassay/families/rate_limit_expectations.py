"""Expectations about the limit on what a key may send: windows that are used up on purpose."""

from collections.abc import Iterator

from pgassay.clock import clock
from pgassay.deviation import Deviation, Inconclusive, NotTestable
from pgassay.exchange import Exchange
from pgassay.expectation import expect_equal, expect_status
from pgassay.families.clickhouse import FAMILY, ClickhouseApi
from pgassay.rate_limit import rate_limit

TOO_MANY = 429


def spare_keys(api: ClickhouseApi) -> Iterator[str]:
    """Yield the credentials of the target, those first whose exhaustion slows no check down."""
    for name in ("read_only", "other_tenant", "main"):
        if api.client.target.credential(name, FAMILY) is not None:
            yield name


def burst(api: ClickhouseApi, key: str, most: int) -> list[Exchange]:
    """Send harmless requests one after the other until one is turned away, at most so many."""
    answers: list[Exchange] = []
    while len(answers) < most and (not answers or answers[-1].status != TOO_MANY):
        answers.append(api.send("GET", "/v1/organizations", credential=key, patient=False))
    return answers


def exhausted(api: ClickhouseApi, key: str) -> Exchange:
    """Use up the window of a key and return the refusal.

    What one key sends within the length of a window falls into two windows at most. Raises
    `Inconclusive` when the target answers too slowly for that.
    """
    most, started = 2 * api.settings.rate_limit + 1, clock().now()
    last = burst(api, key, most)[-1]
    if last.status == TOO_MANY:
        return last
    if clock().now() - started >= api.settings.rate_window:
        raise Inconclusive("the target answers too slowly for its window to be used up")
    raise Deviation(
        "a key sends more than its limit",
        f"429 after {api.settings.rate_limit} requests in a window",
        f"{most} requests in a row are answered",
        "CH-RATE-LIMIT",
        last,
    )


def at_fresh_window(api: ClickhouseApi, key: str) -> None:
    """Wait for the beginning of a window of a key, as the server announces it."""
    api.client.await_window(exhausted(api, key))


def expect_whole_limit(api: ClickhouseApi, key: str, *, beyond: int, requirement: str) -> None:
    """Expect that a fresh window takes as many requests as the limit, and refuses those `beyond`.

    Raises `Inconclusive` when the requests take longer than the window.
    """
    limit, started = api.settings.rate_limit, clock().now()
    answers = burst(api, key, limit + beyond)
    if clock().now() - started >= api.settings.rate_window:
        raise Inconclusive("the target answers too slowly for its window to be used up")
    statuses = [exchange.status for exchange in answers]
    wanted = [200] * limit + [TOO_MANY] * beyond
    expect_equal(statuses, wanted, "the statuses of a window", answers[-1], requirement)


def expect_turned_away(refused: Exchange, exchange: Exchange) -> None:
    """Expect that an exchange in the window of an earlier refusal is refused as well.

    Raises `Inconclusive` when the window may have been over.
    """
    left = rate_limit(refused).reset or 0.0
    if exchange.status != TOO_MANY and exchange.sent_at - refused.sent_at > 0.9 * left:
        raise Inconclusive("the window was over before the request was sent")
    expect_status(exchange, TOO_MANY, requirement="CH-RATE-LIMIT")


def two_keys(api: ClickhouseApi) -> tuple[str, str]:
    """Return two credentials of the target; raises `NotTestable` when it has one only."""
    keys = list(spare_keys(api))
    if len(keys) < 2:
        raise NotTestable("the target file has one credential only")
    return keys[0], keys[1]
