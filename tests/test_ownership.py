"""What the run owns, learnt from traffic alone."""

import json

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.ownership import Ownership, Setting, collections
from pgassay.target.model import Family

ORG = "/v1/organizations/o1/postgres"


@pytest.fixture
def ownership() -> Ownership:
    return Ownership(collections("/v1/postgres"))


def created(path: str, body: object, *, status: int = 201, method: str = "POST") -> Exchange:
    request = Request.of(method, path, json_body={"name": "n"})
    return Exchange(1, "c", request, "http://h" + path, 0, 0, status, {}, json.dumps(body).encode())


def test_a_created_service_is_ours_with_all_below_it(ownership: Ownership) -> None:
    ownership.note(created(ORG, {"result": {"id": "s1", "name": "n"}}, status=200))

    assert ownership.owns(f"{ORG}/s1")
    assert ownership.owns(f"{ORG}/s1/config?x=1")
    assert not ownership.owns(f"{ORG}/s2")
    assert not ownership.owns(f"{ORG}/s11")


def test_a_read_replica_lives_beside_its_source(ownership: Ownership) -> None:
    ownership.note(created(f"{ORG}/s1/readReplica", {"result": {"id": "r1"}}, status=200))

    assert ownership.owns(f"{ORG}/r1")


@pytest.mark.parametrize(
    "exchange",
    [
        pytest.param(created(ORG, {"result": {"id": "s"}}, status=400), id="refused"),
        pytest.param(created(ORG, {"result": {"id": "s"}}, method="GET"), id="only read"),
        pytest.param(created(ORG, {"result": {"id": "../x"}}), id="an id that is a path"),
        pytest.param(created("/v1/other", {"id": "s"}), id="elsewhere"),
        pytest.param(created(ORG, ["s"]), id="no object"),
    ],
)
def test_nothing_else_becomes_ours(ownership: Ownership, exchange: Exchange) -> None:
    assert ownership.note(exchange) is None
    assert ownership.live == 0


def test_children_go_before_their_parents(ownership: Ownership) -> None:
    ownership.note(created("/v1/postgres/instances", {"uuid": "i"}))
    ownership.note(created("/v1/postgres/instances/i/users", {"uuid": "u"}))
    ownership.note(created("/v1/postgres/instances/i/databases/", {"uuid": "d"}))

    assert [own.kind for own in ownership.remaining()] == ["database", "user", "instance"]


def test_what_goes_takes_its_children_along(ownership: Ownership) -> None:
    ownership.note(created("/v1/postgres/instances", {"uuid": "i"}))
    ownership.note(created("/v1/postgres/instances/i/users", {"uuid": "u"}))

    ownership.gone("/v1/postgres/instances/i")

    assert (ownership.live, ownership.removed) == (0, 2)


def test_the_first_known_value_of_a_setting_is_kept(ownership: Ownership) -> None:
    first = Setting(Family.CLICKHOUSE, "/p", "PATCH", {"cpu": 1})

    assert ownership.remember(first)
    assert not ownership.remember(Setting(Family.CLICKHOUSE, "/p", "PATCH", {"cpu": 2}))
    assert ownership.settings == (first,)
