"""Who may call a reference server that a command starts, and the target that describes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from pgassay.errors import ConfigurationError
from pgassay.reference import (
    SEED,
    ApiKey,
    BearerToken,
    Credentials,
    RateLimit,
    Readings,
    Settings,
)
from pgassay.reference.clickhouse.sizes import SIZES
from pgassay.reference.settings import FIRST_PROJECT
from pgassay.target.model import (
    ClickhouseSettings,
    Credential,
    DbaasSettings,
    Family,
    Scheme,
    Target,
    Timing,
)
from pgassay.target.writing import replace_text

_SMALLEST: Final = "r6gd.medium"
_DOCUMENTED: Final = Readings()
#: The optional features that the reference serves.
_SERVED: Final = (
    "certificates",
    "metrics",
    "password",
    "read_replicas",
    "restore",
    "slow_queries",
    "state_commands",
)
#: The credentials that a target file has tables for; the server knows more.
_DESCRIBED: Final = frozenset({"main", "other_tenant", "read_only", "disabled"})
KEY_ID: Final = "PGASSAY_REFERENCE_KEY_ID"
KEY_SECRET: Final = "PGASSAY_REFERENCE_KEY_SECRET"  # noqa: S105 (a variable's name)
TOKEN: Final = "PGASSAY_REFERENCE_TOKEN"  # noqa: S105 (a variable's name)


def reference_credentials(state: Path | None, environ: Mapping[str, str]) -> Credentials:
    """Return the credentials of a store: those it had, or fresh ones.

    They stay with the store in `STATE.credentials`, which only the owner can read. The variables
    `KEY_ID`, `KEY_SECRET` and `TOKEN` replace the main key and the main token. Raises
    `ConfigurationError`.
    """
    return _given(_kept(state) if state else Credentials.generate(), environ)


def reference_target(settings: Settings, url: str, readings: Readings = _DOCUMENTED) -> Target:
    """Return the target that describes a reference server at `url`."""
    limit = settings.rate_limit or RateLimit()
    return Target(
        name="reference",
        base_url=url,
        families=tuple(Family),
        credentials=_credentials(settings.credentials),
        clickhouse=ClickhouseSettings(
            organization_id=SEED.organization,
            other_organization_id=SEED.other_organization,
            service_id=SEED.scalable_service,
            service_without_pipe_id=SEED.pipeless_service,
            observed_service_id=SEED.service,
            sizes=tuple(sorted(SIZES, key=lambda size: (size != _SMALLEST, size))),
            redaction="on" if readings.redaction == "on" else "off",
            other_redaction="off" if readings.redaction == "off" else "on",
            quota=settings.quota or ClickhouseSettings().quota,
            rate_limit=limit.requests,
            rate_window=limit.seconds,
        ),
        dbaas=DbaasSettings(
            project_id=FIRST_PROJECT,
            put_semantics=readings.dbaas_put,
            reference_style=readings.dbaas_references,
            unique_names=readings.dbaas_names == "unique",
        ),
        features=dict.fromkeys(_SERVED, True)
        | {"rate_limit": settings.rate_limit is not None, "quota": bool(settings.quota)},
        timing=reference_timing(settings.time_scale),
    )


def reference_timing(scale: float) -> Timing:
    """Return budgets for a server whose documented durations are multiplied by `scale`.

    Each is about three times what the reference takes, and some seconds for a busy machine.
    """
    return Timing(
        create=10 + 900 * scale,
        scale=10 + 720 * scale,
        restart=5 + 180 * scale,
        delete=5 + 180 * scale,
        config=5 + 60 * scale,
        cdc=5 + 720 * scale,
        backup=5 + 1800 * scale,
        poll=min(5.0, 0.005 + 5 * scale),
        settle=min(15.0, 0.02 + 15 * scale),
        request=10,
    )


def _given(credentials: Credentials, environ: Mapping[str, str]) -> Credentials:
    key_id, secret, token = (environ.get(name, "") for name in (KEY_ID, KEY_SECRET, TOKEN))
    if bool(key_id) != bool(secret):
        raise ConfigurationError(
            "only one part of the reference server's key is given",
            KEY_SECRET if key_id else KEY_ID,
            f"both {KEY_ID} and {KEY_SECRET}, or none of them",
        )
    keys, tokens = credentials.keys, credentials.tokens
    if key_id:
        keys = tuple(
            replace(key, key_id=key_id, secret=secret) if key.name == "main" else key
            for key in keys
        )
    if token:
        tokens = tuple(replace(one, token=token) if one.name == "main" else one for one in tokens)
    return Credentials(keys, tokens)


def _kept(state: Path) -> Credentials:
    path = state.with_name(f"{state.name}.credentials")
    try:
        if not path.exists():
            replace_text(path, json.dumps(asdict(Credentials.generate())), 0o600)
        kept = json.loads(path.read_text(encoding="utf-8"))
        keys = tuple(ApiKey(**key) for key in kept["keys"])
        return Credentials(keys, tuple(BearerToken(**token) for token in kept["tokens"]))
    except OSError as error:
        raise ConfigurationError(
            f"the credentials of the store cannot be kept: {error.strerror}", str(path)
        ) from error
    except (ValueError, LookupError, TypeError) as error:
        raise ConfigurationError(
            "the file does not hold the credentials of a store",
            str(path),
            remedy="Remove it to have new ones made.",
        ) from error


def _credentials(credentials: Credentials) -> dict[str, Credential]:
    keys = {
        f"{Family.CLICKHOUSE}.{key.name}": Credential(
            Scheme.BASIC, username=key.key_id, password=key.secret
        )
        for key in credentials.keys
        if key.name in _DESCRIBED
    }
    tokens = {
        f"{Family.DBAAS}.{one.name}": Credential(Scheme.BEARER, token=one.token)
        for one in credentials.tokens
        if one.name in _DESCRIBED
    }
    return {**keys, **tokens}
