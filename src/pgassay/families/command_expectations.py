"""Expectations of what changes no value of a service: passwords and state commands."""

from collections.abc import Callable, Mapping

from pgassay.clock import clock
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_refusal, show
from pgassay.families.clickhouse import ClickhouseApi
from pgassay.families.clickhouse_expectations import everything
from pgassay.waiting import Waited, wait_until


def expect_running_again(api: ClickhouseApi, service: str) -> Waited[Json]:
    """Expect that a service that was given a command comes to run, and goes on running.

    A command may be queued: a service that was not seen to stop running has to run for as long as
    a reached state must hold.
    """
    left, since = False, 0.0

    def over(shown: Json) -> bool:
        nonlocal left, since
        if shown.get("state") != "running":
            left, since = True, 0.0
            return False
        since = since or clock().now()
        return left or clock().now() - since >= api.timing.settle

    waited = wait_until(
        lambda: api.shown(service),
        over,
        budget=api.timing.restart + api.timing.settle,
        poll=api.timing.poll,
    )
    expect(
        waited.reached,
        "the service does not come to run again",
        expected=f"state running within {api.timing.restart:g} s",
        actual=show(waited.value.get("state")),
    )
    return waited


def restarted(api: ClickhouseApi, service: str) -> Exchange:
    """Restart a service and wait until it runs again; the answer to the command."""
    exchange = api.command(service, {"command": "restart"})
    if exchange.succeeded:
        expect_running_again(api, service)
    return exchange


def expect_command_refused(
    api: ClickhouseApi,
    service: str,
    body: Json,
    rule: str,
    twin: Callable[[], Exchange] | None = None,
) -> None:
    """Expect that a state command is refused because of `rule` and nothing happens.

    Without another `twin` it is a restart, which the run does once for all refusals.
    """
    expect_refusal(
        lambda: api.command(service, body),
        rule=rule,
        twin=twin or (lambda: api.proven("restart", lambda: restarted(api, service))),
        untouched=lambda: {"state": api.state(service), "rest": everything(api, service)},
        untouched_requirement="CH-STATE-REJECT-UNTOUCHED",
    )


def expect_password_refused(api: ClickhouseApi, service: str, body: Json, rule: str) -> None:
    """Expect that a password change is refused because of `rule` and nothing happens."""
    expect_refusal(
        lambda: api.set_password(service, body),
        rule=rule,
        twin=lambda: api.proven(
            "password", lambda: api.set_password(service, {"password": api.names.password()})
        ),
        untouched=lambda: [secret(api, service), everything(api, service)],
        untouched_requirement="CH-PASSWORD-REJECT-UNTOUCHED",
    )


def secret(api: ClickhouseApi, service: str) -> Json:
    """What tells whether a service's shown credentials changed, without being them."""
    shown = api.shown(service)
    known = (shown.get(name) for name in ("password", "connectionString"))
    return [api.client.vault.marker(value) if isinstance(value, str) else None for value in known]


def roles(api: ClickhouseApi) -> Mapping[str, Json]:
    """Which listed services are primaries, by id."""
    return {str(item.get("id")): item.get("isPrimary") for item in api.listed()}
