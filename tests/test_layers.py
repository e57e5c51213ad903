"""The package keeps its layers: lower ones never import higher ones, server and checks not at all.

The map is in ARCHITECTURE.md; a new module of the package must be given its layer here.
"""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

import pgassay

PACKAGE = Path(pgassay.__file__).resolve().parent
ROOT = Path(__file__).resolve().parents[1]

KNOWLEDGE = {
    "_folders",
    "catalogue",
    "check",
    "clock",
    "coverage",
    "curl",
    "deviation",
    "difference",
    "document",
    "errors",
    "exchange",
    "journal",
    "load_results",
    "ownership",
    "redaction",
    "resource",
    "results",
    "specification",
    "statements",
    "statistics",
    "target",
    "verdict",
    "zone",
}
CHECKING = {
    "allowance",
    "client",
    "crew",
    "database",
    "departure",
    "expectation",
    "exploration",
    "families",
    "gaps",
    "history",
    "inprocess",
    "manifest",
    "models",
    "monitors",
    "rate_limit",
    "values",
    "waiting",
    "wire",
}
SESSION = {
    "assessment",
    "comparison",
    "falsification",
    "fuzzing",
    "preflight",
    "reporting",
    "run",
    "traffic",
}
DOORS = {"__main__", "cli"}
SERVER = {"mutants", "reference"}
#: The server of known truth: it knows neither half, and the doors alone know it.
INSTRUMENT = {"calibration"}

#: From the lowest to the highest; the package itself (its version) is below all.
LAYERS = ({""}, KNOWLEDGE, CHECKING, SESSION, DOORS)

#: Loading these makes `pgassay --help` slow; each is imported by the command that needs it.
HEAVY = {
    "httpx",
    "hypothesis",
    "jinja2",
    "locust",
    "numpy",
    "psycopg",
    "pytest",
    "rich",
    "schemathesis",
    "scipy",
    "uvicorn",
}


def _modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "_bundle" not in path.parts]


def _part(module: str) -> str:
    """Return the part of the package that a dotted name is in; "" for the package itself."""
    return (module + ".").split(".")[1]


def _imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that a file imports, at its top or inside."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            module = node.module or ""
            yield from (
                f"{module}.{alias.name}" if module == "pgassay" else module for alias in node.names
            )


@cache
def _parts_imported(path: Path) -> set[str]:
    """Return the parts of the package that a file of it imports from."""
    names = {name for name in _imported(path) if name.split(".")[0] == "pgassay"}
    return {part if _is_part(part) else "" for part in map(_part, names)}


def _is_part(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def _own_part(path: Path) -> str:
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if name == "__init__" else name


def _layer(part: str) -> int:
    return next(number for number, parts in enumerate(LAYERS) if part in parts)


def test_every_part_of_the_package_has_a_layer() -> None:
    assert {_own_part(path) for path in _modules()} <= set().union(SERVER, INSTRUMENT, *LAYERS)


def test_no_layer_imports_a_higher_one() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports pgassay.{part}"
        for path in _modules()
        if _own_part(path) not in SERVER | INSTRUMENT
        for part in _parts_imported(path) - SERVER - INSTRUMENT
        if _layer(part) > _layer(_own_part(path))
    ]
    assert wrong == []


def test_server_and_checks_do_not_know_each_other() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports pgassay.{part}"
        for path in _modules()
        if _own_part(path) != "cli"
        for part in _parts_imported(path)
        if (part in SERVER) != (_own_part(path) in SERVER)
    ]
    assert wrong == []


def test_the_server_of_known_truth_knows_nothing_of_either_half() -> None:
    own = [path for path in _modules() if _own_part(path) in INSTRUMENT]
    others = [path for path in _modules() if _own_part(path) not in INSTRUMENT | DOORS]
    assert set().union(*map(_parts_imported, own)) <= INSTRUMENT | {"errors"}
    assert not set().union(*map(_parts_imported, others)) & INSTRUMENT


def test_the_reference_does_not_know_its_mutants() -> None:
    inside = [path for path in _modules() if _own_part(path) == "reference"]
    assert not any("mutants" in _parts_imported(path) for path in inside)


@pytest.mark.parametrize("name", ["conformance", "load"])
def test_the_programs_import_each_other_never(name: str) -> None:
    programs = {path.stem for path in (ROOT / name).glob("*.py")}
    imported = {top.split(".")[0] for p in (ROOT / name).glob("*.py") for top in _imported(p)}
    assert not imported & (programs | {"conformance", "load", "tests"})


def test_the_checks_leave_locust_the_server_and_the_doors_alone() -> None:
    imported = {_part(m) for p in (ROOT / "conformance").glob("*.py") for m in _imported(p)}
    assert not imported & (SERVER | DOORS | {"traffic"})


def test_no_module_is_longer_than_500_lines() -> None:
    folders = (PACKAGE, *(ROOT / name for name in ("conformance", "load", "tests")))
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for folder in folders
        for path in folder.rglob("*.py")
    }
    assert {str(path): length for path, length in lengths.items() if length > 500} == {}


def _loaded_by(statement: str) -> set[str]:
    """Return the top-level names that are imported once `statement` ran in a process of its own."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], check=True, capture_output=True, text=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_command_line_starts_without_the_libraries_of_its_commands() -> None:
    assert not _loaded_by("import pgassay.cli") & HEAVY


def test_no_command_imports_locust_which_would_patch_the_process() -> None:
    names = sorted(f"pgassay.cli.{path.stem}" for path in (PACKAGE / "cli").glob("[!_]*.py"))
    assert not _loaded_by(f"import {', '.join(names)}") & {"gevent", "locust"}


def _normal(requirement: str) -> str:
    """Return the distribution's name in a requirement, spelt in the one normal way (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def test_every_library_that_the_package_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    declared = {_normal(line) for line in chain(project["dependencies"], extras)}
    distributions = importlib.metadata.packages_distributions()
    tops = {name.split(".")[0] for path in _modules() for name in _imported(path)}
    foreign = tops - sys.stdlib_module_names - {"pgassay"}
    undeclared = {top for top in foreign if not {_normal(d) for d in distributions[top]} & declared}
    assert undeclared == set()
