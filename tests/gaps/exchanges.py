"""Exchanges as servers might have answered them, for tests of the ledger."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from pgassay.exchange import Exchange, Request
from pgassay.target.model import (
    ClickhouseSettings,
    Credential,
    DbaasSettings,
    Family,
    Scheme,
    Target,
)

ORGANIZATION = "11111111-1111-4111-8111-111111111111"
OTHER_ORGANIZATION = "22222222-2222-4222-8222-222222222222"
PIPED = "33333333-3333-4333-8333-333333333333"
PIPELESS = "44444444-4444-4444-8444-444444444444"
SERVICE = "55555555-5555-4555-8555-555555555555"
UNKNOWN = "66666666-6666-4666-8666-666666666666"
SERVICES = f"/v1/organizations/{ORGANIZATION}/postgres"
ONE = f"{SERVICES}/{SERVICE}"
INSTANCES = "/v1/postgres/instances"
INSTANCE = f"{INSTANCES}/{SERVICE}"
VERSIONS = "/v1/types/postgres/versions"

TARGET = Target(
    "examined",
    "http://localhost",
    tuple(Family),
    {
        "clickhouse.main": Credential(Scheme.BASIC, username="id", password="secret"),
        "dbaas.main": Credential(Scheme.BEARER, token="secret"),
    },
    clickhouse=ClickhouseSettings(
        organization_id=ORGANIZATION,
        other_organization_id=OTHER_ORGANIZATION,
        service_id=PIPED,
        service_without_pipe_id=PIPELESS,
        sizes=("small", "large"),
    ),
    dbaas=DbaasSettings(project_id="p1"),
)

CREATION = {"name": "orders 1", "provider": "aws", "region": "us-east-1", "size": "small"}
SHOWN = CREATION | {
    "id": SERVICE,
    "state": "running",
    "isPrimary": True,
    "haType": "none",
    "tags": [{"key": "team", "value": "db"}],
    "postgresVersion": "17",
    "createdAt": "2026-01-02T03:04:05.678Z",
}
REFERENCE = f"{VERSIONS}/{UNKNOWN}"
INSTANCE_CREATION = {
    "name": "orders",
    "description": "of the shop",
    "cpu": 2,
    "ram": 1024,
    "disk_size": 20,
    "nodes_number": 2,
    "sync_replica_number": 1,
    "version": REFERENCE,
    "project_id": "p1",
}
INSTANCE_SHOWN = INSTANCE_CREATION | {"uuid": SERVICE, "status": "ACTIVE"}

_COUNT = itertools.count(1)


def dbaas(line: str, status: int, sent: Any = ..., shown: Any = ..., **more: Any) -> Exchange:
    """An exchange of the dbaas family; `line` is method and path."""
    return _exchange(Family.DBAAS, line, sent, _Answer(status, shown, **more))


def clickhouse(line: str, status: int, sent: Any = ..., shown: Any = ..., **more: Any) -> Exchange:
    """An exchange of the clickhouse family; `shown` is what stands in the envelope."""
    if shown is not ...:
        shown = {"status": status, "requestId": UNKNOWN, "result": shown}
    return _exchange(Family.CLICKHOUSE, line, sent, _Answer(status, shown, **more))


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    shown: Any
    content_type: str = "application/json"
    credential: str = "main"
    at: float = 0.0


def _exchange(family: Family, line: str, sent: Any, answer: _Answer) -> Exchange:
    method, _, path = line.partition(" ")
    return Exchange(
        next(_COUNT),
        "a check",
        Request.of(method, path, json_body=sent, credential=answer.credential, family=family),
        f"http://localhost{path}",
        answer.at,
        0.01,
        answer.status,
        {"content-type": answer.content_type},
        b"" if answer.shown is ... else json.dumps(answer.shown).encode(),
    )
