"""The journal: what is in it, in which order, and that it survives being cut off."""

import json
from pathlib import Path

import pytest

from pgassay.errors import UsageError
from pgassay.exchange import Exchange, Request
from pgassay.journal import Journal, read
from pgassay.redaction import Vault

REQUEST = Request.of("POST", "/v1/things", json_body={"name": "n", "password": "s3cretCanary"})


def entries(path: Path) -> list[dict[str, object]]:
    return list(read(path))


def test_an_intent_is_on_disk_before_the_exchange(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, Vault(), {"nonce": "12345678"}) as journal:
        journal.intent(1, "check", REQUEST)

        assert [entry["kind"] for entry in entries(path)] == ["run", "intent"]
        assert "s3cretCanary" not in path.read_text(encoding="utf-8")


def test_a_complete_journal_has_header_and_footer(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, Vault(), {"nonce": "12345678"}) as journal:
        journal.exchange(Vault().exchange(Exchange(1, "c", REQUEST, "http://h/v1", 1.0, 0.5, 201)))
        journal.event("created", path="/v1/things/1")

    assert [entry["kind"] for entry in entries(path)] == ["run", "exchange", "created", "end"]
    assert entries(path)[1]["status"] == 201


def test_a_line_that_was_cut_off_at_the_end_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": "run"}\n{"kind": "int', encoding="utf-8")

    assert [entry["kind"] for entry in entries(path)] == ["run"]


def test_a_broken_line_inside_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"kind": \n{"kind": "end"}\n', encoding="utf-8")

    with pytest.raises(UsageError, match=r"journal\.jsonl:1"):
        entries(path)


def test_a_missing_journal_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.jsonl"):
        entries(tmp_path / "nothing.jsonl")


def test_lone_surrogates_do_not_break_a_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path, Vault(), {}) as journal:
        journal.intent(1, "c", Request.of("POST", "/", json_body={"name": "\ud800"}))

    assert json.loads(path.read_text(encoding="utf-8").splitlines()[1])["kind"] == "intent"


def test_a_line_separator_of_unicode_does_not_break_a_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    request = Request.of("GET", "/v1/a\u2028b", headers={"X": "\x85"})
    with Journal(path, Vault(), {}) as journal:
        journal.intent(1, "check", request)
    assert entries(path)[1]["path"] == request.path
