"""The order of verdicts and the exit status that follows from them."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from pgassay.verdict import ExitStatus, Verdict, exit_status, worst

verdicts = st.lists(st.sampled_from(Verdict), max_size=8)


@given(verdicts)
def test_the_worst_does_not_depend_on_the_order(found: list[Verdict]) -> None:
    assert worst(found) == worst(reversed(found))


@given(verdicts, st.sampled_from(Verdict))
def test_another_verdict_never_makes_it_better(found: list[Verdict], more: Verdict) -> None:
    if found:
        assert worst([*found, more]) >= worst(found)


def test_no_verdict_at_all_is_not_green() -> None:
    assert worst([]) is Verdict.NOT_TESTABLE


def test_the_order_is_total_and_as_documented() -> None:
    order = "PASS NOT_APPLICABLE DISABLED WAIVED WARN NOT_TESTABLE BLOCKED INCONCLUSIVE FAIL ERROR"
    assert [str(verdict) for verdict in sorted(Verdict)] == order.split()
    assert all((one < other) == (one.rank < other.rank) for one, other in permutations(Verdict, 2))


def test_zero_checks_are_inconclusive() -> None:
    assert exit_status([], []) is ExitStatus.INCONCLUSIVE


@given(st.lists(st.sampled_from([Verdict.NOT_APPLICABLE, Verdict.DISABLED]), max_size=5))
def test_a_run_that_judged_nothing_is_inconclusive(found: list[Verdict]) -> None:
    assert exit_status(found, []) is ExitStatus.INCONCLUSIVE


@given(verdicts)
def test_a_failure_is_never_hidden(found: list[Verdict]) -> None:
    assert exit_status([*found, Verdict.FAIL], []) in {ExitStatus.FAILED, ExitStatus.SUITE_BROKE}


def test_a_broken_suite_outranks_a_failure() -> None:
    assert exit_status([Verdict.FAIL, Verdict.ERROR], []) is ExitStatus.SUITE_BROKE


def test_warnings_are_allowed() -> None:
    assert exit_status([Verdict.PASS, Verdict.WARN], [Verdict.PASS]) is ExitStatus.CONFORMS


def test_a_must_that_could_not_be_judged_is_inconclusive() -> None:
    found = [Verdict.PASS, Verdict.NOT_TESTABLE]
    assert exit_status(found, [Verdict.NOT_TESTABLE]) is ExitStatus.INCONCLUSIVE
    assert exit_status(found, [Verdict.PASS]) is ExitStatus.CONFORMS


def test_what_was_left_behind_shows_when_all_else_is_well() -> None:
    assert exit_status([Verdict.PASS], [], left_behind=1) is ExitStatus.LEFT_BEHIND
    assert exit_status([Verdict.FAIL], [], left_behind=1) is ExitStatus.FAILED
