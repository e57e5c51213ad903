"""Requests to a server in this process are carried as over a network."""

import httpx
import pytest

from pgassay.inprocess import Headers, InProcess


def test_the_request_arrives_as_it_was_written() -> None:
    seen: list[tuple[str, bytes, bytes]] = []

    def answering(
        method: str, target: bytes, _: Headers, body: bytes, _seconds: float
    ) -> tuple[int, Headers, bytes]:
        seen.append((method, target, body))
        return 200, [(b"content-type", b"text/plain"), (b"x-a", b"1"), (b"x-a", b"2")], b"fine"

    request = httpx.Request(
        "PATCH", "http://t/a", content=b"{}", extensions={"target": b"/a/../b?c", "timeout": LIMIT}
    )
    answer = InProcess(answering).handle_request(request)
    assert seen == [("PATCH", b"/a/../b?c", b"{}")]
    assert (answer.status_code, answer.read()) == (200, b"fine")
    assert answer.headers.get_list("x-a") == ["1", "2"]


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    def answering(*_: object) -> tuple[int, Headers, bytes]:
        raise TimeoutError

    request = httpx.Request("GET", "http://t/", extensions={"timeout": LIMIT})
    with pytest.raises(httpx.ReadTimeout, match=r"no answer within 0\.5 s"):
        InProcess(answering).handle_request(request)


LIMIT = {"read": 0.5}
