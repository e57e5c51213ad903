"""What a reference server is started with: its credentials, its pace, its state file."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

Role = Literal["admin", "read_only"]

# Tenants are the same in every store, so credentials can name them before a store exists.
FIRST_ORGANIZATION = "5f0f2a54-31c7-4f0e-9c35-0b1c8e6f7a01"
SECOND_ORGANIZATION = "c2d7b9e8-6a44-4d1b-8f52-7e3a9d0c4b02"
FIRST_PROJECT = "0d1f6c3e-95b2-4a77-b3a8-2c4e6f8a1b03"
SECOND_PROJECT = "e8a4c7d1-2b36-4f9d-a5c0-91d3b7f5e204"

#: 2026-01-01T00:00:00Z, when keys that have expired did so.
_LONG_AGO = 1_767_225_600.0


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Named)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the clickhouse family, sent as HTTP Basic user and password (RFC 7617).

    From `expires` on (epoch seconds) it is refused like one that is not enabled.
    """

    name: str
    key_id: str
    secret: str = field(repr=False)
    organization: str
    role: Role = "admin"
    enabled: bool = True
    expires: float | None = None

    def active(self, now: float) -> bool:
        """Tell whether the key is in use at `now` (epoch seconds): enabled, and not expired."""
        return _active(self, now)


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token of the dbaas family, sent as RFC 6750 says; it belongs to one project."""

    name: str
    token: str = field(repr=False)
    project: str
    role: Role = "admin"
    enabled: bool = True
    expires: float | None = None

    def active(self, now: float) -> bool:
        """Tell whether the token is in use at `now` (epoch seconds): enabled, and not expired."""
        return _active(self, now)


def _active(entry: ApiKey | BearerToken, now: float) -> bool:
    return entry.enabled and (entry.expires is None or now < entry.expires)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everyone who may call the server; names are unique within keys and within tokens."""

    keys: tuple[ApiKey, ...] = ()
    tokens: tuple[BearerToken, ...] = ()

    @classmethod
    def generate(cls) -> "Credentials":
        """Make fresh keys and tokens.

        Of the first tenant: main, read_only, disabled, expired; of the second: other_tenant,
        other_tenant_read_only.
        """
        return cls(
            keys=(
                _key("main", FIRST_ORGANIZATION),
                _key("read_only", FIRST_ORGANIZATION, role="read_only"),
                _key("disabled", FIRST_ORGANIZATION, enabled=False),
                _key("expired", FIRST_ORGANIZATION, expires=_LONG_AGO),
                _key("other_tenant", SECOND_ORGANIZATION),
                _key("other_tenant_read_only", SECOND_ORGANIZATION, role="read_only"),
            ),
            tokens=(
                _token("main", FIRST_PROJECT),
                _token("read_only", FIRST_PROJECT, role="read_only"),
                _token("disabled", FIRST_PROJECT, enabled=False),
                _token("expired", FIRST_PROJECT, expires=_LONG_AGO),
                _token("other_tenant", SECOND_PROJECT),
                _token("other_tenant_read_only", SECOND_PROJECT, role="read_only"),
            ),
        )

    def key(self, name: str) -> ApiKey:
        """Return the API key of that name; KeyError when there is none."""
        return _find(self.keys, name)

    def token(self, name: str) -> BearerToken:
        """Return the bearer token of that name; KeyError when there is none."""
        return _find(self.tokens, name)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests a key may send in a fixed window of some seconds; both greater than 0."""

    requests: int = 10
    seconds: float = 10.0

    def __post_init__(self) -> None:
        if not (self.requests > 0 and 0 < self.seconds < float("inf")):
            raise ValueError(f"not a rate: {self.requests} requests in {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class Settings:
    """How one reference server behaves from start to stop.

    time_scale: documented durations are multiplied by it; 1 is the documented pace, 0.001 turns
    minutes into fractions of a second, 0 makes every operation take effect at once.
    state: file that keeps what was acknowledged; None keeps it in memory.
    control_token: opens `/_control` (see `control`); None leaves its paths unknown.
    body_limit: largest request body in bytes; longer ones are answered 413.
    quota: Postgres services that an organization may have; None leaves that to the rules.
    rate_limit: what a key of the clickhouse family may send; None counts nothing.
    """

    credentials: Credentials
    time_scale: float = 0.001
    state: Path | None = None
    control_token: str | None = field(default=None, repr=False)
    body_limit: int = 1024 * 1024
    quota: int | None = None
    rate_limit: RateLimit | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.time_scale <= 1000:
            raise ValueError(f"time_scale must be between 0 and 1000, got {self.time_scale}")
        if self.quota is not None and self.quota < 0:
            raise ValueError(f"quota must not be negative, got {self.quota}")


# Hexadecimal: a secret that begins with a hyphen reads as an option on a command line.
def _key(name: str, organization: str, **properties: Any) -> ApiKey:
    return ApiKey(name, secrets.token_hex(10), secrets.token_hex(20), organization, **properties)


def _token(name: str, project: str, **properties: Any) -> BearerToken:
    return BearerToken(name, secrets.token_hex(20), project, **properties)


def _find(entries: Iterable[_Entry], name: str) -> _Entry:
    for entry in entries:
        if entry.name == name:
            return entry
    raise KeyError(name)
