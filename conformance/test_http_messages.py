"""Both families: how requests and answers are framed, and what is broken about some."""

import pytest

from pgassay.check import full, requirement
from pgassay.expectation import expect
from pgassay.families.http_expectations import (
    SINGLE,
    expect_borne,
    expect_done,
    expect_message_refused,
    expect_not_done,
)
from pgassay.families.site import Site, templates
from pgassay.target.model import Family
from pgassay.values.messages import (
    ABSOLUTE,
    AMBIGUOUS,
    BROKEN_FIELDS,
    CHUNKED,
    FORGIVABLE,
    HOSTS,
    LONG_HEADS,
)
from pgassay.values.selection import cases
from pgassay.wire import Form

FAMILIES = pytest.mark.parametrize("family", list(Family))
READS = pytest.mark.parametrize(("family", "template"), templates("GET"))


@requirement("HTTP-CHUNKED")
@FAMILIES
@pytest.mark.parametrize("form", cases(CHUNKED))
def test_a_body_in_chunks_is_the_same_body(site: Site, form: Form) -> None:
    """A body in chunks of any size, with extensions or a trailer, is read; or 411 asks for more."""
    deed = site.deed()
    exchange = site.say(deed.request, form).exchange
    if exchange.status != 411:
        expect_done(site, deed, exchange, "its body came in chunks")


@requirement("HTTP-BODY-LENGTH")
@FAMILIES
@pytest.mark.parametrize("form", cases(AMBIGUOUS))
def test_a_body_of_uncertain_length_is_refused(site: Site, form: Form) -> None:
    """A request whose body ends in different places for different readers is refused."""
    deed = site.deed()
    exchange = site.say(deed.request, form).exchange
    expect_message_refused(site, exchange, "the length of the body is ambiguous")
    expect_not_done(deed, exchange, "the length of its body is ambiguous")


@requirement("HTTP-HOST")
@FAMILIES
@pytest.mark.parametrize("form", cases(HOSTS))
def test_a_request_without_one_host_is_refused(site: Site, form: Form) -> None:
    """A request of HTTP/1.1 without a host, with two, or with none that could be one is refused."""
    exchange = site.say(site.request("GET"), form).exchange
    expect_message_refused(site, exchange, "the request does not name one host")


@requirement("HTTP-FIELD-SYNTAX")
@FAMILIES
@pytest.mark.parametrize("form", cases(BROKEN_FIELDS))
def test_a_broken_field_is_refused(site: Site, form: Form) -> None:
    """A request with a field line that is none is refused."""
    exchange = site.say(site.request("GET"), form).exchange
    expect_message_refused(site, exchange, "a field line is broken")


@full
@requirement("HTTP-LENIENCE")
@FAMILIES
@pytest.mark.parametrize("form", cases(FORGIVABLE))
def test_what_may_be_forgiven_is_forgiven_or_refused(site: Site, form: Form) -> None:
    """Old and odd ways to write a request are taken or refused, and harm nobody."""
    expect_borne(site, site.say(site.request("GET"), form).exchange, "an odd way to write")


@full
@requirement("HTTP-TARGET-ABSOLUTE")
@FAMILIES
def test_a_target_in_absolute_form_is_understood(site: Site) -> None:
    """A request for a whole URL is answered as one for its path."""
    exchange = site.say(site.request("GET"), ABSOLUTE).exchange
    expect(
        exchange.succeeded,
        "a target in absolute form is not understood",
        expected="the answer that the path has",
        actual=exchange.line,
        exchange=exchange,
    )


@full
@requirement("HTTP-HEAD-SIZE")
@FAMILIES
@pytest.mark.parametrize("form", cases(LONG_HEADS))
def test_a_long_head_is_borne(site: Site, form: Form) -> None:
    """A head of many kibibytes or many fields is read or refused."""
    expect_borne(site, site.say(site.request("GET"), form).exchange, "a long head")


@requirement("HTTP-FRAMING")
@READS
def test_an_answer_ends_where_it_says(site: Site, template: str) -> None:
    """An answer has the length that it tells, nothing behind it, and no field twice."""
    request = site.request("GET", site.path(template), Connection="close")
    conversation = site.say(request, linger=5)
    reply, exchange = conversation.reply, conversation.exchange
    expect(
        not reply.failure and not conversation.rest,
        "an answer does not end where it says",
        expected="a complete answer, and nothing behind it",
        actual=reply.failure or f"{len(conversation.rest)} bytes more: {conversation.rest[:60]!r}",
        exchange=exchange,
    )
    twice = [name for name in SINGLE if len(reply.values(name)) > 1]
    expect(
        not twice,
        "an answer has a field twice",
        expected="each of them once: " + ", ".join(SINGLE),
        actual=", ".join(f"{name}: {reply.values(name)}" for name in twice),
        exchange=exchange,
    )


@full
@requirement("HTTP-FRAMING")
@FAMILIES
def test_an_answer_without_a_body_has_none(site: Site) -> None:
    """Nothing follows the header of an answer to HEAD."""
    conversation = site.say(site.request("HEAD", Connection="close"), linger=5)
    expect(
        not conversation.rest,
        "an answer to HEAD has a body",
        expected="nothing behind the header",
        actual=f"{len(conversation.rest)} bytes: {conversation.rest[:60]!r}",
        exchange=conversation.exchange,
    )
