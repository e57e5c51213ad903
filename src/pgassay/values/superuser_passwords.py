"""Superuser passwords at and beside the limits of pgPassword."""

from typing import Final

from pgassay.exchange import Json

LIMITS: Final = (12, 1024)

#: Passwords that lack one class, by what is wrong. Letters and digits beyond ASCII are of no class.
POOR: Final[dict[str, str]] = {
    "no-lowercase": "ZQ81-KX52-WV97-JH40",
    "no-uppercase": "zq81-kx52-wv97-jh40",
    "no-digit": "zQab-kXcd-wVef-jHgh",
    "wide-digits-only": "zQab-kXcd-wVef-\uff11\uff12\uff13",
    "umlaut-uppercase-only": "zq81-kx52-\u00c4\u00d6\u00dc-jh40",
    "greek-lowercase-only": "ZQ81-KX52-\u03b1\u03b2\u03b3-JH40",
}
#: Parts of valid passwords that are easily mistaken: for escapes, for delimiters of a URI.
AWKWARD: Final[dict[str, str]] = {
    "hyphen-underscore": "-_",
    "uri-delimiters": ":/?#[]@",
    "percent": "%41%00",
    "quotes": "'\"\\",
}


def suits(password: Json) -> bool:
    """Tell whether a password meets the documented rules."""
    if not isinstance(password, str) or not LIMITS[0] <= len(password) <= LIMITS[1]:
        return False
    lower, upper, digit = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
    return all(set(password) & set(letters) for letters in (lower, upper, digit))
