"""A server without a network answers as one behind it, and on the clock that it is given."""

from collections.abc import Iterator

import httpx
import pytest

from pgassay.reference import Credentials, ManualClock, Settings, create_app
from pgassay.reference.stand import Stand, standing


@pytest.fixture
def stand() -> Iterator[Stand]:
    """Keep the reference ready on a clock that stands still."""
    clock = ManualClock()
    with standing(create_app(Settings(Credentials.generate()), clock), clock) as ready:
        yield ready


def test_it_answers_in_process_as_over_a_connection(stand: Stand) -> None:
    host = (b"Host", b"127.0.0.1")
    status, headers, body = stand.answer("GET", b"/v1/organizations?a=b", [host], b"", 5.0)
    over_http = httpx.get(f"{stand.url}/v1/organizations?a=b")
    assert status == over_http.status_code == 401
    named = {name.decode().lower() for name, _ in headers}
    assert named == set(over_http.headers)
    assert body[:30] == over_http.content[:30]


def test_head_has_no_body(stand: Stand) -> None:
    host = (b"Host", b"127.0.0.1")
    assert stand.answer("HEAD", b"/v1/organizations", [host], b"", 5.0)[2] == b""


def test_the_date_is_that_of_its_clock(stand: Stand) -> None:
    _, headers, _ = stand.answer("GET", b"/", [(b"Host", b"x")], b"", 5.0)
    assert dict(headers)[b"date"] == b"Thu, 28 May 2026 20:26:40 GMT"
