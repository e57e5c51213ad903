"""Mutants are derived by rule: many, each of one fault, each well named, of every operation."""

import re
from collections import Counter

import msgspec
import pytest

from pgassay.mutants import DERIVED, MUTANTS
from pgassay.mutants.derived import RULES, requiredness
from pgassay.mutants.derived.operations import operations
from pgassay.reference import Credentials, ManualClock, Readings, Settings
from pgassay.reference.clickhouse import models as clickhouse
from pgassay.reference.dbaas import models as dbaas
from pgassay.specification import specification


def test_there_are_at_least_four_hundred_and_each_rule_has_some() -> None:
    assert len(DERIVED) >= 400
    counts = Counter(mutant.rule for mutant in DERIVED.values())
    assert counts.keys() == {rule.NAME for rule in RULES}
    assert min(counts.values()) >= 10


def test_no_two_mutants_have_one_name_or_one_description() -> None:
    derived = [mutant for rule in RULES for mutant in rule.derive()]
    assert len({mutant.name for mutant in derived}) == len(derived)
    assert len({mutant.description for mutant in derived}) == len(derived)
    assert DERIVED.keys() & MUTANTS.keys() == set()


def test_names_need_no_quotes_in_a_shell() -> None:
    assert [name for name in DERIVED if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)] == []


def test_every_mutant_says_in_a_sentence_what_a_user_notices() -> None:
    texts = [mutant.description for mutant in DERIVED.values()]
    assert [text for text in texts if not (text.endswith(".") and 20 < len(text) < 120)] == []


def test_no_derived_mutant_names_requirements() -> None:
    assert [mutant.name for mutant in DERIVED.values() if mutant.breaks or mutant.shown_by] == []


def test_operations_have_the_ids_of_the_openapi_document() -> None:
    documented = {operation.id for operation in specification().operations}
    assert set(operations()) == documented
    named = {each for mutant in DERIVED.values() for each in mutant.operations}
    assert named == documented


def test_every_mutant_can_be_built() -> None:
    settings = Settings(Credentials.generate(), 0.001)
    for mutant in DERIVED.values():
        mutant.app(settings, ManualClock()).build_middleware_stack()


@pytest.mark.parametrize("module", [clickhouse, dbaas])
def test_every_model_of_a_body_has_its_operations(module: object) -> None:
    inner = {clickhouse.Tag, clickhouse.CopyRequest}
    structs = {
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, msgspec.Struct)
        and each is not msgspec.Struct
    }
    assert structs - inner - set(requiredness.MODELS.values()) == set()


def test_what_either_reading_allows_is_named_with_a_reading_that_exists() -> None:
    known = {reading.name for reading in Readings.known()}
    assert set(requiredness.READ_EITHER_WAY.values()) <= known
