"""What a run's verdicts mean in numbers and in plain words.

No number goes without what it is a part of: there is no function here that takes only passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pgassay.reporting.units import change, figure, seconds
from pgassay.results import LoadTrend, Monitored, RequirementResult, Results, SloResult
from pgassay.verdict import ExitStatus, Verdict

LEVELS: Final = ("MUST", "SHOULD", "MAY")

#: Each verdict in one sentence, worst last.
MEANINGS: Final[Mapping[Verdict, str]] = {
    Verdict.PASS: "The target was seen to do what is required.",
    Verdict.NOT_APPLICABLE: "The target does not claim the feature.",
    Verdict.DISABLED: "Left out by the user or the profile.",
    Verdict.WAIVED: "A known deviation with an owner and an expiry date; it was examined.",
    Verdict.WARN: "A deviation from a recommendation, or from what no source states as a must.",
    Verdict.NOT_TESTABLE: "A prerequisite was missing.",
    Verdict.BLOCKED: "Another failure is the cause; it is named.",
    Verdict.INCONCLUSIVE: "The outcome is unknown, or there were too few samples.",
    Verdict.FAIL: "The target violates a requirement that a source states as a must.",
    Verdict.ERROR: "The suite broke; this says nothing about the target.",
}


#: What every reader of a closed-model result must know.
CLOSED: Final = (
    "Each user waits for its answer before it sends again, and latencies count from the real send: "
    "a target that stalls is asked less often, and its stall counts once. Percentiles come out "
    "better than clients would see them; only an open load tells those."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """How the requirements of one level came out."""

    level: str
    verdicts: Mapping[str, int]

    def of(self, *verdicts: Verdict) -> int:
        """How many requirements have one of `verdicts`."""
        return sum(self.verdicts.get(verdict, 0) for verdict in verdicts)

    @property
    def passed(self) -> int:
        """How many requirements hold."""
        return self.of(Verdict.PASS)

    @property
    def judged(self) -> int:
        """How many requirements the target was judged by."""
        return self.of(*(verdict for verdict in Verdict if verdict.judged))

    @property
    def open(self) -> int:
        """How many questions were asked and not answered."""
        return self.of(*(verdict for verdict in Verdict if verdict.open), Verdict.ERROR)

    @property
    def left_out(self) -> int:
        """How many requirements do not concern this target or were left out by the user."""
        return self.of(Verdict.NOT_APPLICABLE, Verdict.DISABLED)

    @property
    def total(self) -> int:
        """How many requirements there are."""
        return sum(self.verdicts.values())


def tallies(results: Results) -> list[Tally]:
    """Return one tally for each level that occurs, strictest level first."""
    known = [level for level in LEVELS if level in results.counts]
    others = sorted(set(results.counts) - set(LEVELS))
    return [Tally(level, results.counts[level]) for level in [*known, *others]]


def overall(results: Results) -> Tally:
    """Return the tally of all levels together."""
    total: dict[str, int] = {}
    for verdicts in results.counts.values():
        for verdict, count in verdicts.items():
            total[verdict] = total.get(verdict, 0) + count
    return Tally("all levels", total)


def slos(results: Results) -> list[SloResult]:
    """Return the service level verdicts of all load scenarios."""
    return [slo for scenario in results.load for slo in scenario.slos]


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict on the whole run in plain words; `tone` is the verdict whose colour it has."""

    title: str
    sentence: str
    tone: Verdict


def headline(results: Results) -> Headline:
    """Say in plain words what the run's exit status means."""
    title, tone = _TITLES[results.status]
    if results.status is ExitStatus.FAILED and not _failed(results.requirements):
        title = "Misses its service levels" if _missed(results) else title
    if results.status is ExitStatus.CONFORMS and results.verdict is Verdict.WARN:
        title = "Conforms, with warnings"
        tone = Verdict.WARN
    sentences = [*_reasons(results), *_circumstances(results)]
    return Headline(title, " ".join(sentences), tone)


_TITLES: Final = {
    ExitStatus.CONFORMS: ("Conforms", Verdict.PASS),
    ExitStatus.FAILED: ("Does not conform", Verdict.FAIL),
    ExitStatus.USAGE: ("Was not examined", Verdict.ERROR),
    ExitStatus.SUITE_BROKE: ("The suite broke", Verdict.ERROR),
    ExitStatus.INCONCLUSIVE: ("Inconclusive", Verdict.INCONCLUSIVE),
    ExitStatus.LEFT_BEHIND: ("Conforms, but left resources behind", Verdict.WARN),
}


def count(number: int, noun: str) -> str:
    """Return `number` with `noun`, in the plural where it belongs."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {plural}"


def monitored(seen: Monitored) -> str:
    """Return what the monitors made of a load's exchanges; nothing where they saw none."""
    told = [f"{count(seen.judged, 'exchange')} judged"]
    told += [f"{seen.repeated:,} repeated"] if seen.repeated else []
    why = "no room, no time, or after a change of unknown effect"
    told += [f"{seen.unjudged:,} not judged ({why})"] if seen.unjudged else []
    return ", ".join(told) if seen.judged or seen.unjudged else ""


def steadiness(trends: Sequence[LoadTrend]) -> str:
    """Return whether an operation got slower at a constant rate, and how much growth is possible.

    The growth is the highest upper end of a 95 % interval, in each minute; nothing without trends.
    """
    if not trends:
        return ""
    slowing = ", ".join(f"{each.operation} in {each.phase}" for each in trends if each.slowing)
    if slowing:
        return f"growth proven: {slowing}"
    known = [(each.upper, each) for each in trends if each.upper is not None]
    unknown = len(trends) - len(known)
    told = ["no growth proven"]
    if known:
        upper, worst = max(known, key=lambda pair: pair[0])
        told.append(f"at most {change(upper)}/min ({worst.operation} in {worst.phase})")
    told += [f"unknown for {unknown} of {len(trends)}"] if unknown else []
    return ", ".join(told)


def pace(results: Results) -> str:
    """Return how many requests the conformance part sent, in what time, and how fast that was."""
    sent, took = results.requests, results.run.duration
    told = f"{count(sent, 'request')} in {seconds(took)}"
    return f"{told}, {figure(sent / took)} a second" if sent and took > 0 else told


def _reasons(results: Results) -> list[str]:
    must = Tally("MUST", results.counts.get("MUST", {}))
    total = overall(results)
    if not total.judged and not slos(results):
        return ["Nothing was judged, and nothing judged is never a pass."]
    reasons = []
    if total.of(Verdict.ERROR):
        reasons.append(f"{count(total.of(Verdict.ERROR), 'verdict')} could not be reached.")
    if must.judged:
        reasons.append(_musts(must))
    reasons += _unjudged(results.requirements, must.total)
    return [*reasons, *_service_levels(results), *_warnings(total)]


def _unjudged(requirements: tuple[RequirementResult, ...], total: int) -> list[str]:
    """Tell what could have been judged and was not from what nobody can judge through the API."""
    left = [row for row in requirements if row.level == "MUST" and _is_open(row.verdict)]
    failed = sum(row.testable for row in left)
    sentences = []
    if failed:
        sentences.append(f"{failed} of {total} MUST requirements could not be judged.")
    if len(left) > failed:
        sentences.append(f"{len(left) - failed} of {total} show only outside the API.")
    return sentences


def _is_open(verdict: Verdict) -> bool:
    return verdict.open or verdict is Verdict.ERROR


def _musts(must: Tally) -> str:
    failed = must.of(Verdict.FAIL)
    whole = f"{must.judged} judged MUST requirement" + ("s" if must.judged != 1 else "")
    if failed:
        return f"{failed} of {whole} {'is' if failed == 1 else 'are'} violated."
    excused = must.judged - must.passed
    verb = "hold" if must.judged != 1 else "holds"
    return f"{must.passed} of {whole} {verb}{', none is violated' if excused else ''}."


def _service_levels(results: Results) -> list[str]:
    objectives = slos(results)
    if not objectives:
        return []
    met = sum(slo.verdict is Verdict.PASS for slo in objectives)
    return [f"{met} of {count(len(objectives), 'service level objective')} met."]


def _warnings(total: Tally) -> list[str]:
    warnings, waived = total.of(Verdict.WARN), total.of(Verdict.WAIVED)
    sentences = [f"{count(warnings, 'warning')}."] if warnings else []
    return [*sentences, f"{count(waived, 'deviation')} waived."] if waived else sentences


def _circumstances(results: Results) -> list[str]:
    sentences = []
    if results.cleanup.left:
        sentences.append(f"{count(len(results.cleanup.left), 'resource')} left behind.")
    if results.run.interrupted:
        sentences.append("The run was interrupted, so this is not the whole picture.")
    if results.note:
        note = results.note[0].upper() + results.note[1:]
        sentences.append(note if note.endswith(".") else f"{note}.")
    return sentences


def _failed(requirements: tuple[RequirementResult, ...]) -> bool:
    return any(result.verdict is Verdict.FAIL and result.plane != "load" for result in requirements)


def _missed(results: Results) -> bool:
    return any(slo.verdict is Verdict.FAIL for slo in slos(results))
