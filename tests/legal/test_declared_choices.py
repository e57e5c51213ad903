"""What a target file declares about the documents changes what is expected, and is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.middleware import Middleware

from pgassay._folders import folder
from pgassay.assessment import Subject, hasty, observe
from pgassay.cli.tenants import reference_target
from pgassay.difference import Arguments
from pgassay.gaps import GapLedger, excused, gaps
from pgassay.mutants.answer import Answer
from pgassay.reference import (
    Behaviour,
    Credentials,
    Readings,
    Settings,
    SystemClock,
    create_app,
    running,
)
from pgassay.run import RunOptions, examine
from pgassay.specification import specification
from pgassay.target.model import Family, Target
from pgassay.verdict import Verdict

from .variant import bending

SLOW_QUERIES = "CH-SLOW-QUERIES-FILTERS"


def as_html(answer: Answer) -> Answer:
    """Announce Prometheus metrics as a page."""
    metrics = answer.path.endswith("/prometheus") and answer.succeeded
    return answer.with_header("content-type", "text/html") if metrics else answer


@contextmanager
def served(*middleware: Middleware, **declared: Any) -> Iterator[Target]:
    """Serve the reference while the block runs; gives its target, with declared choices."""
    settings = Settings(Credentials.generate(), 0.0)
    with running(create_app(settings, SystemClock(), middleware=middleware)) as url:
        target = hasty(reference_target(settings, url))
        yield replace(target, clickhouse=replace(target.clickhouse, **declared))


@pytest.mark.parametrize(
    ("level", "verdict"), [("strict", Verdict.FAIL), ("evolving", Verdict.WARN)]
)
def test_deviations_in_metrics_are_warnings_where_they_evolve(level: str, verdict: Verdict) -> None:
    with served(bending(as_html), prometheus_level=level) as target:
        results = observe(Subject(target), {"CH-PROM-CONTENT-TYPE"})
    assert [row.verdict for row in results.requirements] == [verdict]
    assert {finding.verdict for finding in results.findings} == {verdict}


def test_nothing_is_asked_of_queries_that_were_not_recorded() -> None:
    with served(slow_query_data="none") as target:
        results = observe(Subject(target), {SLOW_QUERIES})
    assert {check.verdict for check in results.checks} == {Verdict.NOT_TESTABLE}
    assert all("slow_query_data" in check.note for check in results.checks)


@pytest.mark.parametrize("argued", [True, False])
def test_the_edition_that_was_promised_is_compared_with_the_argued_one(argued: bool) -> None:
    known = Arguments.read(folder("spec") / "differences.toml").document
    promised = known if argued else "0" * 64
    declared = declared_by(specification=promised)["GAP-CH-EDITION"]
    assert declared.startswith(promised)
    assert ("another edition" in declared) is not argued


def test_a_choice_excuses_what_it_is_about_and_no_more() -> None:
    target = Target("examined", "http://localhost", ())
    lesser = replace(target, clickhouse=replace(target.clickhouse, cdc_max_cores=24))
    assert excused(target, gaps().values()) == {}
    assert excused(lesser, gaps().values()) == {
        "CH-CDC-UPDATE-LARGE": "the target file declares clickhouse.cdc_max_cores = 24"
    }


def declared_by(**choices: Any) -> dict[str, str]:
    """What the ledger says that a target file declares."""
    target = Target("examined", "http://localhost", ())
    target = replace(target, clickhouse=replace(target.clickhouse, **choices))
    ledger = GapLedger(specification(), target)
    return {gap.id: gap.declared for gap in ledger.results(["clickhouse"])}


def test_a_server_that_differs_as_it_declares_does_not_fail(tmp_path: Path) -> None:
    readings = Readings.of(("tag_omission=wipe", "cdc_maximum_cores=16", "timestamps=milliseconds"))
    settings = Settings(Credentials.generate(), 0.0)
    with running(create_app(settings, SystemClock(), behaviour=Behaviour.of(readings))) as url:
        target = hasty(reference_target(settings, url, readings))
        choices = replace(
            target.clickhouse, tag_omission="wipe", cdc_max_cores=16, timestamps="milliseconds"
        )
        target = replace(target, clickhouse=choices, families=(Family.CLICKHOUSE,), embedded=True)
        results = examine(target, RunOptions(output=tmp_path))
    assert [row.id for row in results.of_verdict(Verdict.FAIL, Verdict.ERROR)] == []
    declared = {gap.id for gap in results.gaps if gap.declared}
    assert declared >= {"GAP-CH-TAGS-OMITTED", "GAP-CH-CDC-UP-TO-32", "GAP-CH-QUERY-TIMES"}
