"""SASLprep (RFC 4013), as PostgreSQL applies it to passwords before they are hashed."""

import stringprep
import unicodedata

_PROHIBITED = (
    stringprep.in_table_a1,
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(password: str) -> str:
    """Return the password as it is to be hashed.

    One that SASLprep prohibits, or leaves nothing of, is returned as it is: PostgreSQL, and libpq
    with it, then use the bytes that were sent (`pg_be_scram_build_secret`). As there, ASCII needs
    no preparation, and the prohibitions apply to what was mapped, but not yet normalised.
    """
    if password.isascii():
        return password
    mapped = "".join(_mapped(character) for character in password)
    if not mapped or _is_prohibited(mapped):
        return password
    return unicodedata.normalize("NFKC", mapped)


def _mapped(character: str) -> str:
    """Map spaces of other scripts to U+0020, and what is never seen to nothing (section 2.1)."""
    if stringprep.in_table_c12(character):
        return " "
    return "" if stringprep.in_table_b1(character) else character


def _is_prohibited(text: str) -> bool:
    """Tell whether a text breaks section 2.3, 2.4 (mixed directions) or 2.5 (unassigned)."""
    if any(prohibits(character) for character in text for prohibits in _PROHIBITED):
        return True
    if not any(map(stringprep.in_table_d1, text)):
        return False
    ends_wrong = not (stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1]))
    return ends_wrong or any(map(stringprep.in_table_d2, text))
