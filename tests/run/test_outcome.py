"""What a check raised becomes its outcome, however much it raised."""

from pgassay.deviation import Deviation, Inconclusive
from pgassay.run.outcome import outcome_of
from pgassay.verdict import Verdict

FIRST = Deviation("one", "a", "b", "HTTP-NOT-FOUND")
SECOND = Deviation("two", "c", "d", "HTTP-JSON-SYNTAX")


def test_every_deviation_of_a_group_counts_and_the_check_is_complete() -> None:
    outcome = outcome_of(ExceptionGroup("both", [FIRST, SECOND]), "call", None)
    assert (outcome.verdict, outcome.deviations) == (Verdict.FAIL, (FIRST, SECOND))
    assert outcome.complete
    assert "one" in outcome.note
    assert "two" in outcome.note


def test_a_group_with_an_open_part_is_not_complete() -> None:
    outcome = outcome_of(ExceptionGroup("both", [FIRST, Inconclusive("no answer")]), "call", None)
    assert outcome.deviations == (FIRST,)
    assert not outcome.complete


def test_a_single_deviation_ends_a_check_early() -> None:
    assert not outcome_of(FIRST, "call", None).complete


def test_a_group_without_deviations_is_what_is_open_in_it() -> None:
    outcome = outcome_of(ExceptionGroup("open", [Inconclusive("no answer")]), "call", None)
    assert (outcome.verdict, outcome.note) == (Verdict.INCONCLUSIVE, "no answer")
