"""Which checks reach which operation, learnt from a run over a correct server."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgassay.assessment.examination import Subject, recorded
from pgassay.coverage import check_titles
from pgassay.errors import SuiteBroken
from pgassay.exchange import Json
from pgassay.journal import read
from pgassay.run import RunOptions
from pgassay.specification import specification

#: The checks that send nothing of an operation's own still look at every answer of their run.
ANY: Final = ""
_WORD: Final = re.compile(r"[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Reach:
    """The checks of the quick profile by the ids of the operations that they send requests of.

    `words` are those of each check's name and sentence; `functions` are the checks of the full
    profile as well, those of a table by their common name.
    """

    checks: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]]
    functions: frozenset[str] = frozenset()

    @classmethod
    def learnt(cls, subject: Subject) -> "Reach":
        """Learn it from one run over a correct server; raises `SuiteBroken` where it is accused."""
        with recorded(subject, RunOptions(output=Path(), profile="quick")) as (results, journal):
            accused = sorted({finding.requirement for finding in results.findings})
            if accused:
                raise SuiteBroken(f"the correct server is accused of breaking {', '.join(accused)}")
            titles = check_titles()
            told = {**titles, **{check.id: check.title for check in results.checks}}
            words = {check: _words(f"{check} {title}") for check, title in told.items()}
            checks = {check.id for check in results.checks}
            return cls(_reached(subject, checks, read(journal)), words, frozenset(titles))

    def of(self, operations: Collection[str]) -> frozenset[str]:
        """Name the checks that reach one of the operations; without any, all checks."""
        chosen = [self.checks.get(operation, frozenset()) for operation in operations or (ANY,)]
        return frozenset().union(*chosen)

    def likeliest(self, checks: Collection[str], fault: str, count: int) -> frozenset[str]:
        """Name those of the checks that share the rarest words with the name of a fault."""
        frequency = Counter(word for words in self.words.values() for word in words)
        told = _words(fault)

        def likeness(check: str) -> float:
            shared = told & self.words.get(check, frozenset())
            return sum(math.log(len(self.words) / frequency[word]) for word in shared)

        return frozenset(sorted(checks, key=lambda check: (-likeness(check), check))[:count])


def _reached(
    subject: Subject, checks: Collection[str], entries: Iterable[dict[str, Json]]
) -> Mapping[str, frozenset[str]]:
    document, documented = specification(), subject.target.documented
    reached: defaultdict[str, set[str]] = defaultdict(set)
    reached[ANY] = set(checks)
    for entry in entries:
        if entry["kind"] != "exchange":
            continue
        operation = document.match(entry["method"], documented(entry["path"]))
        if operation is not None:
            # What fixtures send serves any check.
            reached[operation.id] |= {entry["check"]} & reached[ANY] or reached[ANY]
    return {operation: frozenset(checks) for operation, checks in reached.items()}


def _words(text: str) -> frozenset[str]:
    """The words of a text, without the s of a plural."""
    return frozenset(word.rstrip("s") for word in _WORD.findall(text.lower()))
