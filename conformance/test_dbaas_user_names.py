"""dbaas users: PostgreSQL role naming rules."""

from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.expectation import expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_shown, expect_user_refused
from pgassay.values.identifiers import (
    ILLEGAL_FIRST,
    ILLEGAL_INSIDE,
    LEGAL,
    LEGAL_FOR_USERS,
    RESERVED_IN_OTHER_CASE,
    RESERVED_NAMES,
)


@every_case
@requirement("DB-USER-NAME-CHARACTERS", "DB-USER-NAME-FIRST", "DB-USER-NAME-RESERVED")
@pytest.mark.parametrize("case", [*LEGAL, *LEGAL_FOR_USERS])
def test_a_legal_user_name_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """Names of letters, digits, underscores and dollar signs are accepted and kept."""
    name = {**LEGAL, **LEGAL_FOR_USERS}[case].format(dbaas.names.identifier())
    body = dbaas.user_creation(name=name)
    expect_shown(dbaas.create_user(instance["uuid"], body), {"name": name})


@requirement("DB-USER-NAME-FIRST")
@pytest.mark.parametrize("case", ILLEGAL_FIRST)
def test_a_user_name_with_another_first_character_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """A user name begins with a letter or an underscore."""
    name = ILLEGAL_FIRST[case].format(dbaas.names.identifier())
    rule = "a user name must begin with a letter or an underscore"
    expect_user_refused(dbaas, instance["uuid"], rule, name=name)


@requirement("DB-USER-NAME-CHARACTERS")
@pytest.mark.parametrize("case", ILLEGAL_INSIDE)
def test_a_user_name_with_another_character_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """A user name has letters, digits, underscores and dollar signs only."""
    name = ILLEGAL_INSIDE[case].format(dbaas.names.identifier())
    rule = "a user name must have letters, digits, underscores and dollar signs only"
    expect_user_refused(dbaas, instance["uuid"], rule, name=name)


@requirement("DB-USER-NAME-LENGTH")
@pytest.mark.parametrize("first", ["a", "_"])
def test_a_user_name_of_63_characters_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], first: str
) -> None:
    """The longest user name is accepted and not cut."""
    name = dbaas.names.identifier_of(63, first)
    exchange = dbaas.create_user(instance["uuid"], name=name)
    expect_success(exchange)
    expect_shown(exchange, {"name": name})


@requirement("DB-USER-NAME-RESERVED")
@pytest.mark.parametrize("case", RESERVED_NAMES)
def test_a_reserved_user_name_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """A user name does not begin with pg_, dbaas_ or postgres."""
    name = RESERVED_NAMES[case].format(dbaas.names.identifier())
    rule = "a user name must not begin with pg_, dbaas_ or postgres"
    expect_user_refused(dbaas, instance["uuid"], rule, name=name)


@requirement("DB-VALUE-KEPT")
@pytest.mark.parametrize("case", RESERVED_IN_OTHER_CASE)
def test_a_reserved_name_in_other_case_is_refused_or_kept(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """A user name that is reserved but for its case is refused, or kept in the case it was sent."""
    name = RESERVED_IN_OTHER_CASE[case].format(dbaas.names.identifier())
    exchange = dbaas.create_user(instance["uuid"], name=name)
    if not exchange.rejected:
        expect_shown(exchange, {"name": name})
