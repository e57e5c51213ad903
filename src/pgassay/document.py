"""A TOML file as a checked document: one that fits its JSON Schema.

Every problem becomes a `ConfigurationError` that names the file, the key, what was expected and,
for unknown keys, the most similar one that exists.
"""

import json
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from pgassay.errors import ConfigurationError, nearest

#: A TOML table whose shape the schema has vouched for.
Table: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What to say of a file that cannot be read: what `kind` of file it is, and the next step."""

    kind: str
    remedy: str


def load(path: Path, schema: Path, unreadable: Unreadable) -> Table:
    """Read the TOML file `path` and check it against the JSON Schema in the file `schema`.

    `unreadable` says what the file is and where to get one. The schema's descriptions are noun
    phrases: messages read "Expected DESCRIPTION". Dates are returned in their text form (RFC 3339).
    Raises `ConfigurationError`.
    """
    parsed = _parse(path, unreadable)
    document = {key: _plain(value, path, key) for key, value in parsed.items()}
    errors = sorted(_validator(schema).iter_errors(document), key=_urgency)
    if errors:
        raise _explain(errors[0], path)
    return document


def place(path: Path, key: str) -> str:
    """Return how messages name the place of `key` in the file `path`."""
    return f"{path}, {key}" if key else str(path)


def _parse(path: Path, unreadable: Unreadable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"the file is not valid TOML: {error}",
            where=str(path),
            remedy="Text values need quotes; see https://toml.io for the notation.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("the file is not UTF-8 text", where=str(path)) from error
    except OSError as error:
        raise ConfigurationError(
            f"the {unreadable.kind} cannot be read: {error.strerror}",
            where=str(path),
            remedy=unreadable.remedy,
        ) from error


def _plain(value: Any, path: Path, key: str) -> Any:
    """Turn a TOML value into a JSON value.

    Control characters are refused here because `$` of Python's regular expressions accepts a
    trailing newline, and because such a text would break headers and paths later.
    """
    match value:
        case dict():
            return {name: _plain(item, path, f"{key}.{name}") for name, item in value.items()}
        case list():
            return [_plain(item, path, f"{key}[{index}]") for index, item in enumerate(value)]
        case date() | time():
            return value.isoformat()
        case float() if not math.isfinite(value):
            raise ConfigurationError(
                f"{value} is not accepted", place(path, key), "a finite number"
            )
        case str() if not value.isprintable():
            raise ConfigurationError(
                "the text holds a line break or a control character",
                place(path, key),
                "a text of one line",
            )
    return value


@cache
def _validator(schema: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.read_text("utf-8")))


def _urgency(error: ValidationError) -> tuple[int, str]:
    # A misspelt key often causes a missing one as well: name the misspelling first.
    return {"additionalProperties": 0, "required": 2}.get(str(error.validator), 1), error.json_path


def _explain(error: ValidationError, path: Path) -> ConfigurationError:
    key = _dotted(error.absolute_path)
    schema, value = cast("Table", error.schema), cast("Any", error.instance)
    match error.validator:
        case "additionalProperties":
            return _unknown_key(sorted(value), sorted(schema["properties"]), path, key)
        case "required":
            missing = next(name for name in schema["required"] if name not in value)
            what = f"the key '{missing}' is missing"
            expected = schema["properties"][missing].get("description", "")
            return ConfigurationError(what, place(path, key), expected)
        case _:
            what = f"{_shown(value, key)} is not accepted"
            return ConfigurationError(what, place(path, key), schema.get("description", ""))


def _unknown_key(given: list[str], known: list[str], path: Path, key: str) -> ConfigurationError:
    unknown = next(name for name in given if name not in known)
    similar = nearest(unknown, known)
    return ConfigurationError(
        f"unknown key '{unknown}'",
        place(path, key),
        expected="one of " + ", ".join(known),
        remedy=f"Did you mean '{similar}'?" if similar else "",
    )


def _shown(value: Any, key: str) -> str:
    # What stands in an auth table may be a secret that somebody put there by mistake.
    if "auth." in key and isinstance(value, str):
        return "the value"
    match value:
        case dict():
            return "a table"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return json.dumps(value)


def _dotted(parts: Iterable[str | int]) -> str:
    return "".join(_steps(parts)).removeprefix(".")


def _steps(parts: Iterable[str | int]) -> Iterator[str]:
    for part in parts:
        yield f"[{part}]" if isinstance(part, int) else f".{part}"
