"""Both families: connections that are kept, closed, broken, slow, and used ahead of answers."""

from dataclasses import replace

import pytest

from pgassay.check import full, requirement
from pgassay.exchange import ANONYMOUS
from pgassay.expectation import expect, expect_status, expect_success
from pgassay.families.http_expectations import (
    expect_borne,
    expect_done,
    expect_not_done,
    expect_well,
    in_time,
)
from pgassay.families.site import Site
from pgassay.target.model import Family
from pgassay.values.messages import KIBIBYTE, OLD, cut, dripping, impatient, verbatim, waiting
from pgassay.wire import CLOSED, Conversation, Message

FAMILIES = pytest.mark.parametrize("family", list(Family))


def expect_prefix(conversation: Conversation, *statuses: int) -> None:
    """Expect these answers in this order; a server may close after any of them."""
    answered = [reply.status for reply in conversation.replies if not reply.failure]
    failures = {reply.failure for reply in conversation.replies} - {"", CLOSED}
    expect(
        bool(answered) and answered == list(statuses[: len(answered)]) and not failures,
        "pipelined requests are not answered one after the other",
        expected=f"statuses {list(statuses)} in this order",
        actual=f"statuses {answered} {' '.join(failures)}".strip(),
        exchange=conversation.exchanges[0],
    )


@requirement("HTTP-PIPELINE")
@FAMILIES
def test_pipelined_reads_are_answered_in_their_order(site: Site) -> None:
    """Several GETs that are sent at once are answered completely, in the order of sending."""
    there, nowhere = site.request("GET"), site.request("GET", f"{site.thing}/nothing")
    order = [there, nowhere, there, there, nowhere]
    messages = [Message(each) for each in order]
    conversation = in_time(site, *messages, what="requests were sent at once", at_once=True)
    expect_prefix(conversation, 200, 404, 200, 200, 404)


@full
@requirement("HTTP-PIPELINE")
@FAMILIES
def test_a_change_that_is_sent_behind_a_read_is_made_once(site: Site) -> None:
    """A change that is sent before a read is answered comes after it."""
    deed = site.deed()
    messages = [Message(site.request("GET")), Message(deed.request), Message(site.request("GET"))]
    conversation = in_time(site, *messages, what="requests were sent at once", at_once=True)
    change = conversation.exchanges[1]
    expect_prefix(conversation, 200, change.status, 200)
    if change.answered:
        expect_done(site, deed, change, "it was sent behind a read")


@requirement("HTTP-KEEP-ALIVE")
@FAMILIES
def test_a_connection_serves_until_its_end_is_told(site: Site) -> None:
    """A connection takes a second and a third request unless an answer said that it ends."""
    conversation = site.client.converse(*[Message(site.request("GET"))] * 3)
    for before, after in zip(conversation.replies, conversation.replies[1:], strict=False):
        told = before.headers.get("connection", "").lower()
        if "close" in told or before.version == "1.0":
            return
        expect(
            after.status == 200,
            "a connection ends without notice",
            expected="another answer, or Connection: close before",
            actual=after.failure or f"status {after.status}",
            exchange=conversation.exchange,
        )


@requirement("HTTP-CLOSE")
@FAMILIES
def test_a_connection_ends_when_the_client_says_so(site: Site) -> None:
    """The server closes the connection behind the answer to a request with Connection: close."""
    patience = min(3.0, site.client.target.timing.request)
    conversation = site.say(site.request("GET", Connection="close"), linger=patience)
    expect_success(conversation.exchange)
    expect(
        conversation.closed,
        "the connection stays open",
        expected="the end of the connection behind the answer",
        actual=f"open after {patience:g} s",
        exchange=conversation.exchange,
    )


@full
@requirement("HTTP-VERSION")
@FAMILIES
def test_an_old_client_gets_what_it_can_read(site: Site) -> None:
    """A request of HTTP/1.0 is refused, or answered without a transfer coding."""
    conversation = site.say(site.request("GET"), OLD, linger=0.1)
    expect_borne(site, conversation.exchange, "a request of HTTP/1.0")
    told = conversation.reply.values("transfer-encoding")
    expect(
        not told,
        "an answer to HTTP/1.0 has a transfer coding",
        expected="no Transfer-Encoding",
        actual=str(told),
        exchange=conversation.exchange,
    )


@requirement("HTTP-EXPECT")
@FAMILIES
def test_a_client_that_waits_for_100_is_answered(site: Site) -> None:
    """An expectation is met with 100 and a final answer, or with a final answer at once."""
    deed = site.deed()
    conversation = in_time(
        site, Message(deed.request, waiting), what="the client waits for 100 (Continue)"
    )
    if 100 in conversation.reply.interim:
        expect_done(site, deed, conversation.exchange, "the body was sent after 100 (Continue)")
    else:
        expect_borne(site, conversation.exchange, "an expectation")


@full
@requirement("HTTP-EXPECT")
@FAMILIES
def test_a_client_that_does_not_wait_for_100_is_served(site: Site) -> None:
    """A body that follows an expectation at once is taken, unless expectations are refused."""
    deed = site.deed()
    exchange = in_time(
        site, Message(deed.request, impatient), what="the body is there already"
    ).exchange
    if exchange.status != 417:
        expect_done(site, deed, exchange, "the body followed its expectation at once")


@full
@requirement("HTTP-SLOW-BODY")
@FAMILIES
def test_a_body_that_comes_byte_by_byte_is_taken(site: Site) -> None:
    """A body in many small pieces is the same as one in one piece."""
    deed = site.deed()
    exchange = in_time(
        site, Message(deed.request, dripping), what="the body comes byte by byte"
    ).exchange
    expect_done(site, deed, exchange, "the body comes byte by byte")


@requirement("HTTP-INCOMPLETE-BODY")
@FAMILIES
def test_a_body_without_its_end_changes_nothing(site: Site) -> None:
    """A request whose body was cut off by the end of the connection is not carried out."""
    deed = site.deed()
    exchange = site.say(deed.request, cut).exchange
    expect_well(site)
    expect_not_done(deed, exchange, "the end of its body has not come")


@full
@requirement("HTTP-EARLY-REFUSAL")
@FAMILIES
def test_a_refusal_arrives_while_the_body_is_on_its_way(site: Site) -> None:
    """Who is refused while still sending a large body can read why."""
    body = b"x" * KIBIBYTE * KIBIBYTE
    request = replace(site.deed().request, credential=ANONYMOUS, body=body)
    exchange = site.say(request, verbatim).exchange
    expect(
        exchange.rejected,
        "a refusal is lost",
        expected="a 4xx answer",
        actual=exchange.line,
        exchange=exchange,
    )
    expect_status(site.send("GET"), 200)
