"""Foreign text is made legible, laid out and bounded; quantities carry their unit."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.reporting.excerpt import differences, excerpt, legible, line, pretty, storable
from pgassay.reporting.tally import count, headline, overall
from pgassay.reporting.units import figure, moment, percent, seconds
from pgassay.verdict import ExitStatus, Verdict

from .sample import sample


@given(st.text(st.characters(codec=None)))
def test_legible_text_holds_nothing_invisible(text: str) -> None:
    shown = legible(text)
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert line(text).isprintable()
    storable({text: [text]})[storable(text)][0].encode()


def test_what_is_left_out_is_counted() -> None:
    assert excerpt("abcdef", 4) == "abcd… [2 more characters are not shown]"
    assert excerpt("abcd", 4) == "abcd"


def test_json_is_laid_out_and_all_else_stays_as_it_is() -> None:
    assert pretty('{"a":[1]}') == '{\n  "a": [\n    1\n  ]\n}'
    for body in ('{"a":', "no JSON", "[" * 100_000):
        assert pretty(body, 200_000) == body


def test_what_differs_between_similar_texts_is_marked() -> None:
    assert differences("state running", "state runnink") == [("state runnin", False), ("k", True)]
    assert differences("400", "the service is being created") == [
        ("the service is being created", False)
    ]
    assert differences("same", "same") == [("same", False)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 s"), (0.00085, "850 µs"), (0.0123, "12.3 ms"), (1.5, "1.5 s"), (250, "4 min 10 s"),
     (3660, "1 h 1 min"), (None, "–"), (math.nan, "–")],
)  # fmt: skip
def test_durations_read_naturally(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


def test_figures_percentiles_and_times_read_naturally() -> None:
    assert [figure(value) for value in (0, 2.5, 20.0, 1234.5)] == ["0", "2.5", "20", "1,234"]
    assert [percent(q) for q in (50.0, 99.9)] == ["p50", "p99.9"]
    assert moment("2026-03-04T09:11:44+00:00") == "2026-03-04 09:11:44 UTC"
    assert moment("2026-03-04T09:11:44.120000+00:00") == "2026-03-04 09:11:44.120 UTC"
    assert moment("yesterday") == "yesterday"
    assert [count(1, "query"), count(2, "query"), count(0, "check")] == [
        "1 query", "2 queries", "0 checks"
    ]  # fmt: skip


@pytest.mark.parametrize("status", list(ExitStatus))
def test_every_exit_status_has_a_headline(status: ExitStatus) -> None:
    assert headline(replace(sample(), exit_status=int(status))).title


def test_a_headline_tells_warnings_and_interruption() -> None:
    run = replace(sample().run, interrupted=True)
    told = headline(
        replace(sample(), exit_status=0, verdict=Verdict.WARN, run=run, note="the target went away")
    )
    assert told.title == "Conforms, with warnings"
    assert "interrupted" in told.sentence
    assert told.sentence.endswith("The target went away.")


def test_counts_of_all_levels_add_up() -> None:
    total = overall(sample())
    assert total.judged + total.open + total.left_out == total.total == 124
