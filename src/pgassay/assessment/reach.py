"""Which checks reach which operation, learnt from a run over a correct server."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pgassay.assessment.examination import Subject, examine_with
from pgassay.run import RunOptions
from pgassay.specification import specification

#: The checks that send nothing of an operation's own still look at every answer of their run.
ANY = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """The checks of the quick profile that send requests of an operation, by its id."""

    checks: Mapping[str, frozenset[str]]

    @classmethod
    def learnt(cls, subject: Subject) -> "Reach":
        """Learn it from one run over a correct server; raises `ValueError` where it accuses it."""
        seen = examine_with(subject, RunOptions(output=Path(), profile="quick"))
        if seen.results.findings:
            accused = {finding.requirement for finding in seen.results.findings}
            raise ValueError(f"the correct server is accused of breaking {sorted(accused)}")
        document, documented = specification(), subject.target.documented
        reached: defaultdict[str, set[str]] = defaultdict(set)
        known = {check.id for check in seen.results.checks}
        for check in known:
            for method, path in seen.sent.get(check, ()):
                operation = document.match(method, documented(path))
                reached[operation.id if operation else ANY].add(check)
        reached[ANY] = known
        return cls({operation: frozenset(checks) for operation, checks in reached.items()})

    def of(self, operations: Collection[str]) -> frozenset[str]:
        """Name the checks that reach one of the operations; without any, all checks."""
        chosen = [self.checks.get(operation, frozenset()) for operation in operations or (ANY,)]
        return frozenset().union(*chosen)
