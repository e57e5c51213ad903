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
_WITHIN: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
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
            spoken = {check: words(f"{check} {title}") for check, title in told.items()}
            checks = {check.id for check in results.checks}
            return cls(_reached(subject, checks, read(journal)), spoken, frozenset(titles))

    def of(self, operations: Collection[str]) -> frozenset[str]:
        """Name the checks that reach one of the operations; without any, all checks."""
        chosen = [self.checks.get(operation, frozenset()) for operation in operations or (ANY,)]
        return frozenset().union(*chosen)

    def likeliest(self, checks: Collection[str], fault: str, count: int) -> frozenset[str]:
        """Name those of the checks that share the rarest words with the name of a fault."""
        spoken = {check: self.words.get(check, frozenset()) for check in checks}
        return frozenset(_alike(words(fault), spoken, self.words)[:count])

    def likeliest_faults(self, check: str, faults: Mapping[str, str]) -> list[str]:
        """Order described faults by the words they share with a check, the likeliest first."""
        spoken = {name: words(f"{name} {text}") for name, text in faults.items()}
        return _alike(self.words.get(check, words(check)), spoken, spoken)


def _alike(
    told: frozenset[str], spoken: Mapping[str, frozenset[str]], all_: Mapping[str, frozenset[str]]
) -> list[str]:
    """Order what is spoken by the words that it shares with what is told; rare ones count most."""
    frequency = Counter(word for each in all_.values() for word in each)

    def likeness(name: str) -> float:
        return sum(math.log(len(all_) / frequency[word]) for word in told & spoken[name])

    return sorted(spoken, key=lambda name: (-likeness(name), name))


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


def words(text: str) -> frozenset[str]:
    """The words of a text and of the names in it, without the s of a plural."""
    apart = _WITHIN.sub(" ", text)
    return frozenset(word.rstrip("s") for word in _WORD.findall(apart.lower()))
