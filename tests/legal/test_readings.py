"""Each reading of the documents is told apart: what they allow does not fail, the rest does."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from pgassay.assessment import Subject, hasty, observe
from pgassay.cli.tenants import reference_target
from pgassay.reference import (
    Behaviour,
    Credentials,
    Readings,
    Settings,
    SystemClock,
    create_app,
    running,
)
from pgassay.results import Results
from pgassay.target.model import Target
from pgassay.verdict import Verdict

from .reading_variants import ALLOWED, SHOWN, UNTOLD

#: Readings that a document speaks against, and the requirement that the server does not keep.
REFUTED = {
    "tag_omission=wipe": "CH-SVC-PATCH-MERGE",
    "cdc_maximum_cores=24": "CH-CDC-UPDATE-LARGE",
    "cdc_maximum_cores=16": "CH-CDC-UPDATE",
    "timestamps=milliseconds": "CH-METRICS-TIMESTAMP-FORMS",
}


#: What a target file declares of a server that a document speaks against.
DECLARED: dict[str, dict[str, Any]] = {
    "tag_omission=wipe": {"tag_omission": "wipe"},
    "cdc_maximum_cores=24": {"cdc_max_cores": 24},
    "cdc_maximum_cores=16": {"cdc_max_cores": 16},
    "timestamps=milliseconds": {"timestamps": "milliseconds"},
    "default_version=18": {"default_version": "18"},
    "empty_config_on_creation=accept": {"empty_config_on_creation": "accept"},
    "empty_config_on_change=refuse": {"empty_config_on_change": "refuse"},
}
#: The requirements that are WARN without the declaration.
FOLLOWED = REFUTED | {
    "default_version=18": "CH-SVC-VERSION-DEFAULT",
    "empty_config_on_creation=accept": "CH-SVC-CREATE-CONFIG-EMPTY",
    "empty_config_on_change=refuse": "CH-CFG-EMPTY-MAP",
}


@contextmanager
def served(*choices: str) -> Iterator[Target]:
    """Serve the reference with some readings while the block runs; gives its target."""
    readings = Readings.of(choices)
    settings = Settings(Credentials.generate(), 0.0)
    app = create_app(settings, SystemClock(), behaviour=Behaviour.of(readings))
    with running(app) as url:
        yield hasty(reference_target(settings, url, readings))


def test_every_reading_is_examined() -> None:
    known = {
        f"{reading.name}={value}" for reading in Readings.known() for value in reading.values[1:]
    }
    allowed = [choice for choices in ALLOWED for choice in choices]
    assert sorted([*allowed, *REFUTED]) == sorted(known)


@pytest.mark.parametrize("choice", REFUTED)
def test_what_a_document_speaks_against_fails(choice: str) -> None:
    with served(choice) as target:
        results = observe(Subject(target), {REFUTED[choice]})
    assert [row.verdict for row in results.requirements] == [Verdict.FAIL]
    assert told(results, {SHOWN[choice]}) == {SHOWN[choice]}


@pytest.mark.parametrize("choice", DECLARED)
def test_a_declared_choice_is_followed_and_told(choice: str) -> None:
    with served(choice) as described:
        settings = replace(described.clickhouse, **DECLARED[choice])
        results = observe(Subject(replace(described, clickhouse=settings)), {FOLLOWED[choice]})
    assert {row.verdict for row in results.requirements} <= {Verdict.PASS, Verdict.NOT_APPLICABLE}
    gap = next(gap for gap in results.gaps if gap.id == SHOWN[choice][0])
    assert gap.declared == str(*DECLARED[choice].values())


def test_every_reading_is_told_by_the_ledger() -> None:
    allowed = {choice for choices in ALLOWED for choice in choices}
    assert SHOWN.keys() | UNTOLD == allowed | REFUTED.keys()


def told(results: Results, expected: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every branch that was seen of the gaps that are expected to be told."""
    gaps = {gap for gap, _ in expected}
    return {(gap.id, branch.name) for gap in results.gaps if gap.id in gaps for branch in gap.seen}
