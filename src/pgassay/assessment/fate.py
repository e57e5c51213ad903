"""What becomes of a faulty server that is examined: killed by checks, or alive."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pgassay.assessment.examination import Subject, observe, recorded
from pgassay.assessment.reach import Reach
from pgassay.results import Results
from pgassay.run import RunOptions
from pgassay.run.options import Profile
from pgassay.verdict import Verdict

#: Stands for the checks where a monitor alone noticed something in the traffic of one.
MONITORS: Final = "monitors"
#: How many checks have the first look at a fault of which little is known.
_LIKELY: Final = 64
_NOTICED: Final = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the suite found out about one faulty server.

    Attributes:
        name: The fault.
        breaks: The requirements that the fault is known to violate; none for a derived fault.
        killers: For each requirement that was found violated, the checks that found it, or
            `MONITORS`.
        verdicts: The verdict on every requirement that was examined.
        requests: How many requests it took.
        duration: Seconds that it took.
    """

    name: str
    breaks: tuple[str, ...]
    killers: Mapping[str, tuple[str, ...]]
    verdicts: Mapping[str, Verdict]
    requests: int
    duration: float

    @property
    def unnoticed(self) -> tuple[str, ...]:
        """The violated requirements that no check and no monitor found violated."""
        return tuple(identifier for identifier in self.breaks if identifier not in self.killers)

    @property
    def killed(self) -> bool:
        """Tell whether something was found broken, and all that is known to be."""
        return bool(self.killers) and not self.unnoticed


def assess(
    name: str,
    subject: Subject,
    breaks: tuple[str, ...],
    shown_by: tuple[str, ...] = (),
    *,
    whole: bool = False,
) -> Assessment:
    """Examine a server whose fault violates the requirements `breaks`.

    Only checks of these requirements and of `shown_by` run, and the monitors with them. The first
    look ends at the first failure or warning, unless it is to be `whole`; where that leaves a
    requirement unnoticed, a second one goes on to the end. Raises `UsageError` for an unknown
    requirement.
    """
    started = time.perf_counter()
    wanted = (*breaks, *shown_by)
    looks = [observe(subject, wanted, fail_fast=not whole)]
    if set(breaks) - _killers(looks[0]).keys():
        looks.append(observe(subject, wanted, drawn=True))
    killers = _joined(looks)
    told = killers if whole else {each: killers[each] for each in breaks if each in killers}
    return _assessment(name, breaks, told, looks, started)


def hunt(
    name: str,
    subject: Subject,
    operations: Collection[str],
    reach: Reach,
    *,
    whole: bool = False,
    argued: bool = False,
) -> Assessment:
    """Examine a server with a fault in some operations of which nothing else is known.

    Of the quick profile's checks that reach one of them run first those that its name brings to
    mind, then the others, until one fails; where none does, all forms of the likely checks run,
    and then the whole full profile. A look ends at the first failure unless it is to be `whole`;
    after one that found something there is no other. Of a fault that is `argued` to be none, the
    last look, which takes minutes, is left out.
    """
    started = time.perf_counter()
    checks = reach.of(operations)
    looks: list[Results] = []
    for profile, chosen in list(_looks(checks, reach, name))[: -1 if argued else None]:
        looks.append(look(subject, chosen, profile, fail_fast=not whole))
        if _killers(looks[-1]):
            break
    return _assessment(name, (), _joined(looks), looks, started)


def look(
    subject: Subject, checks: frozenset[str], profile: Profile, *, fail_fast: bool = False
) -> Results:
    """Run some checks, all when there are none, on a server; warnings count as failures."""
    options = RunOptions(
        Path(),
        profile=profile,
        fail_fast=fail_fast,
        warnings_too=True,
        modules=tuple(sorted({f"{check.split('::')[0]}.py" for check in checks})),
        only=checks,
    )
    with recorded(subject, options) as (results, _):
        return results


def noticed(results: Results) -> frozenset[str]:
    """The checks that found something themselves, and not only a monitor in their traffic."""
    return frozenset(check.id for check in results.checks if check.verdict in _NOTICED)


def _looks(
    checks: frozenset[str], reach: Reach, name: str
) -> Iterator[tuple[Profile, frozenset[str]]]:
    """Which checks look one after the other, in which profile; none is all."""
    likely = reach.likeliest(checks, name, _LIKELY)
    yield from (("quick", each) for each in (likely, checks - likely) if each)
    # A case that the quick profile leaves out may be the only one that reaches the operation.
    yield "full", reach.likeliest(reach.functions, name, _LIKELY // 2)
    yield "full", frozenset()


def _assessment(
    name: str,
    breaks: tuple[str, ...],
    killers: Mapping[str, tuple[str, ...]],
    looks: list[Results],
    started: float,
) -> Assessment:
    verdicts = {row.id: row.verdict for look in looks[-1:] for row in look.requirements}
    requests = sum(look.requests for look in looks)
    return Assessment(name, breaks, killers, verdicts, requests, time.perf_counter() - started)


def _joined(looks: list[Results]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for look in looks:
        for identifier, checks in _killers(look).items():
            found[identifier].update(dict.fromkeys(checks))
    return {identifier: tuple(checks) for identifier, checks in found.items()}


def _killers(results: Results) -> Mapping[str, tuple[str, ...]]:
    themselves = noticed(results)

    def finder(index: int) -> str:
        check = results.findings[index].check
        return check if check in themselves else MONITORS

    return {
        row.id: tuple(dict.fromkeys(map(finder, row.findings)))
        for row in results.requirements
        if row.findings
    }
