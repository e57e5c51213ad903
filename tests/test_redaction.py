"""Secrets are struck out of everything that is written."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.exchange import Exchange, Request
from pgassay.redaction import Vault, holds_marker

SECRET = "k9fQ2xW7canary"


@pytest.fixture
def vault() -> Vault:
    found = Vault(b"key of the tests")
    found.learn(SECRET)
    return found


def exchange(body: object, *, sent: object = None) -> Exchange:
    request = Request.of("POST", f"/v1/things?token={SECRET}", json_body=sent)
    url = f"http://127.0.0.1/v1/things?token={SECRET}"
    return Exchange(1, "check", request, url, 0.0, 0.0, 200, {}, json.dumps(body).encode())


def test_a_known_secret_vanishes_from_body_url_and_headers(vault: Vault) -> None:
    redacted = vault.exchange(exchange({"error": f"wrong key {SECRET}"}, sent={"x": [SECRET]}))

    assert SECRET not in repr(redacted)
    assert holds_marker(redacted.text)


def test_password_members_vanish_whatever_their_value(vault: Vault) -> None:
    redacted = vault.exchange(exchange({"user": {"password": "x"}}, sent={"password": "hunter2!"}))

    assert "hunter2!" not in repr(redacted)
    assert redacted.json()["user"]["password"].startswith("<Secret-0")


def test_a_password_that_only_a_connection_string_shows_vanishes(vault: Vault) -> None:
    uri = "postgres://postgres:vQ8%2FsZ3mmT1@host:5432/postgres"
    redacted = vault.exchange(exchange({"result": {"connectionString": uri}}))

    assert "vQ8" not in redacted.text
    assert redacted.json()["result"]["connectionString"].endswith("@host:5432/postgres")


def test_authorization_headers_are_never_kept(vault: Vault) -> None:
    sent = Request.of("GET", "/", headers={"Authorization": "Basic abc"})

    assert "abc" not in repr(vault.request(sent))


def test_equal_secrets_have_equal_markers_within_a_run_only(vault: Vault) -> None:
    assert vault.marker(SECRET) == vault.marker(SECRET)
    assert vault.marker(SECRET) != Vault(b"another key").marker(SECRET)


def test_a_marker_satisfies_the_published_password_rules(vault: Vault) -> None:
    marker = vault.marker(SECRET)

    assert 12 <= len(marker) <= 99
    assert all(re.search(kind, marker) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


def test_a_secret_that_utf_8_cannot_write_vanishes(vault: Vault) -> None:
    vault.learn("lower-UPPER-1\ud800")
    assert b"UPPER" not in vault.body(b'{"note": "lower-UPPER-1\\ud800"}')


def test_values_that_also_occur_elsewhere_are_not_searched_for(vault: Vault) -> None:
    vault.learn("00000000")

    assert vault.text("/v1/00000000-0000") == "/v1/00000000-0000"


@given(st.binary(max_size=200))
def test_any_body_survives_that_holds_no_secret(body: bytes) -> None:
    assert Vault(b"key").body(body.replace(b":", b"")) is not None


@given(st.text(alphabet='abcXYZ019"\\/ü', min_size=6, max_size=20))
def test_any_learnt_secret_vanishes_from_json(secret: str) -> None:
    vault = Vault(b"key")
    vault.learn(secret)
    if len(set(secret)) < 5:
        return
    body = json.dumps({"note": f"it is {secret}."}).encode()

    assert json.loads(vault.body(body))["note"] == f"it is {vault.marker(secret)}."


def test_a_long_body_is_searched_in_linear_time(vault: Vault) -> None:
    # Four million characters: a quadratic search would not come to an end.
    assert vault.text("a" * 4_000_000 + SECRET).endswith(vault.marker(SECRET))


def test_what_was_sent_as_data_before_is_no_secret() -> None:
    vault = Vault()
    vault.learn_request(Request.of("POST", "/x", json_body={"name": "Plain-Text-12345"}))
    vault.learn_request(Request.of("POST", "/x", json_body={"password": "Plain-Text-12345"}))
    assert vault.text("the name is Plain-Text-12345") == "the name is Plain-Text-12345"


def test_what_was_part_of_data_before_is_no_secret() -> None:
    vault = Vault()
    vault.learn_request(Request.of("POST", "/x", json_body={"name": "the Plain-Text-12345 of x"}))
    vault.learn_request(Request.of("POST", "/x", json_body={"password": "Plain-Text-12345"}))
    assert vault.text("the Plain-Text-12345 of x") == "the Plain-Text-12345 of x"


def test_a_secret_stays_one_when_it_is_sent_as_data_later() -> None:
    vault = Vault()
    vault.learn_request(Request.of("POST", "/x", json_body={"password": "Secret-Text-12345"}))
    vault.learn_request(Request.of("POST", "/x", json_body={"name": "Secret-Text-12345"}))
    assert "Secret-Text-12345" not in vault.text("the name is Secret-Text-12345")
