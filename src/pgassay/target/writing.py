"""Write a `Target` as a target file, its secrets into files beside it that only the owner reads."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from pgassay.errors import ConfigurationError
from pgassay.target.model import Credential, Target

_Value: TypeAlias = str | bool | int | float | date | tuple[str, ...]


def write_target(target: Target, path: Path) -> None:
    """Write `target` to `path`, so that `read_target` returns an equal value.

    Secrets go to `<stem>.secrets/` beside the file (folder 0700, files 0600) and are referred to as
    `file:`. Existing files are replaced. Raises `ConfigurationError` where writing is not possible.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        secrets = list(_credentials(target.credentials, path))
        tables = [table for table in (*_plain_tables(target), *secrets) if table]
        replace_text(path, "\n".join(tables), 0o644)
    except OSError as error:
        raise ConfigurationError(
            f"the target file cannot be written: {error.strerror}", str(path)
        ) from error


def _plain_tables(target: Target) -> Iterator[str]:
    yield _table(
        "[target]",
        {
            "name": target.name,
            "base_url": target.base_url,
            "families": tuple(map(str, target.families)),
            "verify_tls": target.verify_tls,
        },
    )
    for name in ("clickhouse", "dbaas", "timing", "limits"):
        yield _table(f"[{name}]", _changed(getattr(target, name)))
    yield _table("[features]", target.features)
    for waiver in target.waivers:
        yield _table("[[waiver]]", {one.name: getattr(waiver, one.name) for one in fields(waiver)})


def _credentials(credentials: Mapping[str, Credential], path: Path) -> Iterator[str]:
    folder = path.with_name(f"{path.stem}.secrets")
    if credentials:
        folder.mkdir(mode=0o700, exist_ok=True)
    for name, credential in credentials.items():
        family, _, role = name.rpartition(".")
        values: dict[str, _Value] = {"scheme": str(credential.scheme)}
        if credential.header:
            values["header"] = credential.header
        for key in ("username", "password", "token"):
            if value := getattr(credential, key):
                secret = folder / f"{name}.{key}"
                replace_text(secret, value, 0o600)
                values[key] = f"file:{folder.name}/{secret.name}"
        yield _table(f"[{family}.auth.{role}]" if family else f"[auth.{role}]", values)


def _changed(settings: Any) -> dict[str, _Value]:
    """Return what differs from the defaults, which also leaves out what means "not given"."""
    return {
        one.name: getattr(settings, one.name)
        for one in fields(settings)
        if getattr(settings, one.name) != one.default
    }


def _table(header: str, values: Mapping[str, _Value]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join([header, *lines, ""]) if lines else ""


def _toml(value: _Value) -> str:
    match value:
        case date():
            return value.isoformat()
        case tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case _:
            # JSON's texts, numbers and booleans are also TOML's.
            return json.dumps(value, ensure_ascii=False)


def replace_text(path: Path, text: str, mode: int) -> None:
    """Write at once, so that a reader sees the old file or the new one, never a part. OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)
