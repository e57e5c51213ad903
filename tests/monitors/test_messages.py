"""What monitors make of answers as messages, and of answers that no document speaks of."""

from typing import Any

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.monitors import Watch
from pgassay.specification import specification

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
LIST = "/v1/organizations/5f0f2a54-31c7-4f0e-9c35-0b1c8e6f7a01/postgres"


def broken(status: int = 404, path: str = "/x", body: bytes = b"", **more: Any) -> set[str]:
    """Show one answer; return the requirements that it was found to break."""
    asked = Request("GET", path, more.get("asked", {}), family="clickhouse", raw=more.get("raw"))
    headers = {"date": DATE} | more.get("headers", {})
    watch = Watch(specification())
    watch.observe(Exchange(1, "c", asked, "http://h" + path, 0, 0, status, headers, body))
    return {found.judgement.requirement for found in watch.found}


@pytest.mark.parametrize(
    "date",
    ["", "1994-11-06T08:49:37Z", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37"],
)
def test_a_date_in_another_form_is_seen(date: str) -> None:
    assert broken(headers={"date": date}) == {"HTTP-DATE"}
    assert broken(headers={"date": date}, raw=b"GET /x") == set()


def test_a_body_without_a_media_type_is_seen() -> None:
    assert broken(body=b"x") == {"HTTP-CONTENT-TYPE-PRESENT"}
    assert broken(body=b"x", headers={"content-type": "text/plain"}) == set()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"if-match": '"1"'}, 412),
        ({"Range": "bytes=0-0"}, 416),
        ({"Accept": "text/html"}, 406),
    ],
)
def test_what_a_header_asks_for_needs_no_document(asked: dict[str, str], status: int) -> None:
    page = {"content-type": "text/html"}
    assert broken(status, LIST, b"<p>", asked=asked, headers=page) == set()
    assert broken(status, LIST, b"<p>", headers=page) != set()


def test_what_refuses_an_odd_message_may_use_its_own_words() -> None:
    page = {"content-type": "text/html"}
    assert broken(400, LIST, b"<p>", raw=b"GET / HTTP/1.1\r\n\r\n", headers=page) == set()
    assert "CH-ENVELOPE-ERROR" in broken(400, LIST, b"<p>", headers=page)


@pytest.mark.parametrize("status", [501, 505])
def test_a_method_or_version_may_be_called_unsupported(status: int) -> None:
    assert broken(status) == set()
    assert broken(502) == {"HTTP-STATUS-NO-5XX"}
