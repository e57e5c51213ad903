"""dbaas databases: PostgreSQL identifier rules."""

from typing import Any

import pytest

from pgassay.check import every_case, full, requirement
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_database_refused, expect_shown
from pgassay.values.identifiers import (
    ILLEGAL_FIRST,
    ILLEGAL_INSIDE,
    ILLEGAL_INSIDE_DATABASES,
    LEGAL,
)


@every_case
@requirement("DB-DB-NAME-CHARACTERS", "DB-DB-NAME-FIRST")
@pytest.mark.parametrize("case", LEGAL)
def test_a_legal_database_name_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """Names of letters, digits and underscores are accepted and kept."""
    name = LEGAL[case].format(dbaas.names.identifier())
    exchange = dbaas.create_database(instance["uuid"], user["uuid"], name=name)
    expect_shown(exchange, {"name": name})


@requirement("DB-DB-NAME-FIRST")
@pytest.mark.parametrize("case", ILLEGAL_FIRST)
def test_a_database_name_with_another_first_character_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A database name begins with a letter or an underscore."""
    name = ILLEGAL_FIRST[case].format(dbaas.names.identifier())
    rule = "a database name must begin with a letter or an underscore"
    expect_database_refused(dbaas, instance["uuid"], user["uuid"], rule, name=name)


@requirement("DB-DB-NAME-CHARACTERS")
@pytest.mark.parametrize("case", ILLEGAL_INSIDE_DATABASES)
def test_a_database_name_with_another_character_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A database name has letters, digits and underscores only; a dollar sign is none."""
    name = ILLEGAL_INSIDE_DATABASES[case].format(dbaas.names.identifier())
    rule = "a database name must have letters, digits and underscores only"
    expect_database_refused(dbaas, instance["uuid"], user["uuid"], rule, name=name)


@full
@requirement("DB-DB-NAME-CHARACTERS")
@pytest.mark.parametrize("case", ILLEGAL_INSIDE)
def test_a_database_name_with_any_other_character_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A database name has no character that a user name has not."""
    name = ILLEGAL_INSIDE[case].format(dbaas.names.identifier())
    rule = "a database name must have letters, digits and underscores only"
    expect_database_refused(dbaas, instance["uuid"], user["uuid"], rule, name=name)


@requirement("DB-DB-NAME-LENGTH")
@pytest.mark.parametrize("first", ["a", "_"])
def test_a_database_name_of_63_characters_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], first: str
) -> None:
    """The longest database name is accepted and not cut."""
    name = dbaas.names.identifier_of(63, first)
    exchange = dbaas.create_database(instance["uuid"], user["uuid"], name=name)
    expect_shown(exchange, {"name": name})
