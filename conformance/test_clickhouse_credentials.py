"""clickhouse credentials: who is let in, and what the others see."""

from typing import Any

import pytest

from pgassay.check import every_case, full, requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.access_expectations import without_identity
from pgassay.families.clickhouse_copies import Copy, restore_body
from pgassay.families.clickhouse_expectations import newcomers
from pgassay.families.clickhouse_operations import (
    CHANGES,
    NOBODY,
    ON_ORGANIZATION,
    ON_SERVICE,
    OPERATIONS,
    Operation,
    expect_kept_out,
)
from pgassay.target.model import Family, Target
from pgassay.values.credentials import Intruder, basic, intruders, useless, wrong_secrets

EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@requirement("CH-AUTH-REQUIRED")
@EVERY
def test_no_operation_works_without_credentials(
    clickhouse: ClickhouseApi, target: Target, operation: Operation
) -> None:
    """Missing, malformed and unknown credentials open no operation and change nothing."""
    main = basic(target.credential("main", Family.CLICKHOUSE))
    expect_kept_out(clickhouse, operation, intruders(useless(main)))


@requirement("CH-AUTH-WRONG-SECRET")
@EVERY
def test_no_operation_works_with_a_wrong_secret(
    clickhouse: ClickhouseApi, target: Target, operation: Operation
) -> None:
    """A known key id with another secret opens no operation, however near the secret is."""
    main = basic(target.credential("main", Family.CLICKHOUSE))
    expect_kept_out(clickhouse, operation, intruders(wrong_secrets(main)))


@every_case
@requirement("CH-AUTH-STATUS")
@EVERY
def test_every_operation_answers_401_without_credentials(
    clickhouse: ClickhouseApi, target: Target, operation: Operation
) -> None:
    """Without credentials and with a wrong secret every operation is answered with 401."""
    wrong = wrong_secrets(basic(target.credential("main", Family.CLICKHOUSE)))
    callers = [Intruder("there are no credentials"), *intruders(wrong)[:1]]
    expect_kept_out(clickhouse, operation, callers, status=401)


@requirement("CH-AUTH-STATUS")
def test_useless_credentials_are_answered_with_401(
    clickhouse: ClickhouseApi, target: Target
) -> None:
    """Malformed and unknown credentials are answered with 401, whatever is wrong with them."""
    main = basic(target.credential("main", Family.CLICKHOUSE))
    path = clickhouse.services_path()
    for what, headers in (useless(main) | wrong_secrets(main)).items():
        exchange = clickhouse.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_status(exchange, 401, title=f"another status than 401 for {what}")


@requirement("CH-AUTH-UNTOLD")
def test_a_refusal_does_not_tell_which_part_was_wrong(
    clickhouse: ClickhouseApi, target: Target
) -> None:
    """An unknown key id is refused in the words in which a wrong secret is."""
    main = basic(target.credential("main", Family.CLICKHOUSE))
    wrong = wrong_secrets(main) | useless(main)
    path = clickhouse.services_path()
    unknown, known = (
        clickhouse.send("GET", path, credential=ANONYMOUS, headers=wrong[what])
        for what in ("an unknown key", "another secret")
    )
    expect_equal(without_identity(known), without_identity(unknown), "the refusal", known)


@requirement("CH-AUTH-DISABLED-KEY")
@EVERY
def test_no_operation_works_with_a_disabled_key(
    clickhouse: ClickhouseApi, operation: Operation
) -> None:
    """A disabled key is refused with 401 by every operation, and changes nothing."""
    caller = Intruder("the key is disabled", "disabled")
    expect_kept_out(clickhouse, operation, [caller], status=401)


@every_case
@requirement("CH-AUTH-READ-ONLY")
@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_a_read_only_key_changes_nothing(clickhouse: ClickhouseApi, operation: Operation) -> None:
    """A key that may only read is refused with 403 when it tries to create, change or delete."""
    if not clickhouse.send("GET", clickhouse.services_path(), credential="read_only").succeeded:
        raise NotTestable("the read-only key cannot read either")
    caller = Intruder("the key may only read", "read_only")
    expect_kept_out(clickhouse, operation, [caller], status=403)


@every_case
@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_ORGANIZATION, ids=str)
def test_a_stranger_does_not_reach_an_organisation(
    clickhouse: ClickhouseApi, operation: Operation
) -> None:
    """Another organisation's key opens no operation on this organisation and what is in it."""
    caller = Intruder("the key is another organisation's", "other_tenant")
    expect_kept_out(clickhouse, operation, [caller])


@every_case
@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_ORGANIZATION, ids=str)
def test_another_organisation_is_out_of_reach(
    clickhouse: ClickhouseApi, operation: Operation
) -> None:
    """A key opens no operation under another organisation's path, not on its own service either."""
    other = clickhouse.other_organization_id
    caller = Intruder("the organisation is another one", "main", organization=other)
    expect_kept_out(clickhouse, operation, [caller])


@every_case
@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_SERVICE, ids=str)
def test_a_service_is_under_its_own_organisation_alone(
    clickhouse: ClickhouseApi, operation: Operation
) -> None:
    """A stranger does not reach a service under an organisation that is the stranger's."""
    other = clickhouse.other_organization_id
    caller = Intruder("the service is another organisation's", "other_tenant", {}, other)
    expect_kept_out(clickhouse, operation, [caller])


@full
@requirement("CH-RESTORE-TENANT")
def test_a_stranger_does_not_restore(clickhouse: ClickhouseApi, restoration: Copy) -> None:
    """A service that could be restored is not restored for another organisation's key."""
    body = restore_body(clickhouse, restoration)
    path = clickhouse.path(restoration.source["id"], "restoredService")
    made = newcomers(clickhouse, body)
    exchange = clickhouse.send("POST", path, body, credential="other_tenant")
    expect_rejected(exchange, "the service is another organisation's")
    expect_equal(made(), [], "the list of new services", exchange)


@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("id_", ["postgresServiceGetList", "postgresOrgPrometheusGet"])
def test_a_stranger_does_not_see_a_service(
    clickhouse: ClickhouseApi, service: Any, id_: str
) -> None:
    """The list and the metrics of another organisation do not show a service."""
    operation = next(operation for operation in OPERATIONS if operation.id == id_)
    other = Intruder("", "other_tenant", {}, clickhouse.other_organization_id)
    exchange = operation.send(clickhouse, "", other)
    expect_status(exchange, 200)
    expect(
        service["id"] not in exchange.text,
        "a stranger sees the service",
        expected="only services of the key's organisation",
        actual=exchange.line,
        exchange=exchange,
    )


@every_case
@requirement("HTTP-FOREIGN-AS-ABSENT")
@pytest.mark.parametrize("operation", ON_SERVICE, ids=str)
def test_what_is_not_yours_is_as_what_is_not_there(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """A service of somebody else is refused as one that does not exist."""
    body = operation.valid_body(clickhouse)
    for organization in ("", clickhouse.other_organization_id):
        caller = Intruder("", "other_tenant", {}, organization)
        foreign, absent = (
            operation.send(clickhouse, each, caller, body) for each in (service["id"], NOBODY)
        )
        expect_rejected(absent, "the service does not exist")
        expect_equal(without_identity(foreign), without_identity(absent), "the refusal", foreign)


@requirement("HTTP-FOREIGN-AS-ABSENT")
def test_an_organisation_of_others_is_as_one_that_does_not_exist(
    clickhouse: ClickhouseApi,
) -> None:
    """Another organisation's list is refused as that of an organisation that does not exist."""
    foreign, absent = (
        clickhouse.send("GET", clickhouse.services_path(organization))
        for organization in (clickhouse.other_organization_id, NOBODY)
    )
    expect_equal(without_identity(foreign), without_identity(absent), "the refusal", foreign)
