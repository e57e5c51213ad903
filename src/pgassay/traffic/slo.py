"""Service level objectives, as `load/slo.toml` or a file of the user's states them."""

import json
import tomllib
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from pgassay._folders import folder
from pgassay.errors import ConfigurationError
from pgassay.traffic.objectives import Budget, Objective, Objectives

__all__ = ["Budget", "Objective", "Objectives", "read", "shipped"]


def shipped() -> Path:
    """Where the objectives of the shipped scenarios stand."""
    return folder("load") / "slo.toml"


def read(path: Path) -> Objectives:
    """Read an SLO file; raises `ConfigurationError` that names the key concerned."""
    schema = folder("spec") / "schema" / "slo.schema.json"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"the file cannot be read: {error.strerror}", str(path)) from error
    except ValueError as error:
        raise ConfigurationError(f"this is not TOML: {error}", str(path)) from error
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    problem = best_match(validator.iter_errors(document))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "top level"
        raise ConfigurationError(problem.message, f"{path}: {where}", remedy=f"See {schema.name}.")
    objectives = msgspec.convert(document, Objectives)
    _check_ids(objectives, path)
    return objectives


def _check_ids(objectives: Objectives, path: Path) -> None:
    seen: set[str] = set()
    ids = [item.id for item in objectives.objective] + [item.id for item in objectives.budget]
    for identifier in ids:
        if identifier in seen:
            raise ConfigurationError(
                f"the id '{identifier}' is used twice",
                str(path),
                "each objective to have its own id",
            )
        seen.add(identifier)
