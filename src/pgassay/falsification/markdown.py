"""A falsification for people: a sentence for the terminal, a page of Markdown."""

from collections.abc import Iterable, Iterator

from pgassay.falsification.findings import Falsification, Pass, Requirement, Worth
from pgassay.falsification.trial import Fate


def summary(found: Falsification) -> str:
    """Say in a few lines how much of the run would have been red."""
    bearing, vacuous = found.count(Worth.LOAD_BEARING), found.count(Worth.VACUOUS)
    replayed = bearing + vacuous
    here = ", here they are:" if vacuous else "."
    flip = f"{bearing} of {replayed} passes flip when their evidence is broken"
    lines = [f"{flip}; {vacuous} are vacuous{here}"]
    lines += [f"  {each.check}{_argued(each)}" for each in found.passes if _vacuous(each)]
    must = [row for row in found.requirements if row.level == "MUST"]
    holding = [row for row in must if row.worth is Worth.LOAD_BEARING]
    lines.append(f"{len(holding)} of {len(must)} MUST requirements that hold could have failed.")
    lines += [f"  {row.id} is vacuous{_argued(row)}" for row in must if _vacuous(row)]
    if left := found.count(Worth.NOT_REPLAYED):
        lines.append(f"{left} passes were not replayed.")
    lines += [f"stale argument: {name} is not vacuous" for name in found.stale]
    tried = sum(sum(fates.values()) for fates in found.kinds.values())
    lines.append(f"{tried} changes in {found.seconds:.0f} s")
    return "\n".join(lines)


def render(found: Falsification) -> str:
    """Return the page."""
    run = f"a run of pgassay {found.pgassay} (seed {found.seed})"
    told = f"{len(found.passes)} passes of {run}, judged again with one thing changed at a time."
    parts = [
        f"# Falsification of {_code(found.run)}",
        told,
        "\n".join(_worths(found)),
        "## What was changed, and who noticed",
        "\n".join(_kinds(found)),
        *_section("Vacuous passes", map(_line, filter(_vacuous, found.passes))),
        *_section("Vacuous requirements", map(_row, filter(_vacuous, found.requirements))),
        *_section("Not replayed", (_line(each) for each in found.passes if _unplayed(each))),
        *_section("Stale arguments", map(_code, found.stale)),
    ]
    return "\n\n".join(parts) + "\n"


def _worths(found: Falsification) -> Iterator[str]:
    yield "| | passes | MUST requirements |"
    yield "|---|--:|--:|"
    for worth in Worth:
        must = sum(row.worth is worth for row in found.requirements if row.level == "MUST")
        yield f"| {worth} | {found.count(worth)} | {must} |"


def _kinds(found: Falsification) -> Iterator[str]:
    yield f"| change | {' | '.join(Fate)} |"
    yield "|---" + "|--:" * len(Fate) + "|"
    for kind, fates in found.kinds.items():
        counts = (str(fates.get(fate, 0)) for fate in Fate)
        yield f"| {kind} | {' | '.join(counts)} |"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    listed = "\n".join(f"- {line}" for line in lines)
    return [f"## {title}", listed] if listed else []


def _line(each: Pass) -> str:
    note = f": {each.note}" if each.note else ""
    return f"{_code(each.check)} ({', '.join(each.requirements)}){note}"


def _row(row: Requirement) -> str:
    return f"{row.id} ({row.level})" + (f": {row.note}" if row.note else "")


def _vacuous(each: Pass | Requirement) -> bool:
    return each.worth is Worth.VACUOUS


def _unplayed(each: Pass) -> bool:
    return each.worth is Worth.NOT_REPLAYED


def _argued(each: Pass | Requirement) -> str:
    return " (argued)" if each.argued else ""


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"
