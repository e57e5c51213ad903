"""The passes find faults, raise no false alarm, and leave alone what is not theirs."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from pgassay.deviation import Deviation, NotJudged
from pgassay.fuzzing import PassName, fuzz
from pgassay.reference import SEED
from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasRules, DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.dbaas.rules import InstanceRules, Range
from pgassay.reference.settings import FIRST_ORGANIZATION, Credentials
from pgassay.run.session import Session
from pgassay.target.model import Credential, Family, Scheme

Open = Callable[..., Session]
PASSES: tuple[PassName, ...] = ("conformance", "refusals", "links")
SERVICES = f"/v1/organizations/{FIRST_ORGANIZATION}/postgres"
INSTANCES = "/v1/postgres/instances"
SCALING = (
    f"/v1/organizations/{FIRST_ORGANIZATION}/services/{SEED.scalable_service}/clickpipesCdcScaling"
)


def found(session: Session, family: Family, name: PassName) -> dict[str, Deviation]:
    """Run a pass and give its deviations by requirement."""
    with session.client.acting_for(name), pytest.raises(ExceptionGroup) as raised:
        fuzz(session, family, name)
    deviations = [one for one in raised.value.exceptions if isinstance(one, Deviation)]
    return {one.requirement: one for one in deviations}


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_conforming_server_gives_no_alarm(open_session: Open, family: Family, seed: int) -> None:
    session = open_session(seed=seed)
    for name in PASSES:
        with session.client.acting_for(name):
            fuzz(session, family, name)
    assert session.watch.found == ()


def plant(outsider: httpx.Client) -> list[str]:
    """Create one of everything beside the run; give where it is read."""
    body = {"name": "foreign", "provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}
    service = outsider.post(SERVICES, json=body).json()["result"]["id"]
    versions = outsider.get("/v1/types/postgres/versions").json()["versions"]
    numbers = {"cpu": 1, "ram": 1024, "disk_size": 20, "nodes_number": 1, "sync_replica_number": 0}
    version = f"/v1/types/postgres/versions/{versions[0]['uuid']}"
    made = outsider.post(INSTANCES, json={"name": "foreign", "version": version, **numbers})
    instance = f"{INSTANCES}/{made.json()['uuid']}"
    user = {"name": "foreign", "password": "a-foreign-1-password"}
    made = outsider.post(f"{instance}/users", json=user)
    return [f"{SERVICES}/{service}", instance, f"{instance}/users/{made.json()['uuid']}"]


def shown(outsider: httpx.Client, paths: list[str]) -> list[Any]:
    """Read what is at the paths, without the members that differ from answer to answer."""
    answers = [outsider.get(path).json() for path in paths]
    return [answer.get("result", answer) for answer in answers]


def settled(outsider: httpx.Client, paths: list[str]) -> list[Any]:
    """Read until what was created is ready."""
    while True:
        found = shown(outsider, paths)
        if {one.get("state", one.get("status")) for one in found} <= {"running", "ACTIVE"}:
            return found


def listed(outsider: httpx.Client) -> list[list[str]]:
    """Give what both lists show, and the scaling."""
    services = outsider.get(SERVICES).json()["result"]
    instances = outsider.get(INSTANCES).json()
    pair = outsider.get(SCALING).json()["result"]
    return [sorted(map(str, shown)) for shown in (services, instances, pair.items())]


def test_foreign_resources_survive_and_nothing_stays_behind(
    open_session: Open, outsider: Callable[[Session], httpx.Client]
) -> None:
    session = open_session()
    with outsider(session) as other:
        paths = plant(other)
        before, existing = settled(other, paths), listed(other)
        for family in Family:
            for name in PASSES:
                with session.client.acting_for(name):
                    fuzz(session, family, name)
        assert session.cleaner.finish() == ()
        assert settled(other, paths) == before
        assert listed(other) == existing


class AnyPair(ClickhouseService):
    """Accepts any CPU with any memory."""

    def check_pair(self, pair: dict[str, Any]) -> None:
        """Let every pair through."""


def test_a_pair_that_no_size_has_is_found(open_session: Open) -> None:
    session = open_session(profile="full", clickhouse=AnyPair)
    deviation = found(session, Family.CLICKHOUSE, "refusals")["CH-REQUEST-INVALID"]
    assert deviation.exchange is not None
    assert deviation.exchange.request.path.endswith("/clickpipesCdcScaling")
    pair = json.loads(deviation.exchange.request.body or b"")
    assert pair["replicaCpuMillicores"] != 250 * pair["replicaMemoryGb"]


def processors(low: int, high: int) -> Behaviour:
    """Make the rules of a server with another range of processor counts."""
    return Behaviour(dbaas=DbaasRules(instance=InstanceRules(cpu=Range(low, high, "cores"))))


def test_a_processor_count_below_the_range_is_found(open_session: Open) -> None:
    session = open_session(profile="full", behaviour=processors(-(10**9), 128))
    deviation = found(session, Family.DBAAS, "refusals")["DB-REQUEST-INVALID"]
    assert deviation.exchange is not None
    assert json.loads(deviation.exchange.request.body or b"")["cpu"] < 1


def test_a_narrower_range_than_documented_is_found(open_session: Open) -> None:
    session = open_session(profile="full", behaviour=processors(1, 1))
    deviation = found(session, Family.DBAAS, "links")["DB-REQUEST-VALID"]
    assert deviation.title.startswith("dbaasInstanceCreate")


class Hoarder(DbaasService):
    """Acknowledges the removal of a user and keeps it."""

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        """Look at the user, and leave it there."""
        self.get_user(caller, instance_id, identifier)


def test_a_user_that_outlives_its_removal_is_found(open_session: Open) -> None:
    session = open_session(profile="full", dbaas=Hoarder)
    session.target = replace(session.target, timing=replace(session.target.timing, delete=0))
    deviation = found(session, Family.DBAAS, "links")["DB-USER-DELETE"]
    assert deviation.exchange is not None
    assert deviation.exchange.request.method == "GET"


class Doorkeeper:
    """Authenticates whoever does not say who they are."""

    def __init__(self, app: ASGIApp, header: bytes) -> None:
        self.app, self.header = app, header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the key in, where there is none."""
        if scope["type"] == "http" and b"authorization" not in dict(scope["headers"]):
            scope["headers"] = [*scope["headers"], (b"authorization", self.header)]
        await self.app(scope, receive, send)


def test_a_server_that_lets_anybody_in_is_found(
    open_session: Open, credentials: Credentials
) -> None:
    header = f"Bearer {credentials.token('main').token}".encode()
    session = open_session(middleware=[Middleware(Doorkeeper, header=header)])
    assert "DB-AUTH-REQUIRED" in found(session, Family.DBAAS, "conformance")


def test_a_pass_that_nobody_lets_in_is_not_a_pass(open_session: Open) -> None:
    session = open_session()
    other = Credentials.generate().token("main").token
    wrong = Credential(Scheme.BEARER, token=other)
    session.client.target = replace(session.target, credentials={"dbaas.main": wrong})
    with session.client.acting_for("refused"), pytest.raises(NotJudged):
        fuzz(session, Family.DBAAS, "conformance")
