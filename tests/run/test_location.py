"""Where the offending part of an answer is, as far as a finding's words tell."""

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.run.location import offending

BODY = b'{"result": {"size": "xl", "name": "a", "tags": ["a"], "nodes": 3}, "status": 200}'


def answered(body: bytes = BODY) -> Exchange:
    request = Request("GET", "/x")
    headers = {"content-type": "text/plain"}
    return Exchange(1, "test_x", request, "http://h/x", 0.0, 0.1, 200, headers, body)


@pytest.mark.parametrize(
    ("actual", "title", "place"),
    [
        pytest.param("status 200: {...}", "accepted", "status", id="status"),
        pytest.param("GET /x -> 200", "accepted", "status", id="request-line"),
        pytest.param("3", "nodes differs", "/result/nodes", id="a-value-that-occurs-once"),
        pytest.param('"a"', "name of the service differs", "/result/name", id="the-named-one"),
        pytest.param('"a"', "something differs", "", id="one-of-several"),
        pytest.param('"xxl"', "size differs", "", id="a-value-that-is-not-there"),
        pytest.param(
            "/result/size: not in the enumeration", "schema", "/result/size", id="pointer"
        ),
        pytest.param("Content-Type: text/plain", "no JSON", "header content-type", id="header"),
        pytest.param("nothing of it", "is missing", "", id="words"),
    ],
)
def test_a_place_follows_from_the_words_of_a_finding(actual: str, title: str, place: str) -> None:
    assert offending(actual, title, answered()) == place


def test_a_body_that_is_no_json_has_no_places() -> None:
    assert offending("3", "nodes differs", answered(b"<html>")) == ""


def test_without_an_exchange_there_is_no_place() -> None:
    assert offending("3", "nodes differs", None) == ""
