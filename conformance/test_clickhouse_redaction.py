"""clickhouse credentials of services: who hides them from reads, who shows them, and when."""

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_member, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result

MEMBERS = pytest.mark.parametrize("member", ["password", "connectionString"])


@requirement("CH-SECRET-READ")
@MEMBERS
def test_reads_do_not_repeat_credentials(clickhouse: ClickhouseApi, member: str) -> None:
    """Where reads hide credentials, neither GET nor PATCH repeats them."""
    for api in clickhouse.organizations_with_redaction("on"):
        service = api.common_service()
        for exchange in (api.get(service), api.patch(service, {"tags": []})):
            expect_status(exchange, 200)
            expect(
                member not in result(exchange),
                f"{exchange.request.method} repeats the {member}",
                expected="no credentials after create",
                actual=f"a member {member}",
                exchange=exchange,
            )


@requirement("CH-SVC-CREATE-CREDENTIALS")
@MEMBERS
def test_every_create_shows_credentials(clickhouse: ClickhouseApi, member: str) -> None:
    """The answer to create has credentials, whether reads will hide them or not."""
    for api in clickhouse.examined_organizations:
        exchange = api.creation_answer()
        expect_status(exchange, 200)
        shown = expect_member(result(exchange), member, exchange)
        expect(
            isinstance(shown, str) and shown != "",
            f"the {member} is empty",
            expected="a text",
            actual=f"{type(shown).__name__} of no use",
            exchange=exchange,
        )


@requirement("CH-SECRET-SHOWN")
@MEMBERS
def test_reads_show_credentials_as_create_did(clickhouse: ClickhouseApi, member: str) -> None:
    """Where reads show credentials, GET has those of the answer to create."""
    for api in clickhouse.organizations_with_redaction("off"):
        created = result(api.creation_answer())
        exchange = api.get(created["id"])
        expect_status(exchange, 200)
        shown = expect_member(result(exchange), member, exchange)
        expect_equal(shown, created.get(member), f"the {member}", exchange)


@requirement("CH-SECRET-SHOWN")
@MEMBERS
def test_updates_show_credentials_as_reads_do(clickhouse: ClickhouseApi, member: str) -> None:
    """Where reads show credentials, PATCH shows the same."""
    for api in clickhouse.organizations_with_redaction("off"):
        service = api.common_service()
        exchange = api.patch(service, {"tags": []})
        expect_status(exchange, 200)
        shown = expect_member(result(exchange), member, exchange)
        expect_equal(shown, api.shown(service).get(member), f"the {member}", exchange)


@requirement("CH-SECRET-LIST")
@MEMBERS
def test_no_list_has_credentials(clickhouse: ClickhouseApi, member: str) -> None:
    """The list has no credentials, whether reads hide them or not."""
    for api in clickhouse.examined_organizations:
        expect(
            member not in api.listed_once(api.common_service()),
            f"the list item has a {member}",
            expected="no credentials in the list",
            actual=f"a member {member}",
        )


@requirement("CH-SECRET-RESET")
def test_a_generated_password_is_shown_once(clickhouse: ClickhouseApi) -> None:
    """Where reads hide credentials, a generated password is in the answer to its change alone."""
    for api in clickhouse.organizations_with_redaction("on"):
        service = api.common_service()
        changed = api.send("PATCH", api.path(service, "password"), {})
        expect_status(changed, 200)
        password = expect_member(result(changed), "password", changed)
        for exchange in (api.get(service), api.patch(service, {"tags": []}), api.services()):
            expect(
                password not in exchange.text and '"password"' not in exchange.text,
                "a later answer shows the generated password",
                expected="no password after its change",
                actual=exchange.line,
                exchange=exchange,
            )


@requirement("CH-SECRET-RESET")
def test_a_chosen_password_is_not_repeated(clickhouse: ClickhouseApi) -> None:
    """Where reads hide credentials, the answer to a change to a chosen password has none."""
    for api in clickhouse.organizations_with_redaction("on"):
        path, chosen = api.path(api.common_service(), "password"), api.names.password()
        exchange = api.send("PATCH", path, {"password": chosen})
        expect_status(exchange, 200)
        expect(
            chosen not in exchange.text,
            "the answer repeats the chosen password",
            expected="a result without a password",
            actual="the password that was sent",
            exchange=exchange,
        )
