"""Reports say how many statements of the API PostgreSQL witnessed, and which it did not."""

from dataclasses import replace

from pgassay.reporting import html, markdown, quoting, witnesses
from pgassay.results import StatementResult
from pgassay.verdict import Verdict

from .sample import nothing, sample

AGREED = StatementResult("dbaas", "user name", "What roles are called.", ("DB-A",), Verdict.PASS)
DENIED = StatementResult("dbaas", "database owner", "Who owns it.", ("DB-B",), Verdict.FAIL)
SILENT = StatementResult("dbaas", "cpu", "What nodes have.", (), Verdict.NOT_TESTABLE, "no <view>")
RESULTS = replace(sample(), statements=(AGREED, DENIED, SILENT))
SENTENCE = "PostgreSQL witnessed 1 of 3 statements of the API and contradicted 1."


def test_the_sentence_counts_what_was_witnessed_and_what_was_contradicted() -> None:
    assert witnesses.summary(RESULTS) == SENTENCE
    assert witnesses.unwitnessed(RESULTS) == [SILENT]


def test_without_a_data_plane_nothing_is_said() -> None:
    assert witnesses.summary(nothing()) == ""
    assert "PostgreSQL witnessed" not in markdown.render(nothing())
    assert 'id="witnesses"' not in html.render(nothing())


def test_markdown_lists_what_was_not_witnessed_and_why() -> None:
    shown = markdown.render(RESULTS)
    assert quoting.escape(SENTENCE) in shown
    assert quoting.escape(SILENT.note) in shown


def test_the_page_shows_each_statement_with_its_witnesses_and_outcome() -> None:
    section = html.render(RESULTS).partition('id="witnesses"')[2].partition("</section>")[0]
    assert "<b>1</b> of <b>3</b> witnessed" in section
    assert section.count('<details class="row">') == 3
    assert "no &lt;view&gt;" in section
