"""Authorization headers that must not let anyone in, and who else must be kept out."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.target.model import Credential, Scheme

Headers = Mapping[str, str]

#: Long for a credential, short enough for every server that reads 8 kB of headers.
_LONG: Final = "QUJD" * 1000


@dataclass(frozen=True, slots=True)
class Intruder:
    """Somebody who must be kept out: `who` says why, the rest is what a request differs in."""

    who: str
    credential: str = ANONYMOUS
    headers: Headers = field(default_factory=dict)
    organization: str = ""


def basic(credential: Credential | None) -> Credential:
    """Return a Basic credential; raises `NotTestable` where the target file has another one."""
    if credential is None or credential.scheme is not Scheme.BASIC:
        raise NotTestable("[auth.main] is not of scheme basic, which the documents describe")
    return credential


def useless(credential: Credential) -> dict[str, Headers]:
    """Headers without credentials that anybody has, by what is wrong with them."""
    common: dict[str, Headers] = {"no credentials": {}}
    match credential.scheme:
        case Scheme.BASIC:
            return common | _useless_basic(credential.username, credential.password)
        case Scheme.BEARER:
            return common | _useless_bearer(credential.token)
        case Scheme.HEADER:
            return common | {"an empty header": {credential.header: ""}}
        case Scheme.NONE:
            return {}


def wrong_secrets(credential: Credential) -> dict[str, Headers]:
    """Headers of a known caller with another secret than its own, by how that differs."""
    right = credential.password or credential.token
    secrets = {
        "another secret": "A1" + right[::-1],
        "the secret cut by one": right[:-1],
        "half of the secret": right[: len(right) // 2],
        "the secret with one more character": right + "0",
        "the secret in the other case": right.swapcase(),
        "a percent sign as the secret": "%",
        "a pattern as the secret": ".*",
        "a condition as the secret": "' OR '1'='1",
    }
    if credential.scheme is Scheme.BASIC:
        secrets |= {
            "an empty secret": "",
            "the secret with a newline": right + "\n",
            "the secret with a blank": right + " ",
            "the secret after a blank": " " + right,
            "the secret with NUL": right + "\x00",
            "the secret with a colon": right + ":",
        }
    return {
        name: replace(credential, password=secret, token=secret).headers
        for name, secret in secrets.items()
        if secret != right
    }


def intruders(headers: Mapping[str, Headers]) -> list[Intruder]:
    """Those who send nothing but such headers."""
    return [Intruder(f"the request has {name}", headers=each) for name, each in headers.items()]


def _useless_basic(key: str, secret: str) -> dict[str, Headers]:
    texts = {
        "an unknown key": f"{key[::-1]}0:{secret}",
        "a key that is cut by one": f"{key[:-1]}:{secret}",
        "a percent sign as the key": f"%:{secret}",
        "key and secret swapped": f"{secret}:{key}",
        "no key": f":{secret}",
        "neither key nor secret": ":",
        "a key without a colon": key,
        "no colon": key + secret,
    }
    values = {
        "an empty header": "",
        "the scheme alone": "Basic",
        "the scheme in lower case with garbage": "basic ???",
        "no base64": "Basic ???",
        "base64 that is cut": "Basic YTpi" + "Y",
        "no scheme": _encoded(f"{key}:{secret}"),
        "another scheme": f"Bearer {secret}",
        "an unknown scheme": f"Pgassay {_encoded(f'{key}:{secret}')}",
        "credentials that are not encoded": f"Basic {key}:{secret}",
        "bytes that are no text": f"Basic {b64encode(bytes([255, 254, 58, 255])).decode()}",
        "a very long header": f"Basic {_LONG}",
        **{name: f"Basic {_encoded(text)}" for name, text in texts.items()},
    }
    return _authorizations(values) | _twice(f"Basic {_encoded('nobody:nothing')}")


def _useless_bearer(token: str) -> dict[str, Headers]:
    values = {
        "an empty header": "",
        "the scheme alone": "Bearer",
        "the scheme in lower case with garbage": "bearer ???",
        "no scheme": token,
        "another scheme": f"Basic {token}",
        "an unknown scheme": f"Pgassay {token}",
        "a token that is encoded": f"Bearer {_encoded(token)}",
        "an unsigned token": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
        "a very long header": f"Bearer {_LONG}",
    }
    return _authorizations(values) | _twice("Bearer nothing")


def _authorizations(values: Mapping[str, str]) -> dict[str, Headers]:
    return {name: {"Authorization": value} for name, value in values.items()}


def _twice(value: str) -> dict[str, Headers]:
    # Two spellings of one name are two fields to the client, and one name to a server.
    return {"two wrong headers": {"Authorization": value, "authorization": value + "0"}}


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")
