"""The offending part of a body is found again, however the body is laid out."""

import json

import pytest

from pgassay.reporting.marking import marked

BODY = '{"result": {"tags": [{"key": "a/b"}, {"key": "env"}], "size": null}, "status": 200}'


@pytest.mark.parametrize(
    ("place", "part"),
    [
        pytest.param("/status", "200", id="member"),
        pytest.param("/result/size", "null", id="null"),
        pytest.param("/result/tags/1/key", '"env"', id="item"),
        pytest.param("/result/tags/0", '{"key": "a/b"}', id="object"),
    ],
)
def test_a_part_is_cut_out_of_its_body(place: str, part: str) -> None:
    parts = marked(BODY, place)
    assert parts is not None
    assert parts[1] == part
    assert json.loads("".join(parts)) == json.loads(BODY)


def test_a_part_of_several_lines_keeps_its_margin() -> None:
    parts = marked(BODY, "/result/tags", 2)
    assert parts is not None
    assert "".join(parts) == json.dumps(json.loads(BODY), indent=2)


@pytest.mark.parametrize(
    "place", ["", "status", "header date", "/missing", "/result/tags/9", "/status/x"]
)
def test_a_place_that_is_not_in_the_body_marks_nothing(place: str) -> None:
    assert marked(BODY, place) is None


def test_a_body_that_is_no_json_is_not_marked() -> None:
    assert marked("<html>", "/status") is None
