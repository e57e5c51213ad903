"""The bodies that the operations of both families take, as samples to spoil.

Sources: ClickHouse Cloud OpenAPI, #/components/schemas; PostgreSQL Service API, "API Endpoints".
"""

from typing import Final

from pgassay.exchange import Json
from pgassay.values.trials import Form

_TAGS: Final[Json] = [{"key": "stage", "value": "test"}]
_POOLER: Final[Json] = {"default_pool_size": "16", "min_pool_size": "1"}
#: Parameters of each kind: a whole number, a fraction, choices, and a quantity with a unit.
_PARAMETERS: Final[Json] = {
    "default_transaction_isolation": "serializable",
    "max_connections": 100,
    "random_page_cost": 1.1,
    "ssl_min_protocol_version": "TLSv1.2",
    "wal_compression": "lz4",
    "work_mem": "6MB",
}
_COPY: Final[dict[str, Json]] = {
    "name": "value test 1",
    "tags": _TAGS,
    "pgConfig": {"max_connections": 100, "work_mem": "6MB"},
    "pgBouncerConfig": _POOLER,
}
_MAPS: Final = ("pgConfig", "pgBouncerConfig")
_INSTANCE: Final[dict[str, Json]] = {
    "name": "values-1",
    "description": "created by pgassay",
    "cpu": 1,
    "ram": 1024,
    "disk_size": 20,
    "nodes_number": 1,
    "sync_replica_number": 0,
    "version": "/v1/types/postgres/versions/3f2b8c1d-6a4e-4d7f-9b0a-5c6d7e8f9a0b",
}

SERVICE: Final = Form(
    "create",
    "postgresServiceCreate",
    {
        **_COPY,
        "provider": "aws",
        "region": "us-east-1",
        "size": "r6gd.medium",
        "postgresVersion": "18",
        "haType": "async",
    },
    needed=("name", "provider", "region", "size"),
)
UPDATE: Final = Form(
    "update",
    "postgresServicePatch",
    {"name": "value test 1", "size": "r6gd.medium", "haType": "none", "tags": _TAGS},
    open={"name", "tags"},
)
REPLACEMENT: Final = Form(
    "config-replacement",
    "postgresInstanceConfigPost",
    {"pgConfig": _PARAMETERS, "pgBouncerConfig": _POOLER},
    needed=_MAPS,
    open=_MAPS,
)
MERGE: Final = Form(
    "config-merge",
    "postgresInstanceConfigPatch",
    {"pgConfig": {"max_connections": 100, "work_mem": "6MB"}, "pgBouncerConfig": _POOLER},
    needed=_MAPS,
)
PASSWORD: Final = Form(
    "password", "postgresServiceSetPassword", {"password": "lower-UPPER-12345"}, secret={"password"}
)
COMMAND: Final = Form("command", "postgresServicePatchState", {"command": "restart"})
REPLICA: Final = Form("replica", "postgresInstanceCreateReadReplica", _COPY, needed=("name",))
RESTORE: Final = Form(
    "restore",
    "postgresInstanceRestore",
    {**_COPY, "restoreTarget": "2026-03-31T18:17:37Z"},
    needed=("name", "restoreTarget"),
)
SCALING: Final = Form(
    "scaling",
    "clickPipeCdcScalingUpdate",
    {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8},
    needed=("replicaCpuMillicores", "replicaMemoryGb"),
)
INSTANCE: Final = Form("instance", "dbaasInstanceCreate", _INSTANCE, needed=tuple(_INSTANCE))
CHANGE: Final = Form(
    "instance-update",
    "dbaasInstanceUpdate",
    _INSTANCE,
    needed=tuple(_INSTANCE),
    open={"name", "description", "cpu"},
)
USER: Final = Form(
    "user",
    "dbaasUserCreate",
    {
        "name": "values_1",
        "description": "created by pgassay",
        "password": "lower-UPPER-12345",
    },
    needed=("name", "password"),
    open={"name", "description", "password"},
    secret={"password"},
)
DATABASE: Final = Form(
    "database",
    "dbaasDatabaseCreate",
    {
        "name": "values_1",
        "description": "created by pgassay",
        "owner": "/v1/types/postgres/instances/5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d"
        "/users/6b7c8d9e-0f1a-4b2c-9d3e-4f5a6b7c8d9e",
    },
    needed=("name", "owner"),
    open={"name", "description"},
)
