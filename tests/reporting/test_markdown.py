"""The Markdown summary: read by a CommonMark parser, and never too long for a job page."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pgassay.reporting import markdown
from pgassay.results import Results
from pgassay.verdict import Verdict

from .sample import brief, nothing, only_load, sample


def shown(text: str) -> str:
    """Return `text` as GitHub's flavour of Markdown renders it."""
    return str(MarkdownIt("commonmark").enable("table").render(text))


def with_finding(results: Results, text: str) -> Results:
    """Let a target say `text` in the first finding."""
    first = results.findings[0]
    record = replace(first.exchanges[-1], curl=text)
    spoiled = replace(first, title=text, expected=text, actual=text, exchanges=(record,))
    return replace(results, findings=(spoiled, *results.findings[1:]))


def test_the_summary_has_verdict_counts_failures_and_leftovers() -> None:
    text = shown(markdown.render(sample()))
    assert "Does not conform" in text
    assert '<td style="text-align:right">56 / 61 / 65</td>' in text
    assert "CH-SVC-NAME-LENGTH" in text
    assert "1 resource left behind" in text
    assert "pgassay sweep" in text


def test_a_pipe_does_not_split_a_cell() -> None:
    results = only_load()
    load = results.load[0]
    slo = replace(load.slos[0], operation="a|b", objective="p95 | p99 <= 1 s")
    text = shown(markdown.render(replace(results, load=(replace(load, slos=(slo,)),))))
    assert '<td style="text-align:left">a|b</td>' in text
    assert "p95 | p99 &lt;= 1 s" in text


def test_markup_in_an_answer_stays_text() -> None:
    text = shown(markdown.render(with_finding(sample(), "<script>`*x*` [a](http://b) ```\n# y")))
    assert "<script>" not in text
    assert "<a " not in text
    assert "<h1>y" not in text


def test_a_run_without_requirements_says_that_nothing_was_judged() -> None:
    assert "Nothing was judged" in shown(markdown.render(nothing()))


def test_the_summary_stays_below_its_limit_and_says_what_it_left_out() -> None:
    results = sample()
    row = replace(results.requirements[0], statement="é" * 5000, note="note " * 1000)
    failed = tuple(replace(row, id=f"CH-FAILED-{number}") for number in range(400))
    warned = tuple(replace(r, verdict=Verdict.WARN, findings=()) for r in failed)
    opened = tuple(replace(r, verdict=Verdict.BLOCKED, findings=()) for r in failed)
    load = replace(results.load[0], slos=results.load[0].slos * 50)
    text = markdown.render(
        replace(results, requirements=(*failed, *warned, *opened), load=(load,) * 30)
    )
    assert len(text.encode()) < markdown.LONGEST
    assert "see `report.html`" in text


BRIEF = brief()
PLAIN = shown(markdown.render(with_finding(BRIEF, "plain")))


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=60))
def test_no_text_becomes_markup(text: str) -> None:
    rendered = markdown.render(with_finding(BRIEF, text))
    rendered.encode()
    page = shown(rendered)
    for tag in ("<h3", "<li", "<table", "<pre", "<a ", "<img", "<script", "<strong", "<details"):
        assert page.count(tag) == PLAIN.count(tag)
