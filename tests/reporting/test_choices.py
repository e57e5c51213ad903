"""Reports say which way a target went where the documents leave a choice."""

import io
from dataclasses import replace

from rich.console import Console

from pgassay.reporting import choices, html, markdown, terminal
from pgassay.results import GapBranch, GapEvidence, GapResult, Results

from .sample import nothing, sample

EVIDENCE = (GapEvidence(41, "test_x::test_y", "PATCH", "/v1/organizations/o/postgres/p", 200),)
KEPT = GapBranch("kept", "They stay.", documented=True, count=2, evidence=EVIDENCE)
WIPED = GapBranch("wiped", "They are removed.", documented=False)
GONE = replace(WIPED, count=1, evidence=EVIDENCE)
SOURCES = ("one document", "another one")


def gap(name: str, *branches: GapBranch, unobservable: str = "", declared: str = "") -> GapResult:
    switch = "clickhouse.tag_omission" if declared else ""
    return GapResult(
        name,
        "clickhouse",
        f"What of {name}?",
        SOURCES,
        branches,
        switch,
        declared,
        "CH-PASSWORD-ONCE",
        unobservable,
    )


GAPS = (
    gap("GAP-CH-UNSEEN", replace(KEPT, count=0, evidence=()), WIPED),
    gap("GAP-CH-UNOBSERVABLE", unobservable="A run would have to last for days."),
    gap("GAP-CH-SEEN", KEPT, WIPED),
    gap("GAP-CH-DECLARED", WIPED, declared="wipe"),
    gap("GAP-CH-BOTH", KEPT, GONE),
)


def with_gaps(results: Results) -> Results:
    return replace(results, gaps=GAPS)


def test_the_summary_counts_what_was_observed_and_declared() -> None:
    assert choices.summary(with_gaps(sample())) == (
        "4 open points of the documents: 2 observed, 1 answered in several ways, "
        "1 declared by the target file."
    )


def test_without_gaps_there_is_nothing_to_say() -> None:
    assert choices.summary(sample()) == ""


def test_points_that_were_answered_in_several_ways_come_first() -> None:
    assert [each.id for each in choices.ordered(with_gaps(sample()))] == [
        "GAP-CH-BOTH",
        "GAP-CH-DECLARED",
        "GAP-CH-SEEN",
        "GAP-CH-UNSEEN",
        "GAP-CH-UNOBSERVABLE",
    ]


def test_an_answer_says_how_often_it_was_seen() -> None:
    answers = {each.id: choices.answer(each) for each in GAPS}
    assert answers["GAP-CH-BOTH"] == "They stay. (2 times) / They are removed. (once)"
    assert answers["GAP-CH-UNSEEN"] == "not observed"
    assert answers["GAP-CH-UNOBSERVABLE"] == "cannot be observed"


def test_the_terminal_says_it_in_one_line() -> None:
    console = Console(file=io.StringIO(), width=200)
    terminal.render(with_gaps(sample()), console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert sum("open points of the documents" in line for line in lines) == 1


def test_the_summary_for_ci_has_question_answer_and_evidence() -> None:
    text = markdown.render(with_gaps(sample()))
    told = next(line for line in text.splitlines() if "GAP-CH-SEEN" in line)
    assert "exchange 41: PATCH /v1/organizations/o/postgres/p" in told
    assert "`clickhouse.tag_omission = wipe`" in text
    assert "GAP-CH-UNSEEN" not in text


def test_the_page_has_every_point_with_its_evidence() -> None:
    page = html.render(with_gaps(sample()))
    assert all(f'id="{each.id}"' in page for each in GAPS)
    assert "exchange 41" in page
    assert "no document says so" in page
    assert "<b>2</b> of <b>4</b> observed" in page


def test_a_point_links_to_a_requirement_that_is_on_the_page_only() -> None:
    assert 'href="#CH-PASSWORD-ONCE"' in html.render(with_gaps(sample()))
    assert 'href="#CH-PASSWORD-ONCE"' not in html.render(with_gaps(nothing()))
