"""Keep secrets out of everything that is written.

The vault learns each secret of a run: the credentials of the target file, the passwords that the
suite sends, and those that a server answers with. What is stored holds a marker in their place.
Markers are keyed per run, so that equal secrets stay recognisable as equal without being
recoverable, and they satisfy the published password rules, so that a redacted body still
validates against its schema.
"""

import hashlib
import hmac
import json
import re
import secrets
from bisect import insort
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from pgassay.exchange import Exchange, Json, Request

#: Members whose values are secrets wherever they occur in a JSON body.
SECRET_MEMBERS: Final = frozenset({"password", "secret", "keySecret", "token", "scram", "verifier"})
_CONNECTION_MEMBERS: Final = frozenset({"connectionString", "connection_string"})
#: Values that are shorter or have fewer different characters (a fuzzer's "00000000") also occur
#: where they are no secret; they are struck by the member's name, not searched for in text.
_SEARCHABLE_LENGTH: Final = 6
_SEARCHABLE_CHARACTERS: Final = 5
#: What `Vault.marker` puts in the place of a secret.
MARKER: Final = re.compile(r"<Secret-0[0-9a-f]{12}>")
_CREDENTIAL_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
#: What makes a body be searched member by member: the name of a secret, an escape that may hide
#: one, a URL with a user.
_SUSPECT: Final = re.compile(
    "|".join((r"\\", r"://[^\s:/@]{0,200}:", *SECRET_MEMBERS, *_CONNECTION_MEMBERS)).encode()
)
#: Anchored on what is rare, so that a long body is searched once.
_USER_INFO: Final = re.compile(r"://[^\s:/@]{0,200}:([^\s@/]{1,1100})@")


def holds_marker(text: str) -> bool:
    """Tell whether redacted `text` held a secret."""
    return MARKER.search(text) is not None


def markers(text: str) -> frozenset[str]:
    """Return the markers in redacted `text`; equal secrets of one run have equal ones."""
    return frozenset(MARKER.findall(text))


class Vault:
    """The secrets of one run and the way to strike them out."""

    def __init__(self, key: bytes | None = None) -> None:
        """Start empty; `key` fixes the markers (a run draws its own)."""
        self._key = key or secrets.token_bytes(16)
        self._markers: dict[str, str] = {}
        #: The longest first: a secret may be part of another one.
        self._forms: list[str] = []
        #: Texts that requests sent as data: open already, with every part of them, whatever that
        #: is sent as later.
        self._open: set[str] = set()

    def marker(self, secret: str) -> str:
        """Return what stands in the place of `secret` in everything this run writes."""
        return _marker(self._key, secret)

    def learn(self, secret: str) -> None:
        """Remember `secret`, so that its text is struck out wherever it turns up."""
        if len(secret) < _SEARCHABLE_LENGTH or len(set(secret)) < _SEARCHABLE_CHARACTERS:
            return
        if any(secret in each for each in self._open):
            return
        if MARKER.fullmatch(secret):
            return
        for form in {secret, quote(secret, "", errors="surrogatepass"), json.dumps(secret)[1:-1]}:
            if form not in self._markers:
                self._markers[form] = self.marker(secret)
                insort(self._forms, form, key=lambda known: -len(known))

    def learn_request(self, request: Request) -> None:
        """Remember the secrets that `request` carries in its JSON body."""
        if request.body:
            try:
                value = json.loads(request.body)
            except (ValueError, RecursionError):
                return
            self._learn_members(value)
            with suppress(RecursionError):
                self._open.update(each for each in _data(value) if each not in self._markers)

    def text(self, text: str) -> str:
        """Return `text` without any secret that the vault knows or that a URL carries."""
        for found in _USER_INFO.finditer(text):
            self.learn(unquote(found.group(1)))
        if len(text) < _SEARCHABLE_LENGTH:
            return text
        # One search for each secret: an alternation of hundreds is far slower than that.
        for form in self._forms:
            if form in text:
                text = text.replace(form, self._markers[form])
        return text

    def body(self, body: bytes) -> bytes:
        """Return a body without secrets; JSON is searched member by member, other text whole."""
        if not body or self._harmless(body):
            return body
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return self.text(body.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
        self._learn_members(value)
        redacted = self._strike(value)
        if redacted == value:
            struck = self.text(body.decode("utf-8", "replace"))
            return struck.encode() if holds_marker(struck) else body
        return json.dumps(redacted, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _harmless(self, body: bytes) -> bool:
        """Tell at a glance that a body holds no secret; most do not."""
        if _SUSPECT.search(body):
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return False
        return not any(form in text for form in self._forms)

    def exchange(self, exchange: Exchange) -> Exchange:
        """Return the copy of `exchange` that may be written down."""
        request = self.request(exchange.request)
        body = self.body(exchange.body)
        return replace(
            exchange,
            request=request,
            url=self.text(exchange.url),
            headers=self._headers(exchange.headers),
            body=body,
            failure=None if exchange.failure is None else self.text(exchange.failure),
        )

    def request(self, request: Request) -> Request:
        """Return the copy of `request` that may be written down."""
        return replace(
            request,
            path=self.text(request.path),
            headers=self._headers(request.headers),
            body=None if request.body is None else self.body(request.body),
            raw=None if request.raw is None else self.body(request.raw),
        )

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self.marker(value) if name.lower() in _CREDENTIAL_HEADERS else self.text(value)
            for name, value in headers.items()
        }

    def _learn_members(self, value: Json) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                if isinstance(member, str) and name in SECRET_MEMBERS:
                    self.learn(member)
                elif isinstance(member, str) and name in _CONNECTION_MEMBERS:
                    self._learn_connection(member)
                else:
                    self._learn_members(member)
        elif isinstance(value, list):
            for item in value:
                self._learn_members(item)

    def _learn_connection(self, connection: str) -> None:
        try:
            password = urlsplit(connection).password
        except ValueError:
            return
        if password:
            self.learn(unquote(password))

    def _strike(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {
                name: self.marker(member)
                if isinstance(member, str) and name in SECRET_MEMBERS and member
                else self._strike(member)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self._strike(item) for item in value]
        return self.text(value) if isinstance(value, str) else value


@lru_cache(maxsize=64)
def _marker(key: bytes, secret: str) -> str:
    # Under load the same credential is struck out of thousands of exchanges a second.
    digest = hmac.new(key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return f"<Secret-0{digest.hexdigest()[:12]}>"


def _data(value: Json) -> Iterator[str]:
    """The texts of a body that stand beside its secrets."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name in value.keys() - SECRET_MEMBERS - _CONNECTION_MEMBERS:
            yield from _data(value[name])
    elif isinstance(value, list):
        for item in value:
            yield from _data(item)
