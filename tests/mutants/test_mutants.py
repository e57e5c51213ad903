"""Every check has been seen to fail: each mutant is killed, and each requirement has a mutant."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pgassay.assessment import assess, hasty, observe
from pgassay.catalogue import Catalogue
from pgassay.cli.tenants import reference_target
from pgassay.coverage import checks_by_requirement
from pgassay.mutants import MUTANTS, Mutant
from pgassay.reference import Credentials, Settings, SystemClock, running
from pgassay.target.model import Target
from pgassay.verdict import Verdict

#: Documented durations take a fifth of what they take elsewhere: the fault is what matters.
TIME_SCALE = 0.0002

#: Requirements that have checks and no mutant that they kill, and why.
UNPROVEN = {
    # The load tests bring servers of their own, with a stall, a capacity, a lost create.
    "CH-LOAD-LEDGER": "no mutant is put under load",
    "CH-LOAD-NO-5XX": "no mutant is put under load",
    "CH-LOAD-SLO": "no mutant is put under load",
    "DB-LOAD-LEDGER": "no mutant is put under load",
    "DB-LOAD-NO-5XX": "no mutant is put under load",
    "DB-LOAD-SLO": "no mutant is put under load",
    "CH-DATA-TLS": "the embedded build of PostgreSQL speaks no TLS",
}

CORRECT = Mutant("Correct", "Nothing is wrong.", ())

#: Those with databases are killed in test_mutants_with_databases.py.
ALONE = {name: mutant for name, mutant in MUTANTS.items() if mutant.plane is None}


@contextmanager
def served(mutant: Mutant) -> Iterator[Target]:
    """Serve a mutant while the block runs; gives its target."""
    settings = mutant.settings(Settings(Credentials.generate(), TIME_SCALE))
    with running(mutant.app(settings, SystemClock())) as url:
        yield reference_target(settings, url)


def test_every_mutant_names_requirements_that_exist() -> None:
    catalogue = Catalogue.load()
    named = {
        identifier for mutant in MUTANTS.values() for identifier in mutant.breaks + mutant.shown_by
    }
    assert sorted(identifier for identifier in named if identifier not in catalogue) == []
    assert [mutant.name for mutant in MUTANTS.values() if not mutant.breaks] == []


def test_every_mutant_says_in_a_sentence_what_a_user_notices() -> None:
    descriptions = [mutant.description for mutant in MUTANTS.values()]
    assert all(text.endswith(".") and 20 < len(text) < 120 for text in descriptions)
    assert len(set(descriptions)) == len(descriptions)


def test_every_requirement_with_a_check_has_a_mutant() -> None:
    broken = {identifier for mutant in MUTANTS.values() for identifier in mutant.breaks}
    judged = {row.id for row in Catalogue.load() if row.untestable is None}
    without = (judged & checks_by_requirement().keys()) - broken
    assert without - UNPROVEN.keys() == set()
    assert UNPROVEN.keys() & broken == set()


def test_the_correct_reference_is_not_warned_of_what_mutants_violate() -> None:
    # What may fail would end `pgassay check` with status 1: tox's environment `conformance`.
    may_fail = {row.id for row in Catalogue.load() if row.may_fail}
    broken = {identifier for mutant in MUTANTS.values() for identifier in mutant.breaks} - may_fail
    with served(CORRECT) as target:
        results = observe(target, broken)
    kept = {Verdict.PASS, Verdict.NOT_APPLICABLE}
    assert {row.id: row.verdict for row in results.requirements if row.verdict not in kept} == {}


@pytest.mark.parametrize("mutant", ALONE.values(), ids=ALONE)
def test_a_mutant_is_killed(mutant: Mutant) -> None:
    with served(mutant) as target:
        assessment = assess(mutant.name, hasty(target), mutant.breaks, mutant.shown_by)
    assert assessment.unnoticed == (), dict(assessment.verdicts)
