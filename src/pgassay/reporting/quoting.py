"""Write any text into Markdown so that it is shown literally."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pgassay.reporting.excerpt import legible, line

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@$^=])")


def escape(text: str, limit: int = 300) -> str:
    """Return `text` on one line so that Markdown and HTML show it literally."""
    return _SPECIAL.sub(r"\\\1", line(text, limit)).replace(r"\<", "&lt;").replace(r"\&", "&amp;")


def code(text: str, limit: int = 300) -> str:
    """Return `text` on one line as a code span that also holds in a table."""
    content = line(text, limit).replace("|", "¦")
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if content.startswith("`") or content.endswith("`") or not content else ""
    return f"{fence}{padding}{content}{padding}{fence}"


def block(text: str, limit: int = 2000) -> str:
    """Return `text` as a fenced block whose fence the text cannot close."""
    content = legible(text)[:limit]
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}sh\n{content}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already; all columns but the first are numbers."""
    lines = [f"| {' | '.join(head)} |", f"|:--|{'--:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
