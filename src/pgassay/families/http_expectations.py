"""Expectations of HTTP that several checks share: what a server may make of an odd request."""

from collections.abc import Mapping, Sequence
from typing import Final

from pgassay.deviation import Deviation, NoAnswer
from pgassay.exchange import Exchange
from pgassay.expectation import expect
from pgassay.families.site import Deed, Site
from pgassay.waiting import wait_until
from pgassay.wire import CLOSED, Conversation, Message

#: Refusals that are server errors by their numbers (RFC 9110, sections 15.6.2 and 15.6.6).
NOT_SUPPORTED: Final = frozenset({501, 505})
#: Fields that an answer has once at most (RFC 9110, section 5.3): they are no lists.
SINGLE: Final = (
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "etag",
    "last-modified",
    "location",
    "retry-after",
    "server",
)


def refused(exchange: Exchange) -> bool:
    """Tell whether a request was turned away, if need be by closing the connection."""
    by_status = exchange.rejected or exchange.status in NOT_SUPPORTED
    return by_status if exchange.answered else exchange.failure == CLOSED


def expect_message_refused(site: Site, exchange: Exchange, rule: str) -> None:
    """Expect that a broken message was refused, and that the server goes on."""
    expect(
        refused(exchange),
        f"not refused: {rule}",
        expected="a 4xx answer, or a closed connection",
        actual=exchange.line,
        exchange=exchange,
    )
    expect_well(site)


def expect_borne(site: Site, exchange: Exchange, what: str) -> None:
    """Expect that an odd message was answered or refused, and that the server goes on."""
    expect(
        exchange.succeeded or refused(exchange),
        f"not borne: {what}",
        expected="a 2xx or 4xx answer, or a closed connection",
        actual=exchange.line,
        exchange=exchange,
    )
    expect_well(site)


def expect_well(site: Site) -> None:
    """Expect that the site's thing can be read."""
    exchange = site.send("GET")
    expect(
        exchange.succeeded,
        "the server does not go on after an odd request",
        expected="a 2xx answer to a GET",
        actual=exchange.line,
        exchange=exchange,
    )


def expect_done(site: Site, deed: Deed, exchange: Exchange, what: str) -> None:
    """Expect that a valid change was made, in whatever form it was sent."""
    timing = site.client.target.timing
    made = (
        exchange.succeeded
        and wait_until(deed.done, bool, budget=timing.config, poll=timing.poll).reached
    )
    expect(
        made,
        f"a valid change is not made: {what}",
        expected="a 2xx answer, and the change in a read",
        actual=exchange.line + ("" if exchange.succeeded else f" {exchange.text[:200]}"),
        exchange=exchange,
    )


def expect_not_done(deed: Deed, exchange: Exchange, what: str) -> None:
    """Expect that a change was not made."""
    expect(
        not deed.done(),
        f"a change is made: {what}",
        expected="the state as it was",
        actual=exchange.line,
        exchange=exchange,
    )


def in_time(site: Site, *messages: Message, what: str, at_once: bool = False) -> Conversation:
    """Send messages that a server must answer; silence is a deviation."""
    try:
        return site.client.converse(*messages, at_once=at_once)
    except NoAnswer as unanswered:
        silent = unanswered.exchange
        raise Deviation(
            f"no answer: {what}", "an interim or final answer", silent.line, exchange=silent
        ) from unanswered


def head_differs(told: Mapping[str, str], gets: Sequence[Mapping[str, str]]) -> str:
    """The first header that HEAD tells otherwise than all GETs of its path do; empty if none.

    HEAD may leave headers out, and what differs between the GETs says nothing (RFC 9110, 9.3.2).
    """
    for name in ("content-type", "content-length", "etag"):
        values = {headers.get(name) for headers in gets}
        if name in told and len(values) == 1 and told[name] not in values:
            return name
    return ""
