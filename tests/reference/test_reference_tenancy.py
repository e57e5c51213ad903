"""Nobody sees what is not theirs, nor can tell it from what is not there: on every path there is.

The paths come from the server itself, so one that is added later is examined as well.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pgassay.reference import SEED

from .conftest import SERVICES, Bench

UNKNOWN = "3f1d7c52-6e0a-4b8e-9a77-1c2d3e4f5a6b"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: What a request may carry: nothing, something sensible, something broken.
BODIES = (b"", b'{"name":"b","password":"correct horse","tags":[]}', b"{")

Ids = Mapping[str, str]

OTHER_CALLERS = ("other_tenant", "other_tenant_read_only")


class World(Bench):
    """Two tenants of each family, each with one of everything; the first has two instances."""

    def __init__(self) -> None:
        super().__init__()
        service, instance = self.service(), self.instance()
        self.mine: dict[str, str] = {
            "organization": SEED.organization,
            "service": service["id"],
            "warehouse": SEED.scalable_service,
            **self.children(instance["uuid"], "main"),
        }
        self.brother = self.children(self.instance(name="brother")["uuid"], "main")
        theirs = self.db("POST", json=_version(self), caller="other_tenant").json()
        minimal = {"name": "theirs", "provider": "aws", "region": "r", "size": "r8gd.large"}
        path = SERVICES.replace(SEED.organization, SEED.other_organization)
        service = self.ch("POST", path, minimal, key="other_tenant").json()["result"]
        self.theirs: dict[str, str] = {
            "organization": SEED.other_organization,
            "service": service["id"],
            "warehouse": SEED.other_scalable_service,
            **self.children(theirs["uuid"], "other_tenant"),
        }
        self.clock.advance(700)
        self.nobodys = dict.fromkeys(self.mine, UNKNOWN)

    def children(self, instance: str, caller: str) -> dict[str, str]:
        body = {"name": "u", "password": "correct horse"}
        user = self.db("POST", f"/{instance}/users", body, caller).json()["uuid"]
        owned = {"name": "d", "owner": user}
        database = self.db("POST", f"/{instance}/databases", owned, caller).json()["uuid"]
        return {"instance": instance, "user": user, "database": database}

    def ask(self, method: str, path: str, body: bytes, caller: str) -> Any:
        if path.startswith("/v1/organizations"):
            key = self.credentials.key(caller)
            auth: Any = {"auth": (key.key_id, key.secret)}
        else:
            token = self.credentials.token(caller).token
            auth = {"headers": {"Authorization": f"Bearer {token}"}}
        auth.setdefault("headers", {})["Content-Type"] = "application/json"
        return self.client.request(method, path, content=body, **auth)

    def everything(self) -> list[Any]:
        """Return all that the two tenants can see."""
        seen = []
        for caller, ids in (("main", self.mine), ("other_tenant", self.theirs)):
            for path, methods in sorted(paths(self)):
                if "GET" in methods and "prometheus" not in path:
                    seen.append(_said(self.ask("GET", filled(path, ids), b"", caller)))
        return seen


def _version(bench: Bench) -> dict[str, Any]:
    versions = bench.db("GET", "/v1/types/postgres/versions").json()["versions"]
    return {"name": "theirs", "version": versions[0]["uuid"]}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World()
    yield world
    world.stop()


def paths(bench: Bench) -> list[tuple[str, tuple[str, ...]]]:
    """Return the templates of the server's paths, and their methods."""
    return [(each.path, tuple(each.operations)) for each in bench.app.state.resources]


def parameters(path: str) -> list[str]:
    """Name what the parameters of a path stand for."""
    names = re.findall(r"{(\w+)}", path)
    return ["warehouse" if "/services/{service}" in path and n == "service" else n for n in names]


def filled(path: str, ids: Ids) -> str:
    """Return a path with its parameters; a query's id is not one of a tenant's documents."""
    names = iter(parameters(path))
    return re.sub(r"{\w+}", lambda _: {"query": "-7", "version": UNKNOWN, **ids}[next(names)], path)


def _said(answer: Any) -> tuple[int, dict[str, str], str]:
    """Return what an answer says, whatever ids it is about."""
    text = UUID.sub("<id>", answer.text)
    headers = {name: UUID.sub("<id>", value) for name, value in answer.headers.items()}
    return answer.status_code, headers, text


def pairs(world: World, path: str) -> Iterator[tuple[Ids, Ids]]:
    """Yield ids that are another's, and ids like them that are nobody's."""
    names = parameters(path)
    owners = [name for name in names if name in world.mine]
    for depth in range(len(owners)):
        # The caller's own down to some depth, from there on another's.
        above = {name: world.theirs[name] for name in owners[:depth]}
        yield {**world.mine, **above}, {**world.nobodys, **above}


def test_every_parameter_of_a_path_is_one_that_these_tests_know(world: World) -> None:
    known = {*world.mine, "query", "version"}
    unknown = {name for path, _ in paths(world) for name in parameters(path)} - known
    assert unknown == set()


@pytest.mark.parametrize("caller", OTHER_CALLERS)
def test_what_is_another_tenants_answers_like_what_is_not_there(world: World, caller: str) -> None:
    """The same status, headers and text for each method of each path, whatever the body."""
    before, compared = world.everything(), 0
    for path, methods in paths(world):
        for foreign, absent in pairs(world, path):
            for method in methods:
                for body in BODIES:
                    one = world.ask(method, filled(path, foreign), body, caller)
                    two = world.ask(method, filled(path, absent), body, caller)
                    assert _said(one) == _said(two), (method, path)
                    assert one.status_code in (400, 403, 404), (method, path)
                    compared += 1
    assert compared > 150
    assert world.everything() == before


def test_a_child_of_another_parent_answers_like_one_that_is_not_there(world: World) -> None:
    for path, methods in paths(world):
        for name in ("user", "database"):
            if name not in parameters(path):
                continue
            wrong = {**world.mine, name: world.brother[name]}
            absent = {**world.mine, name: UNKNOWN}
            for method in methods:
                one = world.ask(method, filled(path, wrong), b"", "main")
                two = world.ask(method, filled(path, absent), b"", "main")
                assert _said(one) == _said(two)
                assert one.status_code == 404


def test_an_id_of_another_kind_answers_like_one_that_is_not_there(world: World) -> None:
    """A ClickHouse service is no Postgres service, a user no database, and so on."""
    for path, methods in paths(world):
        names = [name for name in parameters(path) if name in world.mine]
        for name in names[-1:]:
            others = {world.mine[other] for other in world.mine if other != name}
            absent = filled(path, {**world.mine, name: UNKNOWN})
            for method in methods:
                expected = _said(world.ask(method, absent, b"{}", "main"))
                for other in others:
                    wrong = filled(path, {**world.mine, name: other})
                    assert _said(world.ask(method, wrong, b"{}", "main")) == expected


@pytest.mark.parametrize("malformed", ["x", "%00", UNKNOWN + "0", "null", "a" * 300])
def test_a_malformed_id_tells_nothing_of_whom_it_lies_below(world: World, malformed: str) -> None:
    for path, methods in paths(world):
        names = [name for name in parameters(path) if name in world.mine]
        for name in names[1:]:
            for method in methods:
                foreign = {**world.mine, name: malformed}
                absent = {**world.nobodys, name: malformed}
                one = world.ask(method, filled(path, foreign), b"{}", "other_tenant")
                two = world.ask(method, filled(path, absent), b"{}", "other_tenant")
                assert _said(one) == _said(two), (method, path)
                assert one.status_code in (400, 403, 404)


@pytest.mark.parametrize("caller", ["disabled", "expired"])
def test_credentials_that_are_not_in_use_open_nothing(world: World, caller: str) -> None:
    """They are refused before anything is said about path parameters and body."""
    before = world.everything()
    for path, methods in paths(world):
        for method in methods:
            for ids in (world.mine, world.nobodys, dict.fromkeys(world.mine, "x")):
                answer = world.ask(method, filled(path, ids), b"{", caller)
                assert answer.status_code == 401, (method, path)
                assert "www-authenticate" in answer.headers
    assert world.everything() == before


def test_without_credentials_nothing_is_said_about_any_path(world: World) -> None:
    for path, methods in paths(world):
        for method in methods:
            for ids in (world.mine, dict.fromkeys(world.mine, "x")):
                assert world.client.request(method, filled(path, ids)).status_code == 401


def test_a_caller_that_may_only_read_changes_nothing_on_any_path(world: World) -> None:
    before = world.everything()
    for path, methods in paths(world):
        for method in set(methods) - {"GET", "HEAD"}:
            for body in BODIES:
                answer = world.ask(method, filled(path, world.mine), body, "read_only")
                allowed = (403,) if path.startswith("/v1/organizations") else (403, 400, 415)
                assert answer.status_code in allowed, (method, path, answer.text)
    assert world.everything() == before
