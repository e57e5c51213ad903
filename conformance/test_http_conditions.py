"""Both families: conditional requests, ranges, and what a client says it can read."""

import json
from dataclasses import replace

import pytest

from pgassay.check import full, requirement
from pgassay.deviation import NotApplicable
from pgassay.expectation import expect, expect_status, expect_success
from pgassay.families.http_expectations import expect_not_done
from pgassay.families.site import Site, templates
from pgassay.specification import specification
from pgassay.target.model import Family
from pgassay.values.selection import cases
from pgassay.wire import Conversation

FAMILIES = pytest.mark.parametrize("family", list(Family))
READS = pytest.mark.parametrize(("family", "template"), templates("GET"))

#: Conditions on a read, and what they may be answered with: 200 where a server knows none.
CONDITIONS = {
    "unknown-tag": ({"If-None-Match": '"pgassay"'}, {200}),
    "unknown-weak-tag": ({"If-None-Match": 'W/"pgassay"'}, {200}),
    "any-tag": ({"If-None-Match": "*"}, {200, 304}),
    "tag-that-must-match": ({"If-Match": '"pgassay"'}, {200, 412}),
    "changed-since-the-future": (
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {200, 304},
    ),
    "changed-since-the-past": ({"If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"}, {200}),
    "unchanged-since-the-past": (
        {"If-Unmodified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"},
        {200, 412},
    ),
    "no-date": ({"If-Modified-Since": "yesterday"}, {200}),
}

#: Ranges of bytes, and the Content-Range that each may have.
RANGES = {"first": "bytes=0-0", "last": "bytes=-1", "beyond": "bytes=99999999-", "odd": "lines=1-2"}


@requirement("HTTP-CONDITIONAL")
@FAMILIES
@pytest.mark.parametrize(
    ("headers", "statuses"), cases(CONDITIONS, {"unknown-tag", "any-tag", "no-date"})
)
def test_a_condition_of_a_read_is_kept_or_ignored(
    site: Site, headers: dict[str, str], statuses: set[int]
) -> None:
    """A conditional GET is answered as the condition says, or as if there were none."""
    conversation = site.say(site.request("GET", Connection="close", **headers), linger=5)
    expect_status(conversation.exchange, *sorted(statuses))
    expect(
        conversation.reply.status == 200 or not conversation.rest,
        "a status without a body has one",
        expected="nothing after the header",
        actual=repr(conversation.rest[:80]),
        exchange=conversation.exchange,
    )


@requirement("HTTP-CONDITIONAL-TAG")
@FAMILIES
def test_a_tag_tells_versions_apart(site: Site) -> None:
    """A 304 is given for the tag of the present version, never for another one's."""
    deed = site.deed()
    before = site.send("GET", deed.request.path)
    if "etag" not in before.headers:
        raise NotApplicable("the server gives no ETag for what is changed")
    tag = before.headers["etag"]
    expect_status(site.send("GET", deed.request.path, If_None_Match=tag), 200, 304)
    expect_success(site.client.send(deed.request))
    changed = site.send("GET", deed.request.path, If_None_Match=tag)
    expect_status(changed, 200, title="a change leaves the tag of a resource as it was")


@requirement("HTTP-IF-MATCH")
@FAMILIES
def test_a_change_of_another_version_is_refused(site: Site) -> None:
    """Where a server gives tags, a change for another tag is refused with 412."""
    deed = site.deed()
    if "etag" not in site.send("GET", deed.request.path).headers:
        raise NotApplicable("the server gives no ETag for what is changed")
    headers = {**deed.request.headers, "If-Match": '"pgassay"'}
    exchange = site.client.send(replace(deed.request, headers=headers))
    expect_status(exchange, 412, title="a change goes through although its tag does not match")
    expect_not_done(deed, exchange, "its tag does not match")


@requirement("HTTP-RANGE")
@FAMILIES
@pytest.mark.parametrize("wanted", cases(RANGES, {"first", "beyond"}))
def test_a_range_is_given_whole_or_exactly(site: Site, wanted: str) -> None:
    """A GET with a range is answered whole, with that part, or with 416."""
    exchange = site.say(site.request("GET", Range=wanted)).exchange
    told = exchange.headers.get("content-range", "")
    size = len(site.send("GET").body)
    right = {
        200: not told,
        206: told.startswith("bytes ") and len(exchange.body) == 1 < size,
        416: not told or told.startswith("bytes */"),
    }
    expect(
        right.get(exchange.status, False),
        "a range is answered wrongly",
        expected="200, 206 with a Content-Range and that part, or 416",
        actual=f"{exchange.line}, Content-Range: {told or 'none'}, {len(exchange.body)} bytes",
        exchange=exchange,
    )


@requirement("HTTP-ACCEPT")
@READS
def test_nobody_gets_another_media_type_than_documented(site: Site, template: str) -> None:
    """A client that would rather read something else gets what is documented, or 406."""
    path, documented = site.path(template), media_types(template)
    usual = site.send("GET", path)
    for accept in ("text/html", "application/json;q=0.5, text/html", "application/xml", "x"):
        exchange = site.send("GET", path, Accept=accept)
        expect(
            not exchange.succeeded or exchange.content_type in documented,
            "an answer has another media type than documented",
            expected=" or ".join(documented),
            actual=f"{exchange.content_type or 'none'} for Accept: {accept}",
            exchange=exchange,
        )
    named = site.send("GET", path, Accept=documented[0])
    expect_status(named, usual.status, title="the documented media type is not acceptable")


@full
@requirement("HTTP-ACCEPT")
@FAMILIES
@pytest.mark.parametrize(
    ("name", "value"),
    [("Accept-Charset", "x-none"), ("Accept-Language", "tlh"), ("Accept", "application/json")],
)
def test_what_is_offered_is_given_whatever_else_is_wished(
    site: Site, name: str, value: str
) -> None:
    """A wish for another charset or language is ignored, or refused with 406."""
    exchange = site.send("GET", **{name: value})
    expect_status(exchange, *([200] if name == "Accept" else [200, 406]))


@requirement("HTTP-CONTENT-CODING")
@FAMILIES
@pytest.mark.parametrize(
    ("wish", "allowed"),
    [
        ("gzip", {"gzip", "x-gzip"}),
        ("identity", set()),
        ("gzip;q=0, br;q=0", set()),
        ("gzip;q=1.0, identity;q=0.5", {"gzip", "x-gzip"}),
    ],
    ids=["gzip", "identity", "neither-gzip-nor-br", "preferred"],
)
def test_an_answer_is_coded_as_it_says(site: Site, wish: str, allowed: set[str]) -> None:
    """An answer has a content coding that the client takes, and can be decoded by it."""
    conversation = site.say(site.request("GET", Accept_Encoding=wish))
    told = conversation.reply.headers.get("content-encoding", "identity").lower()
    expect(
        told in allowed | {"identity"},
        "the answer has a coding that the client does not take",
        expected=" or ".join(sorted(allowed | {"identity"})),
        actual=told,
        exchange=conversation.exchange,
    )
    expect(
        _is_object(conversation.exchange.body) and (told == "identity") != _is_gzip(conversation),
        "the body cannot be read by the coding that the answer names",
        expected=f"JSON in {told}",
        actual=repr(conversation.reply.octets[:80]),
        exchange=conversation.exchange,
    )


def media_types(template: str) -> list[str]:
    """The documented media types of a path that can be read."""
    operation = specification().match("GET", template)
    assert operation is not None
    return list(operation.content(200))


def _is_gzip(conversation: Conversation) -> bool:
    return conversation.reply.octets.startswith(b"\x1f\x8b")


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
