"""Both families: HEAD, OPTIONS, methods that a path does not have, paths that there are not."""

from collections.abc import Mapping

import pytest

from pgassay.check import full, requirement
from pgassay.exchange import Json
from pgassay.expectation import expect, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.http_expectations import (
    NOT_SUPPORTED,
    expect_borne,
    expect_message_refused,
    expect_well,
    head_differs,
    refused,
)
from pgassay.families.site import Site, templates
from pgassay.specification import specification
from pgassay.target.model import Family
from pgassay.values.messages import KIBIBYTE, verbatim
from pgassay.values.selection import cases

FAMILIES = pytest.mark.parametrize("family", list(Family))
READS = pytest.mark.parametrize(("family", "template"), templates("GET"))
PATHS = pytest.mark.parametrize(("family", "template"), templates())
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def operations(template: str) -> dict[str, bool]:
    """The documented methods of a path, and whether each belongs to the core."""
    return {
        each.method: not each.optional and not each.feature
        for each in specification().operations
        if each.template == template
    }


@requirement("HTTP-HEAD")
@READS
def test_head_is_get_without_a_body(site: Site, template: str) -> None:
    """HEAD is answered as GET would be, without the body, or not offered."""
    path = site.path(template)
    gets: list[Mapping[str, str]] = []
    # What is measured may change between reads; what is wrong is so each time.
    for _ in range(3):
        before, head, after = (
            site.say(site.request(verb, path)) for verb in ("GET", "HEAD", "GET")
        )
        if head.exchange.status in {405, *NOT_SUPPORTED}:
            return
        expect_status(head.exchange, before.reply.status, title="HEAD has another status than GET")
        expect_status(after.exchange, before.reply.status, title="GET differs after a HEAD")
        gets += [before.reply.headers, after.reply.headers]
        differing = head_differs(head.reply.headers, gets)
        if not differing:
            return
    expect(
        not differing,
        f"HEAD has another {differing} than GET",
        expected=f"{differing}: {before.reply.headers.get(differing)}, or none",
        actual=f"{differing}: {head.reply.headers.get(differing)}",
        exchange=head.exchange,
    )


@requirement("HTTP-OPTIONS")
@PATHS
def test_options_tells_the_methods_or_is_refused(site: Site, template: str) -> None:
    """OPTIONS is answered with 2xx, and a true Allow if any, or refused."""
    exchange = site.send("OPTIONS", site.path(template))
    expect(
        exchange.succeeded or refused(exchange),
        "OPTIONS is neither answered nor refused",
        expected="a 2xx or 4xx answer",
        actual=exchange.line,
        exchange=exchange,
    )
    if exchange.succeeded and "allow" in exchange.headers:
        expect_allowed(exchange.headers["allow"], template, exchange.line)


@requirement("HTTP-ALLOW", "HTTP-METHOD-NOT-ALLOWED")
@PATHS
def test_other_methods_are_refused_and_the_real_ones_named(site: Site, template: str) -> None:
    """A method that no document gives to a path is refused; a 405 tells those that there are."""
    path = site.path(template)
    foreign = not site.client.ownership.owns(path)
    for method in METHODS:
        # What belongs to somebody else is not put at the mercy of a server's mistake.
        if method in operations(template) or (foreign and method == "DELETE"):
            continue
        exchange = site.send(method, path, Content_Type="application/json")
        # A server that has more methods than documented misses a body here.
        rule = f"{method} is not offered"
        expect_rejected(exchange, rule, requirement="HTTP-METHOD-NOT-ALLOWED")
        if exchange.status == 405:
            allow = exchange.headers.get("allow", "")
            expect_allowed(allow, template, exchange.line, refused_method=method)


def expect_allowed(allow: str, template: str, shown: str, refused_method: str = "") -> None:
    """Expect an Allow with the documented methods, and without the one that was refused."""
    named = {name.strip() for name in allow.split(",")}
    needed = {method for method, core in operations(template).items() if core}
    expect(
        needed <= named and refused_method not in named,
        "Allow does not name the methods of the path",
        expected="Allow: " + ", ".join(sorted(needed or operations(template))),
        actual=f"Allow: {allow} ({shown})" if allow else f"no Allow ({shown})",
        requirement="HTTP-OPTIONS" if not refused_method else "HTTP-ALLOW",
    )


@requirement("HTTP-METHOD-UNKNOWN")
@FAMILIES
@pytest.mark.parametrize("method", ["BREW", "get", "GETS"])
def test_a_method_that_nobody_knows_is_refused(site: Site, method: str) -> None:
    """A method that HTTP does not have, or in small letters, is refused."""
    exchange = site.say(site.request(method), verbatim).exchange
    expect_message_refused(site, exchange, f"there is no method {method}")


@requirement("HTTP-UNKNOWN-PATH")
@FAMILIES
@pytest.mark.parametrize(
    "unknown", ["{parent}/nothing", "{thing}/nothing", "{thing}/no/thing", "{thing}/users/x/y"]
)
def test_nothing_is_found_below_what_there_is(site: Site, unknown: str) -> None:
    """A path that the API does not define is answered with 404, however deep it is."""
    parent = site.thing.rsplit("/", 2)[0]
    expect_status(site.send("GET", unknown.format(parent=parent, thing=site.thing)), 404)


@requirement("CH-ENVELOPE-UNKNOWN-PATH")
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_path_has_the_error_envelope(
    clickhouse: ClickhouseApi, service: dict[str, Json], method: str
) -> None:
    """A path or a method that there is not is refused in the envelope of all errors."""
    path = clickhouse.path(service["id"], *(["nothing"] if method == "GET" else []))
    exchange = clickhouse.send(method, path)
    body = exchange.json()
    text = body.get("error") if isinstance(body, dict) else None
    expect(
        isinstance(text, str) and bool(text.strip()),
        "the refusal has no error text",
        expected="a JSON object with a text in error",
        actual=exchange.text[:200],
        exchange=exchange,
    )


@requirement("HTTP-PATH-LENGTH")
@FAMILIES
@pytest.mark.parametrize(
    "length", cases({"9-kibibytes": 9 * KIBIBYTE, "100-kibibytes": 100 * KIBIBYTE})
)
def test_a_path_that_is_too_long_is_refused(site: Site, length: int) -> None:
    """A path of many kibibytes is refused with a 4xx status."""
    request = site.request("GET", f"{site.thing}/{'x' * length}")
    expect_message_refused(site, site.say(request, verbatim).exchange, "the path is too long")


@full
@requirement("HTTP-PATH-LENGTH")
@FAMILIES
def test_a_long_query_is_borne(site: Site) -> None:
    """A query of many kibibytes is ignored or refused."""
    request = site.request("GET", f"{site.thing}?x={'x' * 9 * KIBIBYTE}")
    expect_borne(site, site.say(request, verbatim).exchange, "a long query")
    expect_well(site)
