"""Arguments cover the differences that they name, and are stale when they name none."""

from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.difference import Arguments, Difference
from pgassay.difference.argument import Argument
from pgassay.errors import ConfigurationError

NAME = Difference("POST /a request.name[] maxLength", "5", "6")
SIZE = Difference("POST /a request.size maximum", "5", "6")


def arguments(*keys: str) -> Arguments:
    return Arguments("clickhouse", tuple(Argument(key, "because") for key in keys))


def test_an_exact_key_covers_its_difference_alone() -> None:
    verdicts = arguments(NAME.key).judge([NAME, SIZE])
    assert [difference for difference, _ in verdicts.argued] == [NAME]
    assert verdicts.others == (SIZE,)
    assert verdicts.stale == ()


def test_a_star_stands_for_any_text_and_brackets_for_themselves() -> None:
    assert Argument("* request.name[] *", "because").covers(NAME)
    assert not Argument("* request.name *", "because").covers(NAME)
    assert not Argument("request.name[] *", "because").covers(NAME)


def test_an_argument_about_nothing_is_stale() -> None:
    verdicts = arguments("*", "POST /a *", "GET /b").judge([NAME])
    assert [each.key for each in verdicts.stale] == ["POST /a *", "GET /b"]


def test_the_shipped_file_is_readable_and_names_each_key_once() -> None:
    shipped = Arguments.read(folder("spec") / "differences.toml")
    keys = [each.key for each in shipped.entries]
    assert len(keys) == len(set(keys)) > 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "family = 1",
        "[",
        'family = "clickhouse"\ndifference = 3',
        'family = "clickhouse"\n[[difference]]\nkey = "a"',
        'family = "clickhouse"\n[[difference]]\nkey = "a"\nreason = " "',
        'family = "clickhouse"\n[[difference]]\nkey = "a"\nreason = "b"\nmore = 1',
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "differences.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        Arguments.read(path)
    assert caught.value.where == str(path)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Arguments.read(tmp_path / "absent.toml")
