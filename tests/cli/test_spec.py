"""`pgassay spec diff` lists what differs, argues what is meant, and tells by its exit status."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pgassay._folders import folder
from pgassay.cli import main
from pgassay.difference import Document

SHIPPED = folder("spec") / "openapi.yaml"
NAME = "POST /v1/organizations/{}/postgres request.name maxLength"


@pytest.fixture
def arguments(tmp_path: Path) -> Callable[..., str]:
    """Write a file of arguments with the given keys, and return the option for it."""

    def write(*keys: str) -> str:
        path = tmp_path / "differences.toml"
        tables = [f'[[difference]]\nkey = "{key}"\nreason = "it is meant"\n' for key in keys]
        path.write_text('family = "clickhouse"\n' + "".join(tables), "utf-8")
        return f"--arguments={path}"

    return write


@pytest.fixture
def other(tmp_path: Path) -> str:
    """Write the shipped document with another limit of service names, and return where."""
    content: Any = Document.read(SHIPPED).content
    content["components"]["schemas"]["PgNameTolerated"]["maxLength"] = 40
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def test_the_shipped_document_does_not_differ_from_itself(
    arguments: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "diff", str(SHIPPED), arguments()]) == 0
    assert capsys.readouterr().out == "0 differences, 0 argued ones, 0 stale arguments\n"


def test_another_limit_is_listed(
    other: str, arguments: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "diff", other, arguments()]) == 1
    assert f"differs: {NAME}: 50 / 40\n" in capsys.readouterr().out


def test_argued_differences_are_counted_and_shown_on_request(
    other: str, arguments: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments("* maxLength", "GET /nothing")
    assert main(["spec", "diff", other, given]) == 0
    brief = capsys.readouterr().out
    assert main(["spec", "diff", other, given, "--all"]) == 0
    whole = capsys.readouterr().out
    assert NAME not in brief
    assert f"argued: differs: {NAME}: 50 / 40\n    it is meant\n" in whole
    for shown in (brief, whole):
        assert "stale argument: GET /nothing\n" in shown


def test_json_has_all_that_is_known(
    other: str, arguments: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["spec", "diff", other, arguments(NAME, "GET /nothing"), "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["families"] == ["clickhouse", "dbaas"]
    (argued,) = shown["argued"]
    assert argued == {
        "kind": "differs",
        "key": NAME,
        "ours": "50",
        "theirs": "40",
        "argument": NAME,
        "reason": "it is meant",
    }
    assert shown["differences"]
    assert shown["stale"] == [{"key": "GET /nothing", "reason": "it is meant"}]


def test_a_family_of_its_own_leaves_the_arguments_of_the_other_alone(
    other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "diff", other, "--family", "dbaas"]) == 1
    shown = capsys.readouterr().out
    assert "stale" not in shown.splitlines()[0]
    assert "only in theirs: GET /v1/organizations\n" in shown
    assert "0 stale arguments" in shown


def test_what_cannot_be_read_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spec", "diff", str(tmp_path / "absent.json")]) == 2
    assert "absent.json: No such file or directory." in capsys.readouterr().err
