"""Requests to services in any state: some that no state makes valid, and valid ones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.deviation import NotTestable
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_rejected, same, show
from pgassay.families.clickhouse import ClickhouseApi, result
from pgassay.families.clickhouse_expectations import kept
from pgassay.values.tags import as_set
from pgassay.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to a service or below it; `feature` is what a target must claim to offer it.

    `what` names it, or says what is wrong with it. One that is `named` asks for a new service.
    """

    what: str
    method: str
    part: str
    body: Json
    feature: str = ""
    named: bool = False

    def offered(self, api: ClickhouseApi) -> bool:
        """Tell whether the target claims the operation."""
        return not self.feature or api.client.target.features.get(self.feature, False)

    def send(self, api: ClickhouseApi, service: str) -> Exchange:
        """Send the request."""
        path = api.path(service, *([self.part] if self.part else []))
        body = self.body | {"name": api.names.words()} if self.named else self.body
        return api.send(self.method, path, body)


_PLAIN: Final[Json] = {"work_mem": "7MB"}
_BOUNCER: Final[Json] = {"default_pool_size": "13"}
#: Requests that break one constraint of the documents each.
INVALID: Final = (
    Attempt("the haType is not documented", "PATCH", "", {"haType": "triple"}),
    Attempt("the size is not documented", "PATCH", "", {"size": "r6gd.tiny"}),
    Attempt("the name is empty", "PATCH", "", {"name": ""}),
    Attempt("the tag has no key", "PATCH", "", {"tags": [{"key": "", "value": "1"}]}),
    Attempt(
        "the parameter is not documented",
        "PATCH",
        "config",
        {"pgConfig": {"no_such_parameter": 1}, "pgBouncerConfig": _BOUNCER},
    ),
    Attempt(
        "the parameter is no number",
        "POST",
        "config",
        {"pgConfig": {"max_connections": "many"}, "pgBouncerConfig": _BOUNCER},
    ),
    Attempt("the password is too short", "PATCH", "password", {"password": "short"}, "password"),
    Attempt(
        "the command is not documented", "PATCH", "state", {"command": "stop"}, "state_commands"
    ),
    Attempt("the name is missing", "POST", "readReplica", {"tags": []}, "read_replicas"),
    Attempt("the target is missing", "POST", "restoredService", {}, "restore", named=True),
)
#: Valid requests, of every operation that changes something.
VALID: Final = (
    Attempt("tags", "PATCH", "", {"tags": [{"key": "busy", "value": "1"}]}),
    Attempt("availability", "PATCH", "", {"haType": "none"}),
    Attempt("merge", "PATCH", "config", {"pgConfig": _PLAIN, "pgBouncerConfig": _BOUNCER}),
    Attempt("replace", "POST", "config", {"pgConfig": _PLAIN, "pgBouncerConfig": _BOUNCER}),
    Attempt("password", "PATCH", "password", {"password": "Busy-password-17"}, "password"),
    Attempt("restart", "PATCH", "state", {"command": "restart"}, "state_commands"),
    Attempt("replica", "POST", "readReplica", {}, "read_replicas", named=True),
    Attempt(
        "restore",
        "POST",
        "restoredService",
        {"restoreTarget": "2020-02-03T04:05:06Z"},
        "restore",
        named=True,
    ),
)
#: Reads of what belongs to a service.
READS: Final = (
    Attempt("the configuration", "GET", "config", ...),
    Attempt("the certificates", "GET", "caCertificates", ..., "certificates"),
    Attempt("the figures", "GET", "prometheus", ...),
)


def expect_all_refused(api: ClickhouseApi, service: str, attempts: Iterable[Attempt]) -> None:
    """Expect that requests are refused in whatever state the service is, and change no member."""
    before = _members(api, service)
    for attempt in attempts:
        if attempt.offered(api):
            exchange = attempt.send(api, service)
            expect_rejected(exchange, attempt.what, requirement="CH-SVC-STATE-VALIDATION")
    after = _members(api, service)
    changed = [name for name in before if name in after and not same(before[name], after[name])]
    expect(
        not changed,
        "refused requests changed the service",
        expected=show({name: before[name] for name in changed}),
        actual=show({name: after[name] for name in changed}),
        requirement="CH-SVC-STATE-VALIDATION",
    )


def accepted_values(
    api: ClickhouseApi, service: str, attempts: Iterable[Attempt]
) -> dict[str, Json]:
    """Send valid requests and return the members that the accepted ones ask for.

    Expects that the others are refused with 4xx.
    """
    wanted: dict[str, Json] = {}
    for attempt in attempts:
        # Whether a copy is made depends on the moment: a target with limits has no place for it.
        if not attempt.offered(api) or (attempt.named and api.client.allowance.limited):
            continue
        exchange = attempt.send(api, service)
        if not exchange.succeeded:
            expect_rejected(exchange, "the service is busy", requirement="CH-SVC-STATE-BUSY")
        elif not attempt.part:
            wanted |= attempt.body
    return wanted


def expect_settled(
    api: ClickhouseApi, service: str, wanted: Mapping[str, Json], requirement: str = ""
) -> None:
    """Expect that the service comes to run with all the `wanted` members, and goes on so."""
    looks, holds = 0, _shows(wanted)

    def held(shown: Json) -> bool:
        nonlocal looks
        looks = looks + 1 if holds(shown) else 0
        return looks >= 3

    waited = wait_until(
        lambda: api.shown(service), held, budget=api.timing.scale, poll=api.timing.poll
    )
    expect(
        waited.reached,
        "the service does not come to run with what was asked for",
        expected=f"running with {show(dict(wanted))} within {api.timing.scale:g} s",
        actual=show({name: waited.value.get(name) for name in ("state", *wanted)}),
        requirement=requirement,
    )


def sizes(api: ClickhouseApi) -> tuple[str, ...]:
    """The sizes that may really be had; raises `NotTestable` for a single one."""
    if len(api.settings.sizes) < 2:
        raise NotTestable("[clickhouse] sizes lists a single size")
    return api.settings.sizes


def another_size(api: ClickhouseApi, *others: str) -> str:
    """A size that is none of the `others`, or the first one where all are."""
    return next((size for size in sizes(api) if size not in others), sizes(api)[0])


def _shows(wanted: Mapping[str, Json]) -> Callable[[Json], bool]:
    def holds(shown: Json) -> bool:
        members = {name: unordered(name, shown.get(name)) for name in wanted}
        asked = {name: unordered(name, wanted[name]) for name in wanted}
        return shown.get("state") == "running" and same(members, asked)

    return holds


def unordered(name: str, value: Json) -> Json:
    """A member for comparison: tags have no order, and a service without any may leave them out."""
    return as_set(value or []) if name == "tags" else value


def _members(api: ClickhouseApi, service: str) -> dict[str, Json]:
    """What requests could change of a service at once; nothing where it is gone."""
    shown = result(api.get(service))
    found = kept(shown) if isinstance(shown, dict) else {}
    return {name: found[name] for name in found if name not in {"size", "haType"}}
