"""Statements of the API: who witnesses them, and what became of that in a run."""

from dataclasses import replace

import pytest

from pgassay.catalogue import Catalogue, Plane
from pgassay.results import RequirementResult
from pgassay.statements import statements, witnessed
from pgassay.verdict import Verdict


def judged(identifier: str, verdict: Verdict, note: str = "") -> RequirementResult:
    """Return the result of a requirement of the data plane."""
    named = (identifier, "dbaas", "MUST", "quoted", "data", "data_plane")
    return RequirementResult(*named, "It holds.", "A document: section", verdict, note)


def fate(*results: RequirementResult) -> tuple[Verdict, str]:
    """Return what is told of a database's owner, which two requirements witness."""
    (told,) = [one for one in witnessed(["dbaas"], results) if one.subject == "database owner"]
    return told.verdict, told.note


OWNER = judged("DB-DB-OWNER-PRIVILEGE", Verdict.PASS)
OTHERS = judged("DB-DATA-OWNER-ONLY", Verdict.PASS)


def test_every_statement_has_witnesses_or_a_reason_why_there_are_none() -> None:
    assert all(bool(one.witnesses) != bool(one.unwitnessed) for one in statements())


def test_the_witnesses_are_the_requirements_that_show_in_postgresql() -> None:
    named = {witness for one in statements() for witness in one.witnesses}
    shown = {row.id for row in Catalogue.load() if row.plane is Plane.DATA and not row.untestable}
    assert named == shown


def test_witnesses_are_of_the_family_that_states_it() -> None:
    family = {row.id: row.family for row in Catalogue.load()}
    assert all(family[witness] == one.family for one in statements() for witness in one.witnesses)


def test_a_statement_is_witnessed_when_all_its_witnesses_agree() -> None:
    assert fate(OWNER, OTHERS) == (Verdict.PASS, "")


@pytest.mark.parametrize("verdict", [Verdict.WARN, Verdict.FAIL])
def test_one_witness_that_says_something_else_contradicts_a_statement(verdict: Verdict) -> None:
    assert fate(OWNER, replace(OTHERS, verdict=verdict))[0] is verdict


def test_a_witness_that_could_not_speak_is_named_with_its_reason() -> None:
    silent = replace(OTHERS, verdict=Verdict.NOT_TESTABLE, note="nobody lets it in")
    assert fate(OWNER, silent) == (Verdict.NOT_TESTABLE, "nobody lets it in")


def test_a_witness_that_was_not_asked_leaves_the_statement_open() -> None:
    assert fate(OWNER) == (Verdict.DISABLED, "not asked in this run")


def test_statements_of_a_family_that_was_not_examined_are_left_out() -> None:
    assert {one.family for one in witnessed(["clickhouse"], [])} == {"clickhouse"}
