"""What a target file declares of the points that the documents leave open."""

from collections.abc import Iterable
from typing import Final

from pgassay._folders import folder
from pgassay.difference import Arguments
from pgassay.gaps.catalogue import Gap
from pgassay.target.model import Target

#: The switch that names the published document by its digest.
_EDITION: Final = "clickhouse.specification"


def declared(target: Target, gap: Gap) -> str:
    """Return what the target file says where the gap's switch is, as it is written there.

    Empty where that is the default, or where the point has no switch.
    """
    table, _, key = gap.switch.partition(".")
    settings = {"clickhouse": target.clickhouse, "dbaas": target.dbaas}.get(table)
    if settings is None or not hasattr(settings, key):
        return ""
    value = getattr(settings, key)
    if value == getattr(type(settings)(), key):
        return ""
    if gap.switch == _EDITION:
        return f"{value}, {_edition(value)}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _edition(digest: str) -> str:
    argued = Arguments.read(folder("spec") / "differences.toml").document
    known = "the edition" if digest == argued else "another edition than the one"
    return f"{known} that spec/differences.toml argues about"


def excused(target: Target, gaps: Iterable[Gap]) -> dict[str, str]:
    """Return the requirements that declared choices take from a target, and which choice does.

    Nothing is hidden by that: reports tell the choice, and what the target was seen to do.
    """
    return {
        requirement: f"the target file declares {gap.switch} = {declared(target, gap)}"
        for gap in gaps
        for requirement in gap.excuses.get(declared(target, gap), ())
    }
