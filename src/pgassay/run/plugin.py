"""The pytest plugin that runs the checks and hears what became of each."""

import time
from collections import Counter, defaultdict
from collections.abc import Generator, Sequence

import pytest
from _pytest.runner import runtestprotocol

from pgassay.check import CREATES, EVERY_CASE, FULL, KIND, MARK
from pgassay.errors import SuiteBroken
from pgassay.results import CheckResult
from pgassay.run.order import arrange
from pgassay.run.outcome import Outcome, outcome_of
from pgassay.run.progress import Progress
from pgassay.run.session import Checked, Session
from pgassay.verdict import Verdict

#: How many cases of one check the quick profile runs.
CASES = 2
_FAMILY_FIXTURES = ("clickhouse", "dbaas")
#: What reading an answer raises that is not as its schema says.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Plugin:
    """Select checks, run them one after the other, record each one's outcome."""

    def __init__(self, session: Session, progress: Progress) -> None:
        """Record into `session` and tell `progress`."""
        self._session = session
        self._progress = progress
        self._outcomes: list[Outcome] = []
        #: How many checks the options select, by family.
        self.selected: Counter[str] = Counter()
        #: What broke in the suite itself: a check module that cannot be read, pytest's own error.
        self.broken: SuiteBroken | None = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the reason why a check module could not be read."""
        if report.failed:
            last = str(report.longrepr).strip().splitlines()[-1:]
            self.broken = SuiteBroken(" ".join(last) or "not readable", where=report.nodeid)

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Keep an error of pytest or of this plugin; True: it need not be printed."""
        last = str(excrepr).strip().splitlines()[-1:]
        self.broken = SuiteBroken("the run broke: " + " ".join(last))
        return True

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the marks of `pgassay.check`; have no tracebacks written."""
        # Nobody reads a check's traceback, and writing one takes longer than most checks. The
        # option itself belongs to the terminal, which is off.
        config.option.tbstyle = "no"
        for mark in (MARK, FULL, KIND, CREATES, EVERY_CASE):
            config.addinivalue_line("markers", f"{mark}: see pgassay.check")

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the checks that the options select."""
        self._refuse_unknown(items)
        chosen = [item for item in items if self._selected(item)]
        if self._session.options.profile == "quick" and not self._session.options.requirements:
            chosen = thinned(chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        options = self._session.options
        arrange(chosen, options.seed if options.shuffle else None)
        items[:] = chosen
        self._progress.selected(len(items))
        self.selected.update(map(_family, items))
        wanted = (item for item in items if self._not_run(item) is None)
        self._session.loans.expect(map(_fixtures, wanted))

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Before the first check, ask for what will be waited for; pytest then runs them."""
        if session.config.option.collectonly:
            return
        self._session.loans.order(self._session.clickhouse, self._session.dbaas)

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run one check, remove what it created, record the outcome."""
        session, check = self._session, check_id(item)
        self._progress.started(check)
        started, requests = time.perf_counter(), session.client.requests
        session.trail.take()
        session.client.remarks.clear()
        reason = self._not_run(item)
        if reason is None:
            outcome = self._run(item, nextitem, check)
        else:
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            # The item before left standing what this one would have shared with it.
            item.session._setupstate.teardown_exact(nextitem)  # noqa: SLF001 - as runtestprotocol
            outcome = reason
        result = CheckResult(
            id=check,
            title=_title(item),
            kind=_kind(item),
            family=_family(item),
            requirements=requirements(item),
            verdict=self._graded(item, outcome),
            duration=time.perf_counter() - started,
            requests=session.client.requests - requests,
            note=session.vault.text("; ".join([outcome.note, *session.client.remarks]).strip("; ")),
        )
        trail = session.trail.take() if outcome.verdict is not Verdict.PASS else ()
        session.checked.append(Checked(result, outcome, trail))
        session.journal.event("verdict", check=check, verdict=result.verdict, note=result.note)
        self._progress.finished(result, session.client.requests)
        if session.options.ends(result.verdict):
            item.session.shouldstop = "--fail-fast"
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hear what a phase of a check raised."""
        report = yield
        if call.excinfo is not None and not isinstance(call.excinfo.value, KeyboardInterrupt):
            error = call.excinfo.value
            if isinstance(error, pytest.skip.Exception):
                self._outcomes.append(Outcome(Verdict.NOT_TESTABLE, str(error)))
            else:
                outcome = outcome_of(error, call.when, self._session.client.last)
                self._outcomes.append(self._explained(outcome, error))
        return report

    def _explained(self, outcome: Outcome, error: BaseException) -> Outcome:
        """A check that breaks is blocked where the server's answers broke their schemas before."""
        malformed = isinstance(error, _UNREADABLE) and self._session.watch.malformed
        if outcome.verdict is not Verdict.ERROR or not malformed:
            return outcome
        note = f"answers that break their schemas cannot be read: {outcome.note}"
        return Outcome(Verdict.BLOCKED, note, evidence=outcome.evidence)

    def _graded(self, item: pytest.Item, outcome: Outcome) -> Verdict:
        """A deviation is a FAIL only if one of the requirements that it breaks may fail."""
        if outcome.verdict is not Verdict.FAIL:
            return outcome.verdict
        named = {deviation.requirement for deviation in outcome.deviations} - {""}
        broken = named or requirements(item)
        return Verdict.FAIL if any(map(self._session.may_fail, broken)) else Verdict.WARN

    def _refuse_unknown(self, items: list[pytest.Item]) -> None:
        for item in items:
            for identifier in requirements(item):
                if identifier not in self._session.catalogue:
                    self.broken = SuiteBroken(
                        f"a check judges {identifier}, which is not in the catalogue",
                        where=item.nodeid,
                    )
                    raise pytest.UsageError(str(self.broken))

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None, check: str) -> Outcome:
        self._outcomes, sound = [], False
        try:
            with self._session.client.acting_for(check):
                runtestprotocol(item, nextitem=nextitem, log=False)
            found = max(self._outcomes, key=lambda outcome: outcome.verdict.rank, default=Outcome())
            sound = not found.deviations and found.verdict is not Verdict.ERROR
            return found
        finally:
            drawn = _kind(item) != "check"
            self._session.after_check(check, _fixtures(item), sound=sound, useful=not drawn)

    def _selected(self, item: pytest.Item) -> bool:
        options, family = self._session.options, _family(item)
        wanted = set(options.requirements)
        check = check_id(item)
        if options.only and options.only.isdisjoint((check, check.partition("[")[0])):
            return False
        if family and self._session.target.families and family not in self._families():
            return False
        if options.profile == "quick" and item.get_closest_marker(FULL) and not wanted:
            return False
        return not wanted or bool(wanted & set(requirements(item)))

    def _families(self) -> set[str]:
        target = self._session.target.families
        return {str(family) for family in self._session.options.families or target}

    def _not_run(self, item: pytest.Item) -> Outcome | None:
        if self._session.dead:
            return Outcome(Verdict.BLOCKED, "the target stopped answering")
        if self._session.out_of_time:
            return Outcome(Verdict.NOT_TESTABLE, "[limits] max_minutes is used up")
        main = next(iter(requirements(item)), "")
        if choice := self._session.excused.get(main):
            return Outcome(Verdict.NOT_APPLICABLE, choice)
        for known in map(self._session.catalogue.get, requirements(item)):
            if known.feature and not self._session.target.features.get(known.feature, False):
                note = f"the target does not claim the feature {known.feature}"
                return Outcome(Verdict.NOT_APPLICABLE, note)
        return None


def thinned(items: list[pytest.Item]) -> list[pytest.Item]:
    """Keep `CASES` cases of each check with a table, and one for each requirement that it judges.

    A quick run asks every question, though not in every form; the full profile asks all forms.
    Where each case is a question of its own (`every_case`), all are kept.
    """
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        tables[item.nodeid.split("[")[0]].append(item)
    kept: set[pytest.Item] = set()
    for cases in tables.values():
        every = cases[0].get_closest_marker(EVERY_CASE) is not None
        count = len(cases) if every else min(len(cases), CASES)
        step = (len(cases) - 1) / max(count - 1, 1)
        chosen = [cases[round(step * place)] for place in range(count)]
        judged = {name for item in chosen for name in requirements(item)}
        for item in cases:
            if set(requirements(item)) - judged:
                chosen.append(item)
                judged.update(requirements(item))
        kept.update(chosen)
    return [item for item in items if item in kept]


def check_id(item: pytest.Item) -> str:
    """Name a check: its module and function, with the case in brackets."""
    place, bracket, case = item.nodeid.partition("[")
    return place.rsplit("/", 1)[-1].replace(".py::", "::") + bracket + case


def requirements(item: pytest.Item) -> tuple[str, ...]:
    """The requirements that a check judges."""
    return tuple(str(name) for mark in item.iter_markers(MARK) for name in mark.args)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _family(item: pytest.Item) -> str:
    names = _fixtures(item)
    values = getattr(getattr(item, "callspec", None), "params", {})
    named = str(values.get("family", ""))
    return next((family for family in _FAMILY_FIXTURES if family in names), named)


def _kind(item: pytest.Item) -> str:
    mark = item.get_closest_marker(KIND)
    return str(mark.args[0]) if mark else "check"


def _title(item: pytest.Item) -> str:
    text = getattr(getattr(item, "function", None), "__doc__", None) or item.name
    return str(text).strip().splitlines()[0]
