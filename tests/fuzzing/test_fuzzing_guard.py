"""Requests that change something reach the run's own resources, or none."""

import json
from collections.abc import Callable

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_copies import replica_body, with_backup
from pgassay.fuzzing.ground import Ground
from pgassay.fuzzing.guard import Guard
from pgassay.run.session import Session
from pgassay.target.model import Family

OWN = "5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d"
SPARE = "6b7c8d9e-0f1a-4b2c-9d3e-4f5a6b7c8d9e"
FOREIGN = "7c8d9e0f-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
ROOT = "/v1/postgres/instances"
TEMPLATE = ROOT + "/{uuid}"


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """Give a session that created two instances in the name of the check `pass`."""
    session = open_session()
    for number, uuid in enumerate((OWN, SPARE)):
        body = json.dumps({"uuid": uuid, "name": "own"}).encode()
        request = Request("POST", ROOT, family="dbaas")
        session.ownership.note(Exchange(number, "pass", request, "", 0, 0, 201, {}, body))
    return session


@pytest.fixture
def guard(session: Session) -> Guard:
    """Guard a pass that stands on the first of the two."""
    ground = Ground(Family.DBAAS, {"uuid": OWN}, ROOT, f"{ROOT}/{OWN}", {})
    return Guard(session, ground, "seed", 2)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        pytest.param("GET", f"{ROOT}/{FOREIGN}", True, id="reading-foreign"),
        pytest.param("POST", ROOT, True, id="creating"),
        pytest.param("DELETE", ROOT, False, id="deleting-the-collection"),
        pytest.param("PUT", f"{ROOT}/{OWN}", True, id="changing-own"),
        pytest.param("POST", f"{ROOT}/{OWN}/users", True, id="creating-below-own"),
        pytest.param("PUT", f"{ROOT}/{FOREIGN}", False, id="changing-foreign"),
        pytest.param("DELETE", f"{ROOT}/{OWN}/../{FOREIGN}", False, id="climbing-out"),
        pytest.param("DELETE", f"{ROOT}/{OWN}/%2e%2e/{FOREIGN}", False, id="climbing-encoded"),
        pytest.param("DELETE", f"{ROOT}//{FOREIGN}", False, id="empty-segment"),
        pytest.param("POST", f"{ROOT}/{FOREIGN}/users", False, id="creating-below-foreign"),
        pytest.param("PATCH", "/v1/organizations", False, id="elsewhere"),
    ],
)
def test_only_what_is_ours_may_change(guard: Guard, method: str, path: str, allowed: bool) -> None:
    assert guard.allows(method, path) is allowed


@pytest.mark.parametrize(
    ("method", "drawn", "sent"),
    [
        pytest.param("GET", FOREIGN, FOREIGN, id="reads-stay"),
        pytest.param("PUT", FOREIGN, OWN, id="changes-go-to-the-ground"),
        pytest.param("PUT", SPARE, SPARE, id="own-stays"),
        pytest.param("DELETE", SPARE, SPARE, id="deleting-a-spare-one"),
        pytest.param("DELETE", OWN, SPARE, id="the-ground-is-not-deleted"),
        pytest.param("DELETE", "%2e%2e", SPARE, id="deleting-something-odd"),
    ],
)
def test_identifiers_are_steered(
    session: Session, guard: Guard, method: str, drawn: str, sent: str
) -> None:
    parameters = {"uuid": drawn}
    with session.client.acting_for("pass"):
        guard.steer(method, TEMPLATE, parameters)
    assert parameters == {"uuid": sent}
    assert guard.allows(method, f"{ROOT}/{sent}")


def test_without_anything_to_delete_an_identifier_is_made_up(guard: Guard) -> None:
    parameters = {"uuid": FOREIGN}
    guard.steer("DELETE", TEMPLATE, parameters)
    assert parameters["uuid"] not in {OWN, SPARE, FOREIGN}
    assert guard.allows("DELETE", f"{ROOT}/{parameters['uuid']}")


@pytest.mark.parametrize("part", ["readReplica", "restoredService"])
def test_copies_are_creations_of_own_services_alone(session: Session, part: str) -> None:
    api = session.clickhouse
    own = str(result(api.create())["id"])
    pins = {"postgresId": own}
    ground = Ground(Family.CLICKHOUSE, pins, api.services_path(), api.path(own), {})
    guard = Guard(session, ground, "seed", 2)

    assert guard.allows("POST", api.path(own, part))
    assert guard.creates("POST", api.path(own, part))
    assert not guard.allows("POST", api.path(FOREIGN, part))
    assert not guard.allows("PATCH", api.path(FOREIGN, "state"))


def test_a_source_that_is_not_removed_yet_is_tried_again(session: Session) -> None:
    api = session.clickhouse
    with session.client.acting_for("pass"):
        source = str(api.running_service()["id"])
        with_backup(api, lambda: api.replicate(source, replica_body(api)))
        others = [str(result(api.create())["id"]) for _ in range(4)]
        ground = Ground(Family.CLICKHOUSE, {}, api.services_path(), api.path(others[0]), {})
        guard = Guard(session, ground, "seed", 5)
        guard.make_room()
        between = set(guard.deleted)
        api.create()
        guard.make_room()
    assert api.path(source) not in between
    assert api.path(source) in guard.deleted


def test_creations_end_with_the_budget(guard: Guard) -> None:
    assert [guard.make_room() for _ in range(3)] == [True, True, False]
