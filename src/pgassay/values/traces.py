"""What a server may leave of a secret: the secret itself, and what is as good as it."""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote


def traces(secret: str, user: str = "") -> dict[str, str]:
    """Every form of `secret` to look for, by name; `user` is whose password it is."""
    raw = secret.encode()
    return {
        "itself": secret,
        "percent-encoded": quote(secret, safe=""),
        "in base64": b64encode(raw).decode("ascii").rstrip("="),
        "in hexadecimal": raw.hex(),
        "backwards": secret[::-1],
        "without its ends": secret[1:-1],
        "as MD5": hashlib.md5(raw, usedforsecurity=False).hexdigest(),
        "as PostgreSQL's MD5": hashlib.md5(raw + user.encode(), usedforsecurity=False).hexdigest(),
        "as SHA-1": hashlib.sha1(raw, usedforsecurity=False).hexdigest(),
        "as SHA-256": hashlib.sha256(raw).hexdigest(),
    }


def traces_in(texts: Iterable[str], secret: str, user: str = "") -> list[str]:
    """The forms of `secret` that `texts` hold, by name."""
    whole = "\n".join(texts)
    folded = whole.lower()
    return [
        name
        for name, form in traces(secret, user).items()
        if form in whole or (form == form.lower() and form in folded)
    ]
