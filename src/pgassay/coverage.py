"""Which checks judge which requirement, read from the source code without importing it.

Two forms count: the decorator `@requirement("ID", ...)` on a test function or test class in
`conformance/`, and a module-level `JUDGES`: a tuple `("ID", ...)` in a module of the package, which
is how monitors and the judgement of load runs declare theirs, or in `conformance/` the rules of a
table of cases, whose values are the ids.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pgassay._folders import folder
from pgassay.catalogue import Catalogue, Requirement

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, order=True)
class CheckLocation:
    """Where a check is defined.

    Attributes:
        file: Path below the folder that was searched, such as `conformance/test_users.py`.
        line: Line of its definition, counted from 1.
        name: `test_name`, `TestClass::test_name`, or the name of the declaring module.
    """

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"


def checks_by_requirement(
    conformance: Path | None = None, package: Path | None = None
) -> Mapping[str, tuple[CheckLocation, ...]]:
    """Map each requirement id that some check names to its checks, by file and line.

    Ids are not compared with the catalogue. Requirements without checks are not in the mapping.
    """
    found: defaultdict[str, list[CheckLocation]] = defaultdict(list)
    for identifier, location in _all_bindings(
        conformance or folder("conformance"), package or _PACKAGE
    ):
        found[identifier].append(location)
    return {identifier: tuple(sorted(set(found[identifier]))) for identifier in sorted(found)}


@cache
def judged(check: str) -> frozenset[str]:
    """Name the requirements that a check function (`module::function`) judges."""
    module, _, function = check.partition("::")
    file = f"{folder('conformance').name}/{module}.py"
    return frozenset(
        identifier
        for identifier, locations in _bindings().items()
        if any(each.file == file and each.name in {function, module} for each in locations)
    )


@cache
def _bindings() -> Mapping[str, tuple[CheckLocation, ...]]:
    return checks_by_requirement()


def check_titles(conformance: Path | None = None) -> Mapping[str, str]:
    """Name all check functions, as `module::function`, with the sentence that each says."""
    return {
        f"{path.stem}::{node.name}": (ast.get_docstring(node) or "").partition("\n")[0]
        for path in sorted((conformance or folder("conformance")).rglob("test_*.py"))
        for node in _parse(path)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def uncovered(
    catalogue: Catalogue, checks: Mapping[str, tuple[CheckLocation, ...]]
) -> tuple[Requirement, ...]:
    """Return the requirements that no check judges although nothing prevents it."""
    return tuple(row for row in catalogue if row.untestable is None and row.id not in checks)


def _all_bindings(conformance: Path, package: Path) -> Iterator[tuple[str, CheckLocation]]:
    for path in sorted(conformance.rglob("test_*.py")):
        body, file = _parse(path), _relative(path, conformance)
        yield from _decorated(body, file, prefix="")
        yield from _declared(body, file, path.stem)
    for path in sorted(package.rglob("*.py")):
        # Most modules declare nothing, and parsing is a hundred times slower than searching.
        if b"JUDGES" in path.read_bytes():
            yield from _declared(_parse(path), _relative(path, package), path.stem)


def _parse(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_bytes(), filename=str(path)).body


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root.parent).as_posix()


def _decorated(
    body: Iterable[ast.stmt], file: str, prefix: str
) -> Iterator[tuple[str, CheckLocation]]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        location = CheckLocation(file, node.lineno, prefix + node.name)
        for decorator in node.decorator_list:
            yield from ((identifier, location) for identifier in _required_by(decorator))
        if isinstance(node, ast.ClassDef):
            yield from _decorated(node.body, file, f"{prefix}{node.name}::")


def _required_by(decorator: ast.expr) -> Iterator[str]:
    match decorator:
        case ast.Call(
            func=ast.Name(id="requirement") | ast.Attribute(attr="requirement"), args=arguments
        ):
            yield from _strings(arguments)


def _declared(
    body: Iterable[ast.stmt], file: str, name: str
) -> Iterator[tuple[str, CheckLocation]]:
    for node in body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="JUDGES")], value=declared)
                | ast.AnnAssign(target=ast.Name(id="JUDGES"), value=ast.expr() as declared)
            ):
                location = CheckLocation(file, node.lineno, name)
                yield from ((identifier, location) for identifier in _listed(declared))


def _listed(declared: ast.expr) -> Iterator[str]:
    match declared:
        case ast.Tuple(elts=elements):
            yield from _strings(elements)
        case ast.Dict(values=values):
            yield from _strings(values)
            for value in values:
                yield from _listed(value)


def _strings(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)):
                yield text
