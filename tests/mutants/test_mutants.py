"""Mutants are well told, and together break every requirement that has checks.

That each is killed takes minutes to show: `pgassay mutants run` does it.
"""

from pgassay.catalogue import Catalogue
from pgassay.coverage import checks_by_requirement
from pgassay.mutants import MUTANTS

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
