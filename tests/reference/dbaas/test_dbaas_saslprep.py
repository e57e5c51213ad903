"""Passwords are prepared as PostgreSQL prepares them, so that what it hashes is what we hash."""

import pytest

from pgassay.reference.dbaas.saslprep import saslprep


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        pytest.param("I\u00adX", "IX", id="a soft hyphen is mapped to nothing"),
        pytest.param("user", "user", id="no transformation"),
        pytest.param("USER", "USER", id="case is kept"),
        pytest.param("\u00aa", "a", id="NFKC of a compatibility character"),
        pytest.param("\u2168", "IX", id="NFKC of a number"),
        pytest.param("a\u00a0b\u3000c", "a b c", id="other spaces are spaces"),
        pytest.param("e\u0301", "\u00e9", id="a combined character is composed"),
        pytest.param("\u0627\u0628", "\u0627\u0628", id="right to left from end to end"),
    ],
)
def test_the_examples_of_rfc_4013_and_the_steps_behind_them(password: str, prepared: str) -> None:
    assert saslprep(password) == prepared


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("\u0007bell", id="an ASCII control character"),
        pytest.param("\u00e9\u0007", id="a control character beside others"),
        pytest.param("\u2168\u0085", id="a control character above ASCII"),
        pytest.param("\u2168\ue000", id="private use"),
        pytest.param("\u2168\ufffd", id="inappropriate for plain text"),
        pytest.param("\u2168\u200e", id="a change of display properties"),
        pytest.param("\u2168\u0221", id="unassigned in Unicode 3.2"),
        pytest.param("\u06271", id="right to left, but not to the end"),
        pytest.param("\u0627a\u0628", id="both directions"),
        pytest.param("\u00ad\u00ad", id="nothing is left"),
    ],
)
def test_what_is_prohibited_is_hashed_as_it_was_sent(password: str) -> None:
    assert saslprep(password) == password
