"""Races of the dbaas family: the requests that meet, and what the races are about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

from pgassay.crew import side_by_side
from pgassay.deviation import NotApplicable, NotTestable, Unaffordable
from pgassay.exchange import Exchange, Json, Request
from pgassay.expectation import expect, expect_status, expect_success, show
from pgassay.families.dbaas import DbaasApi, uuids
from pgassay.families.races import (
    GONE,
    LOOKS,
    CollectionRace,
    RecordRace,
    all_answered,
    expect_no_server_error,
    in_turn,
)
from pgassay.target.model import Family
from pgassay.waiting import wait_until

#: The members by which updates are told apart; changing them needs no other machine.
LABELS: Final = ("name", "description")


def reading(api: DbaasApi, instance: str, *parts: str) -> Request:
    """The request that reads an instance, or one thing in it."""
    return _request("GET", api.path(instance, *parts))


def listing(api: DbaasApi, instance: str, kind: str) -> Request:
    """The request that lists the users or databases of an instance."""
    return _request("GET", api.collection("instances", instance, kind))


def updating(api: DbaasApi, instance: str, now: Mapping[str, Json], **changes: Json) -> Request:
    """The PUT that changes an instance, which is `now` so; of the changes alone, where PUT merges.

    It is formed before the race: no read must come in between.
    """
    merges = api.settings.put_semantics == "merge"
    return _request("PUT", api.path(instance), changes if merges else {**now, **changes})


def deleting(api: DbaasApi, instance: str, *parts: str) -> Request:
    """The request that deletes an instance, or one thing in it."""
    return _request("DELETE", api.path(instance, *parts))


def relabelling(api: DbaasApi, instance: str, now: Mapping[str, Json]) -> Request:
    """The PUT that gives an instance, which is `now` so, another name and description."""
    name = api.names.identifier()
    return updating(api, instance, now, name=name, description=f"relabelled as {name}")


def creating(api: DbaasApi, instance: str, kind: str, owner: str = "") -> Request:
    """The request that creates a user, or a database of the user `owner`."""
    users = kind == "users"
    body = api.user_creation() if users else api.database_creation(instance, owner)
    return _request("POST", api.collection("instances", instance, kind), body)


def instance_race(api: DbaasApi, instance: str) -> RecordRace:
    """A race about the labels of an instance."""

    def view(value: Json) -> Mapping[str, Json]:
        return {name: value[name] for name in LABELS if name in value}

    return RecordRace(api.client, reading(api, instance), Exchange.json, view)


def children_race(api: DbaasApi, instance: str, kind: str) -> CollectionRace:
    """A race about the users or the databases of an instance."""
    return CollectionRace(api.collection("instances", instance, kind), _identifier, uuids)


def crowd(api: DbaasApi, wanted: int = 20) -> int:
    """How many requests may meet, as far as the limits allow; raises `NotTestable` below two."""
    count = api.client.room(wanted)
    if count < 2:
        raise Unaffordable("[limits] do not allow two requests to meet")
    return count


def contended(api: DbaasApi, instance: str, turns: int = 2) -> list[Exchange]:
    """Let several create users of one name again and again, look at them, and delete them."""
    create = creating(api, instance, "users")

    def contend() -> list[Exchange]:
        exchanges = []
        for _ in range(turns):
            exchanges += in_turn(api.client, [create])
            if exchanges[-1].succeeded:
                path = ("users", _identifier(exchanges[-1]))
                look, delete = reading(api, instance, *path), deleting(api, instance, *path)
                exchanges += in_turn(api.client, [look, delete])
        return exchanges

    return list(chain.from_iterable(side_by_side([contend] * crowd(api, 4))))


def expect_all_there(
    api: DbaasApi, race: CollectionRace, exchanges: Sequence[Exchange], requirement: str
) -> None:
    """Expect that creations that met were accepted, and that each comes to be listed once."""
    all_answered(exchanges)
    for exchange in exchanges:
        expect_success(exchange, requirement=requirement)
    created = race.created(exchanges)
    waited = wait_until(
        lambda: Counter(race.listed(api.send("GET", race.path))),
        lambda counts: all(counts[each] == 1 for each in created),
        budget=api.timing.config,
        poll=api.timing.poll,
    )
    expect(
        waited.reached and len(set(created)) == len(created),
        "what was created together is not all there",
        expected=f"{len(created)} different identifiers, each listed once",
        actual=show({each: waited.value[each] for each in created}),
        requirement=requirement,
    )


def expect_one_of_a_name(
    api: DbaasApi, race: CollectionRace, exchanges: Sequence[Exchange], requirement: str
) -> None:
    """Expect that of creations of one name exactly one is accepted, and listed; others get 4xx."""
    if not api.settings.unique_names:
        raise NotApplicable("[dbaas] unique_names = false: names need not be unique")
    expect_no_server_error(exchanges, requirement)
    race.expect_unique(exchanges, "a name was given twice at once", requirement)
    created = race.created(exchanges)
    listed = [each for each in race.listed(api.send("GET", race.path)) if each in created]
    expect(
        len(created) == 1 == len(listed),
        "of creations of one name that meet not exactly one is carried out",
        expected="one 2xx answer, and what it names in the list",
        actual=f"{len(created)} were accepted, {len(listed)} of them are listed",
        requirement=requirement,
    )


def expect_deleted(
    api: DbaasApi, instance: str, exchanges: Sequence[Exchange], requirement: str
) -> None:
    """Expect that an instance goes for good whose delete met with other requests."""
    all_answered(exchanges)
    expect_no_server_error(exchanges, requirement)
    deletes = [each for each in exchanges if each.request.method == "DELETE"]
    if not any(each.succeeded for each in deletes):
        raise NotTestable("no delete was accepted beside other requests")
    api.wait_absent(api.path(instance), requirement)
    for _ in range(LOOKS):
        expect_status(api.get(instance), *GONE, requirement="DB-INST-DELETE-NO-RESURRECTION")


def expect_no_orphans(api: DbaasApi, exchanges: Sequence[Exchange], requirement: str) -> None:
    """Expect that nothing stays of what was created in an instance while it was deleted."""
    for exchange in exchanges:
        if exchange.request.method == "POST" and exchange.succeeded:
            path = exchange.request.path.rstrip("/")
            api.wait_absent(f"{path}/{_identifier(exchange)}", requirement)


def _request(method: str, path: str, body: Json = ...) -> Request:
    return Request.of(method, path, json_body=body, family=Family.DBAAS)


def _identifier(exchange: Exchange) -> str:
    body = exchange.json()
    return str(body.get("uuid", "")) if isinstance(body, dict) else ""
