"""What to do next about a failed requirement."""

import shlex
from typing import Final

from pgassay.results import RequirementResult, Results

#: Options of a run, each with a value, that say nothing about one requirement's checks.
_DROPPED: Final = frozenset(
    {"--family", "--requirement", "--scenario", "--rate", "--duration", "--profile"}
)


def alone(results: Results, row: RequirementResult) -> str:
    """Return the command that judges this requirement alone, in every form; load runs have none."""
    if row.plane == "load":
        return results.run.command
    words = shlex.split(results.run.command)[2:]
    kept = ["pgassay", "check", "--requirement", row.id]
    while words:
        word = words.pop(0)
        if word in _DROPPED:
            words = words[1:]
        elif word != "--fail-fast":
            kept.append(word)
    return shlex.join(kept)
