"""Races of the clickhouse family: the requests that meet, and what the races are about."""

from collections.abc import Mapping
from typing import Final

from pgassay.deviation import NotTestable, Unaffordable
from pgassay.exchange import Exchange, Json, Request
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families.clickhouse import ClickhouseApi, comparable, result
from pgassay.families.clickhouse_expectations import configuration
from pgassay.families.races import (
    LOOKS,
    CollectionRace,
    RecordRace,
    Round,
    all_answered,
    expect_no_server_error,
)
from pgassay.target.model import Family
from pgassay.waiting import wait_until

#: Parameters that neither depend on each other nor need a restart, with a value that any takes.
PARAMETERS: Final = (
    "work_mem",
    "maintenance_work_mem",
    "effective_cache_size",
    "statement_timeout",
    "lock_timeout",
    "idle_session_timeout",
)
_DELETE: Final = "CH-SVC-DELETE-CONCURRENT"


def reading(api: ClickhouseApi, service: str = "", part: str = "") -> Request:
    """The request that reads a service, or a part of it; without `service` the list."""
    path = api.path(service, *filter(None, [part])) if service else api.services_path()
    return _request(api, "GET", path)


def updating(api: ClickhouseApi, service: str, part: str = "", /, **changes: Json) -> Request:
    """The PATCH that changes a service, or a part of it."""
    return _request(api, "PATCH", api.path(service, *filter(None, [part])), changes)


def deleting(api: ClickhouseApi, service: str) -> Request:
    """The request that deletes a service."""
    return _request(api, "DELETE", api.path(service))


def tagging(api: ClickhouseApi, service: str, value: str) -> Request:
    """The PATCH that replaces all tags by two that have the same `value`."""
    pair: Json = [{"key": key, "value": value} for key in ("first", "second")]
    return updating(api, service, tags=pair)


def service_race(api: ClickhouseApi, service: str, *members: str) -> RecordRace:
    """A race about members of a service."""

    def view(value: Json) -> Mapping[str, Json]:
        return {name: value[name] for name in members if name in value}

    return RecordRace(api.client, reading(api, service), result, view)


def configuration_race(api: ClickhouseApi, service: str) -> RecordRace:
    """A race about the parameters of a service's configuration."""

    def view(value: Json) -> Mapping[str, Json]:
        found = (comparable(value) or {}).get("pgConfig", {})
        return {name: found[name] for name in PARAMETERS if name in found}

    return RecordRace(api.client, reading(api, service, "config"), result, view)


def configuring(api: ClickhouseApi, service: str, turn: Round) -> list[Request]:
    """PATCHes of a configuration, one for each parameter, with values drawn for the round."""
    changes = [configuration({name: turn.chance.randrange(1000, 9999)}) for name in PARAMETERS]
    return turn.shuffled(*(updating(api, service, "config", **change) for change in changes))


def creations(api: ClickhouseApi, wanted: int) -> list[Request]:
    """Requests that create services, all of one name, as many as the limits allow.

    Raises `NotTestable` where they do not allow two.
    """
    count = api.client.room(wanted, costly=True)
    if count < 2:
        raise Unaffordable("[limits] do not allow two services to be created together")
    return [_request(api, "POST", api.services_path(), api.creation())] * count


def resetting(api: ClickhouseApi, service: str, count: int) -> list[Request]:
    """Requests that set a service's password, each to another one."""
    passwords = [api.names.password() for _ in range(count)]
    return [updating(api, service, "password", password=each) for each in passwords]


def services_race(api: ClickhouseApi) -> CollectionRace:
    """A race about the services of the organisation."""
    return CollectionRace(api.services_path(), _identifier, _listed)


def expect_listed_once(api: ClickhouseApi, services: list[str]) -> None:
    """Expect that services come to be listed, each once; raises `NotTestable` without two."""
    if len(services) < 2:
        raise NotTestable("fewer than two creations were accepted")

    def counts() -> list[int]:
        listed = _listed(api.services())
        return [listed.count(service) for service in services]

    once, timing = [1] * len(services), api.timing
    waited = wait_until(counts, lambda found: found == once, budget=timing.config, poll=timing.poll)
    expect(
        waited.reached and len(set(services)) == len(services),
        "services that were created together are not all there",
        expected=f"{len(services)} different identifiers, each listed once",
        actual=show(list(zip(services, waited.value, strict=True))),
        requirement="CH-SVC-CREATE-CONCURRENT",
    )


def expect_deleted(api: ClickhouseApi, service: str, exchanges: list[Exchange]) -> None:
    """Expect that a service goes for good whose delete met with other requests."""
    all_answered(exchanges)
    deletes = [each for each in exchanges if each.request.method == "DELETE"]
    for exchange in deletes:
        expect_status(exchange, 200, 202, 204, 404, 409, requirement=_DELETE)
    expect_no_server_error(exchanges, _DELETE)
    if not any(exchange.succeeded for exchange in deletes):
        raise NotTestable("no delete was accepted beside other requests")
    api.wait_gone(service, _DELETE)
    for _ in range(LOOKS):
        expect_status(api.get(service), 404, requirement="CH-SVC-DELETE-NO-RESURRECTION")
        listed = _listed(api.services()).count(service)
        expect_equal(listed, 0, "how often the list has it", requirement="CH-SVC-DELETE-ABSENT")


def _request(api: ClickhouseApi, method: str, path: str, body: Json = ...) -> Request:
    return Request.of(
        method, path, json_body=body, credential=api.credential, family=Family.CLICKHOUSE
    )


def _identifier(exchange: Exchange) -> str:
    value = result(exchange)
    return str(value["id"]) if isinstance(value, dict) and "id" in value else ""


def _listed(exchange: Exchange) -> list[str]:
    found = result(exchange)
    items = found if isinstance(found, list) else []
    return [str(item.get("id")) for item in items if isinstance(item, dict)]
