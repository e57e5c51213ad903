"""clickhouse passwords: those that are chosen, those that are made, those that are refused."""

from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_member, expect_refusal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_copies import Copy, needed
from pgassay.families.clickhouse_expectations import everything, kept
from pgassay.families.command_expectations import expect_password_refused
from pgassay.values.selection import cases
from pgassay.values.superuser_passwords import AWKWARD, LIMITS, POOR, suits


@every_case
@requirement("CH-PASSWORD-SUPPLIED")
@pytest.mark.parametrize("length", [pytest.param(n, id=f"length-{n}") for n in LIMITS])
def test_a_password_at_a_limit_is_accepted(
    clickhouse: ClickhouseApi, primary: Any, length: int
) -> None:
    """Passwords of 12 and of 1024 characters are accepted."""
    body = {"password": clickhouse.names.password(length)}
    expect_status(clickhouse.set_password(primary["id"], body), 200)


@requirement("CH-PASSWORD-SUPPLIED")
@pytest.mark.parametrize("part", cases(AWKWARD))
def test_an_awkward_password_is_accepted(
    clickhouse: ClickhouseApi, primary: Any, part: str
) -> None:
    """Passwords with punctuation besides the three classes are accepted."""
    body = {"password": clickhouse.names.password() + part}
    expect_status(clickhouse.set_password(primary["id"], body), 200)


@requirement("CH-PASSWORD-NOT-RETURNED", "CH-PASSWORD-SUPPLIED")
def test_a_chosen_password_is_not_returned(clickhouse: ClickhouseApi, primary: Any) -> None:
    """The answer to a chosen password has no member for one."""
    body = {"password": clickhouse.names.password()}
    exchange = clickhouse.set_password(primary["id"], body)
    expect_status(exchange, 200, requirement="CH-PASSWORD-SUPPLIED")
    expect(
        "password" not in (result(exchange) or {}),
        "the answer to a chosen password holds one",
        expected="a result without a password",
        actual="a member password",
        exchange=exchange,
        requirement="CH-PASSWORD-NOT-RETURNED",
    )


@requirement("CH-PASSWORD-GENERATED", "CH-PASSWORD-GENERATED-FRESH")
def test_generated_passwords_meet_the_rules_and_differ(
    clickhouse: ClickhouseApi, primary: Any
) -> None:
    """Without a password in the request one that meets the rules is returned, each time another."""
    made = []
    for _ in range(2):
        exchange = clickhouse.set_password(primary["id"], {})
        expect_status(exchange, 200, requirement="CH-PASSWORD-GENERATED")
        judged = "CH-PASSWORD-GENERATED"
        password = expect_member(result(exchange), "password", exchange, judged)
        expect(
            suits(password),
            "a generated password does not meet the rules",
            expected="12 to 1024 characters of all three classes",
            actual="another text" if isinstance(password, str) else type(password).__name__,
            exchange=exchange,
            requirement=judged,
        )
        made.append(password)
    expect(
        made[0] != made[1],
        "the same password is generated twice",
        expected="two passwords",
        actual="one",
        requirement="CH-PASSWORD-GENERATED-FRESH",
    )


@requirement("CH-PASSWORD-RULES", "CH-PASSWORD-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "password", cases(POOR, {"no-lowercase", "no-uppercase", "no-digit", "wide-digits-only"})
)
def test_a_password_without_one_of_the_classes_is_refused(
    clickhouse: ClickhouseApi, primary: Any, password: str
) -> None:
    """Passwords without a lower-case letter, an upper-case letter or a digit are refused."""
    rule = "the password lacks a class of characters"
    expect_password_refused(clickhouse, primary["id"], {"password": password}, rule)


@requirement("CH-PASSWORD-APPLIED")
@pytest.mark.parametrize("origin", ["chosen", "generated"])
def test_the_new_password_is_shown_where_credentials_are(
    clickhouse: ClickhouseApi, primary: Any, origin: str
) -> None:
    """Where reads show credentials, they come to show the password that was set."""
    if "password" not in clickhouse.shown(primary["id"]):
        raise NotTestable("reads of this organisation show no credentials")
    body = {"password": clickhouse.names.password()} if origin == "chosen" else {}
    exchange = clickhouse.set_password(primary["id"], body)
    wanted = (body or result(exchange) or {}).get("password")
    budget = clickhouse.timing.config
    expect(
        clickhouse.wait_member(primary["id"], "password", wanted, budget).reached,
        "reads show another password than was set",
        expected="the new password",
        actual="another one, or none",
        exchange=exchange,
    )


@requirement("CH-PASSWORD-KEEPS-SERVICE")
def test_a_password_change_leaves_the_service_alone(
    clickhouse: ClickhouseApi, primary: Any
) -> None:
    """After a password change the service runs under the same host name with the same values."""
    before = clickhouse.shown(primary["id"])
    exchange = clickhouse.set_password(primary["id"], {})
    after = clickhouse.shown(primary["id"])
    for shown in (before, after):
        shown |= {"kept": kept(shown)}
    for name in ("state", "hostname", "kept"):
        expect_equal(after.get(name), before.get(name), f"the service's {name}", exchange)


@requirement("CH-PASSWORD-REPLICA")
def test_a_read_replica_takes_no_password(clickhouse: ClickhouseApi, replica: Copy) -> None:
    """A password change of a read replica is refused where its source takes one."""
    needed(clickhouse, "password")
    source, body = replica.source["id"], {"password": clickhouse.names.password()}
    expect_refusal(
        lambda: clickhouse.set_password(replica.id, body),
        rule="a read replica has the password of its source",
        twin=lambda: clickhouse.set_password(source, body),
        untouched=lambda: everything(clickhouse, replica.id),
    )
