"""The HTML report: complete, self-contained, and unharmed by what a target answers."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgassay.reporting import html
from pgassay.reporting.tally import headline
from pgassay.results import LoadFinding, Results
from pgassay.verdict import Verdict

from .sample import brief, nothing, only_load, sample

VOID = {"meta", "input", "br"}
#: SVG elements that are written without content.
EMPTY = {"path", "rect", "text", "use"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}\x1b[31m\x00</pre>"


class Page(HTMLParser):
    """A parser that demands that every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and wait for its end."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that has no content."""
        assert tag in EMPTY
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Demand that the innermost element ends."""
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All text of the page, on one line."""
        return " ".join("".join(self.words).split())

    def attributes(self, tag: str) -> Iterator[dict[str, str | None]]:
        """Yield the attributes of all elements `tag`."""
        return (attributes for name, attributes in self.elements if name == tag)


def hostile(results: Results, text: str) -> Results:
    """Put `text` wherever a target's words can get to."""
    first = results.findings[0]
    record = replace(
        first.exchanges[0],
        answer_body=text,
        request_body=text,
        url=text,
        curl=text,
        method=text,
        answer_headers={text: text, "x-request-id": text},
        failure=None,
    )
    finding = replace(first, title=text, expected=text, actual=text, operation=text,
                      exchanges=(record, replace(record, failure=text)))  # fmt: skip
    load = results.load[0]
    told = LoadFinding(text, text, text, (text,))
    operation = replace(load.operations[0], name=text, errors={text: 1}, statuses={text: 1})
    return replace(
        results,
        findings=(finding, *results.findings[1:]),
        checks=tuple(replace(c, note=text, title=text, verdict=Verdict.ERROR) for c in
                     results.checks[:2]),
        requirements=tuple(replace(row, note=text) for row in results.requirements),
        load=(replace(load, note=text, ledger=(told,), operations=(operation,)),),
        target=replace(results.target, name=text, base_url=text, features={text: True}),
        note=text,
    )  # fmt: skip


@pytest.mark.parametrize("results", [sample(), nothing(), only_load()])
def test_the_page_is_well_formed_and_says_the_verdict(results: Results) -> None:
    page = Page(html.render(results))
    assert headline(results).title in page.text


def test_the_page_loads_nothing() -> None:
    text = html.render(sample())
    page = Page(text)
    assert not list(page.attributes("link"))
    assert not any("src" in attributes for _, attributes in page.elements)
    assert all((a["href"] or "").startswith("#") for _, a in page.elements if "href" in a)
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text


def test_the_policy_allows_exactly_the_script_that_is_there() -> None:
    text = html.render(sample())
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_every_anchor_leads_somewhere() -> None:
    page = Page(html.render(sample()))
    anchors = {a["id"] for _, a in page.elements if "id" in a}
    targets = {(a["href"] or "")[1:] for _, a in page.elements if "href" in a}
    assert targets <= anchors


def test_what_a_target_says_stays_text() -> None:
    text = html.render(hostile(sample(), HOSTILE))
    page = Page(text)
    assert len(list(page.attributes("script"))) == 1
    assert not list(page.attributes("img"))
    assert "\x1b" not in text
    assert "\x00" not in text
    assert r"\x1b[31m" in page.text
    assert "{{ 7*7 }}" in page.text


BRIEF = brief()


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=60))
def test_no_text_breaks_the_page(text: str) -> None:
    rendered = html.render(hostile(BRIEF, text))
    Page(rendered)
    rendered.encode()


def test_a_huge_body_is_cut_and_the_page_says_so() -> None:
    results = hostile(sample(), "x" * 1_000_000)
    text = html.render(results)
    assert len(text) < 1_000_000
    assert "994,000 more characters are not shown" in text
    assert "980,000 more characters are not shown" in text


def test_every_failure_shows_what_is_needed_to_understand_it() -> None:
    results = sample()
    text = Page(html.render(results)).text
    for row in results.of_verdict(Verdict.FAIL):
        assert row.statement in text
        assert row.source in text
        for at in row.findings:
            finding = results.findings[at]
            assert finding.expected in text
            assert finding.actual in text
            assert finding.exchanges[-1].curl in text


def test_a_server_side_id_is_found_in_headers_and_in_the_body() -> None:
    record = sample().findings[0].exchanges[0]
    assert html.request_id(record) == "req-000041"
    bare = replace(record, answer_headers={})
    assert html.request_id(bare) == "8f14e45f-ea2b-4c57-9e0c-1d3d5f0a7b11"
    assert html.request_id(replace(bare, answer_body="[" * 50_000)) == ""
