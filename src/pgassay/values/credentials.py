"""Authorization headers that must not let anyone in."""

from base64 import b64encode

from pgassay.deviation import NotTestable
from pgassay.target.model import Credential, Scheme

#: The faults below, by name; those of WRONG_SECRET know the key id.
WRONG_SECRET = ("other-secret", "secret-cut", "secret-case", "empty-secret")
NO_CREDENTIAL = ("none", "empty-header", "unknown-key", "swapped", "not-base64", "other-scheme")


def faulty_headers(credential: Credential | None, fault: str) -> dict[str, str]:
    """Headers of a request whose credentials have one fault; raises `NotTestable` without Basic."""
    if credential is None or credential.scheme is not Scheme.BASIC:
        raise NotTestable("[auth.main] is not of scheme basic, which the documents describe")
    key, secret = credential.username, credential.password
    pairs = {
        "other-secret": (key, "A1" + secret[::-1]),
        "secret-cut": (key, secret[:-1]),
        "secret-case": (key, secret.swapcase()),
        "empty-secret": (key, ""),
        "unknown-key": (key[::-1] + "0", secret),
        "swapped": (secret, key),
    }
    if fault in pairs:
        text = ":".join(pairs[fault])
        return {"Authorization": "Basic " + b64encode(text.encode()).decode("ascii")}
    plain = {
        "none": {},
        "empty-header": {"Authorization": ""},
        "not-base64": {"Authorization": "Basic ???"},
        "other-scheme": {"Authorization": f"Bearer {secret}"},
    }
    return plain[fault]
