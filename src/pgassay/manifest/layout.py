"""What the lines of a manifest show when its structure cannot be trusted.

A manifest that was copied from a rendered page has often lost its indentation: YAML then either
refuses it or reads all keys as members of one mapping, and both hide the other defects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pgassay.manifest.finding import Finding

SECTIONS = ("requirements", "imports", "resources")

_KEY = re.compile(r"""(?P<key>[$\w.]+|"[^"]*"|'[^']*')\s*:(?:\s+(?P<value>.*))?""")
_SELF_REFERENCE = re.compile(r"\$(?P<name>[A-Za-z_]\w*)\.imports\.")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str
    key: str | None
    value: str

    def opens_section(self) -> bool:
        return self.key in SECTIONS and not self.value


def lost_indentation(text: str) -> Iterator[Finding]:
    """Yield a finding for each section whose content is not indented below it."""
    lines = list(_lines(text))
    outermost = lines[0].indent if lines else 0
    for line, following in pairwise(lines):
        if not line.opens_section() or line.indent > outermost or following.indent > outermost:
            continue
        # A section may be empty: then another one, or the manifest's name, follows it.
        if not following.opens_section() and following.key != "name":
            problem = "has lost its indentation: indent what belongs to the section"
            yield Finding(line.number, str(line.key), problem)


def layout_findings(text: str) -> Iterator[Finding]:
    """Yield elided bodies, keys written twice, missing sections and a missing name."""
    lines = list(_lines(text))
    yield from _elided(lines)
    yield from _written_twice(lines)
    yield from _missing_name(lines)
    present = {line.key for line in lines}
    for section in SECTIONS:
        if section not in present:
            yield Finding(1, section, "is missing: a manifest has this section")


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _KEY.fullmatch(stripped)
        key = match["key"].strip("\"'") if match else None
        value = (match["value"] or "").partition(" #")[0].strip() if match else ""
        value = "" if value.startswith("#") else value
        yield _Line(number, len(raw) - len(raw.lstrip()), stripped, key, value)


def _elided(lines: list[_Line]) -> Iterator[Finding]:
    for previous, line in pairwise(lines):
        # At the very end, `...` is YAML's end of a document.
        if line.text == "..." and line is not lines[-1]:
            yield Finding(line.number, previous.key or "", "is elided with `...`; write it out")


def _written_twice(lines: list[_Line]) -> Iterator[Finding]:
    """Compare the keys of each run of `key: value` lines; a line without a value ends a run."""
    owner, seen = "", dict[tuple[int, str], int]()
    for line in lines:
        if line.key is None or not line.value:
            owner, seen = line.key or "", {}
            continue
        place = (line.indent, line.key)
        if place in seen:
            problem = f"is written twice, first in line {seen[place]}"
            yield Finding(line.number, f"{owner}/{line.key}".lstrip("/"), problem)
        seen.setdefault(place, line.number)


def _missing_name(lines: list[_Line]) -> Iterator[Finding]:
    names = {line.value.strip("\"'") for line in lines if line.key == "name"}
    for line in lines:
        for match in _SELF_REFERENCE.finditer(line.text):
            if match["name"] not in names:
                yield Finding(line.number, line.key or "", missing_name(match["name"]))


def missing_name(name: str) -> str:
    """Return the message for a manifest that refers to itself but says no name."""
    return f"refers to the manifest itself as `${name}`, but the manifest has no `name: {name}`"
