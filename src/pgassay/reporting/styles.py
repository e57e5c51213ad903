"""How verdicts are coloured on a terminal."""

from typing import Final

from pgassay.verdict import Verdict

STYLES: Final = {
    Verdict.PASS: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
}
