"""Which way a target went where the documents leave a choice, in words."""

from collections.abc import Iterable

from pgassay.reporting.tally import count
from pgassay.results import GapBranch, GapResult, Results


def summary(results: Results) -> str:
    """Return one sentence about all points that the documents leave open; empty without any."""
    open_points = [gap for gap in results.gaps if not gap.unobservable]
    if not open_points:
        return ""
    observed = sum(bool(gap.seen) for gap in open_points)
    parts = [f"{observed} observed"]
    if several := sum(gap.undecided for gap in open_points):
        parts.append(f"{several} answered in several ways")
    if declared := sum(bool(gap.declared) for gap in results.gaps):
        parts.append(f"{declared} declared by the target file")
    return f"{count(len(open_points), 'open point')} of the documents: {', '.join(parts)}."


def ordered(results: Results) -> list[GapResult]:
    """Return the points, first those that were answered in several ways, then declared ones."""
    return sorted(results.gaps, key=_rank)


def answer(gap: GapResult) -> str:
    """Return in one line what the target was seen to do."""
    if gap.unobservable:
        return "cannot be observed"
    if not gap.seen:
        return "not observed"
    return " / ".join(f"{branch.about} ({_often(branch)})" for branch in gap.seen)


def evidence(branches: Iterable[GapBranch]) -> list[str]:
    """Return a line for each exchange that is named as evidence."""
    return [
        f"exchange {one.sequence}: {one.method} {one.path} -> {one.status}"
        for branch in branches
        for one in branch.evidence
    ]


def _often(branch: GapBranch) -> str:
    return "once" if branch.count == 1 else f"{branch.count:,} times"


def _rank(gap: GapResult) -> int:
    if gap.undecided:
        return 0
    if gap.declared:
        return 1
    return 2 if gap.seen else 3 + bool(gap.unobservable)
