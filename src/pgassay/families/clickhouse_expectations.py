"""Expectations of the clickhouse family that several checks share.

Each refusal is proven: the state is the same afterwards, and the valid request that differs in
the one thing at fault goes through.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pgassay.deviation import NotTestable
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_equal, expect_refusal, expect_status, same, show
from pgassay.families.clickhouse import PAIR, ClickhouseApi, comparable, result
from pgassay.values.tags import as_set
from pgassay.waiting import wait_until

#: What a refused update must leave alone; state and hostname may change for reasons of their own.
_KEPT: Final = (
    "id",
    "name",
    "provider",
    "region",
    "postgresVersion",
    "size",
    "haType",
    "tags",
    "createdAt",
    "isPrimary",
    "username",
)

# An empty map would do, but servers may refuse it: the schemas and the guide disagree.
_PLAIN: Final[Mapping[str, Json]] = {
    "pgConfig": {"work_mem": "6MB"},
    "pgBouncerConfig": {"default_pool_size": "12"},
}


def expect_creation_refused(api: ClickhouseApi, body: Json, rule: str) -> Exchange:
    """Expect that a create with `body` is refused because of `rule` and leaves no service behind.

    A `body` of bytes is sent as it is.
    """

    def attempt() -> Exchange:
        if isinstance(body, bytes):
            return api.send_bytes("POST", api.services_path(), body)
        return api.create(body)

    return expect_refusal(
        attempt,
        rule=rule,
        twin=api.creation_answer,
        untouched=newcomers(api, body),
        untouched_requirement="CH-SVC-CREATE-REJECT-NOTHING",
    )


def newcomers(api: ClickhouseApi, body: Json) -> Callable[[], Json]:
    """A look at the services that are listed from now on, of the name in `body` if it has one."""
    before = {item.get("id") for item in api.listed()}
    name = body.get("name") if isinstance(body, dict) else None

    def look() -> Json:
        new = [item for item in api.listed() if item.get("id") not in before]
        named = isinstance(name, str) and name != ""
        return [item.get("id") for item in new if not named or item.get("name") == name]

    return look


def expect_update_refused(
    api: ClickhouseApi, service: str, change: Mapping[str, Json], rule: str
) -> Exchange:
    """Expect that a PATCH with `change` is refused because of `rule` and changes nothing.

    Its twin sends the first member of `change` with the value that the service has.
    """
    member = next(iter(change))

    def twin() -> Exchange:
        present = api.shown(service).get(member, [] if member == "tags" else ...)
        if present is ...:
            raise NotTestable(f"the service does not show {member}: no valid update can be formed")
        return api.patch(service, {member: present})

    return expect_refusal(
        lambda: api.patch(service, dict(change)),
        rule=rule,
        twin=lambda: api.proven(f"update of {member}", twin),
        untouched=lambda: kept(api.shown(service)),
        untouched_requirement="CH-SVC-PATCH-REJECT-UNTOUCHED",
    )


def kept(service: Mapping[str, Json]) -> dict[str, Json]:
    """The members that no request has changed when they are equal; tags in one order."""
    members = {name: service[name] for name in _KEPT if name in service}
    return members | {"tags": as_set(members.get("tags"))}


def everything(api: ClickhouseApi, service: str) -> Json:
    """All that a request could change of a service: its members and its configuration."""
    maps = comparable(result(api.configuration(service)))
    return {"service": kept(api.shown(service)), "configuration": maps}


def expect_alive(api: ClickhouseApi, service: str, exchange: Exchange) -> None:
    """Expect that a service is not on its way out after `exchange`."""
    state = api.state(service)
    expect(
        state not in {"deleting", None},
        "a refused delete deletes",
        expected="an untouched service",
        actual=f"state {state}",
        exchange=exchange,
    )


def configuration(pg: Json = ..., bouncer: Json = ...) -> dict[str, Json]:
    """A body of the configuration operations; a map that is not given has one plain parameter."""
    given = {"pgConfig": pg, "pgBouncerConfig": bouncer}
    return {name: _PLAIN[name] if value is ... else value for name, value in given.items()}


def expect_replacement_refused(
    api: ClickhouseApi, service: str, body: Json, rule: str, twin: Json, method: str = "POST"
) -> Exchange:
    """Expect that a configuration change with `body` is refused and changes nothing."""
    path = api.path(service, "config")
    return expect_refusal(
        lambda: api.send(method, path, body),
        rule=rule,
        twin=lambda: api.proven(f"{method} {twin}", lambda: api.send(method, path, twin)),
        untouched=lambda: comparable(result(api.configuration(service))),
        untouched_requirement="CH-CFG-REJECT-UNTOUCHED",
    )


def expect_configured(api: ClickhouseApi, exchange: Exchange, service: str, maps: Json) -> None:
    """Expect that a change answers with `maps` as the result, and that reads come to agree."""
    expect_status(exchange, 200)
    waited = api.wait_configuration(service, maps)
    expect_equal(waited.value, comparable(maps), "the configuration that is read afterwards")
    expect_equal(
        comparable(result(exchange)),
        comparable(maps),
        "the configuration in the answer",
        exchange,
        "CH-CFG-ECHO",
    )


def configured(api: ClickhouseApi, service: str, maps: Mapping[str, Json] = _PLAIN) -> None:
    """Bring a service's configuration to `maps`, as a premise of a check."""
    exchange = api.replace_configuration(service, dict(maps))
    if not exchange.succeeded or not api.wait_configuration(service, maps).reached:
        raise NotTestable(f"the configuration cannot be set as the check needs it: {exchange.line}")


def expect_scaling_refused(api: ClickhouseApi, body: Json, rule: str) -> Exchange:
    """Expect that a change of the CDC scaling is refused because of `rule` and changes nothing."""
    api.remember_scaling()
    return expect_refusal(
        lambda: api.scale(body),
        rule=rule,
        twin=lambda: api.proven("scaling", lambda: api.scale(api.scaling_pair())),
        untouched=api.scaling_pair,
        untouched_requirement="CH-CDC-REJECT-UNTOUCHED",
    )


def expect_patched(api: ClickhouseApi, service: str, changes: Mapping[str, Json]) -> None:
    """Expect that a change is accepted, at the latest once the one before it has come."""
    waited = wait_until(
        lambda: api.patch(service, dict(changes)),
        lambda exchange: exchange.status != 409,
        budget=api.timing.scale,
        poll=api.timing.poll,
    )
    expect_status(waited.value, 200)


def expect_scaled(api: ClickhouseApi, pair: Mapping[str, Json]) -> None:
    """Expect that a pair is accepted, shown as the old or new pair meanwhile, and takes effect."""
    old = api.scaling_pair()
    expect_status(api.scale(dict(pair)), 200, title="a documented size is refused")
    waited = api.wait_scaling(pair)
    strange = [seen for seen in waited.seen if not same(seen, old) and not same(seen, dict(pair))]
    expect(
        not strange,
        "a pair is shown that was never asked for",
        expected=f"{show(old)} or {show(dict(pair))}",
        actual=show(strange[:1]),
        requirement="CH-CDC-NO-MIXED-PAIR",
    )
    expect(
        waited.reached,
        "the new scaling does not take effect",
        expected=f"{show(dict(pair))} within {api.timing.cdc:g} s",
        actual=show(waited.value),
        requirement="CH-CDC-DELAYED-EFFECT",
    )


def pair_of(cores: int) -> dict[str, Json]:
    """The documented size with so many cores."""
    return dict(zip(PAIR, (1000 * cores, 4 * cores), strict=True))
