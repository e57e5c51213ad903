"""What each branch of a gap of the dbaas family looks like on the wire."""

from dataclasses import replace
from typing import Any

from pgassay.exchange import ANONYMOUS, Exchange
from pgassay.target.model import Credential, Scheme, Target

from .exchanges import (
    INSTANCE,
    INSTANCE_CREATION,
    INSTANCE_SHOWN,
    INSTANCES,
    REFERENCE,
    SERVICE,
    TARGET,
    UNKNOWN,
    VERSIONS,
)
from .exchanges import dbaas as exchange

READ = exchange(f"GET {INSTANCE}", 200, shown=INSTANCE_SHOWN)
USER = f"{INSTANCE}/users/{UNKNOWN}"


def creation(status: int, /, **changes: Any) -> tuple[Exchange, ...]:
    """A creation that differs in `changes` from a plain one; a change to `...` drops a member."""
    body = {n: value for n, value in (INSTANCE_CREATION | changes).items() if value is not ...}
    shown = body | {"uuid": SERVICE, "status": "NEW"} if status < 300 else ...
    return (READ, exchange(f"POST {INSTANCES}", status, body, shown))


def update(status: int, sent: Any, **shown: Any) -> tuple[Exchange, ...]:
    """A read of an instance and a PUT of it."""
    answer = INSTANCE_SHOWN | shown if status < 300 else ...
    return (READ, exchange(f"PUT {INSTANCE}", status, sent, answer))


def reading(at: float = 0.0, **changes: Any) -> tuple[Exchange, ...]:
    """A read of an instance with `changes`, right after it was created and `at` seconds later."""
    shown = INSTANCE_SHOWN | changes
    return (creation(201)[-1], exchange(f"GET {INSTANCE}", 200, shown=shown, at=at))


def refusal(status: int, line: str = f"GET {INSTANCE}", **more: Any) -> tuple[Exchange, ...]:
    """A refused request."""
    return (exchange(line, status, **more),)


def version(created_at: str) -> tuple[Exchange, ...]:
    """A read of a version that was created at some time."""
    return (exchange(f"GET {REFERENCE}", 200, shown={"uuid": UNKNOWN, "created_at": created_at}),)


def authenticated(scheme: Scheme) -> Target:
    """The target with another scheme of authentication."""
    return replace(TARGET, credentials={"dbaas.main": Credential(scheme)})


PARTIAL = {name: INSTANCE_CREATION[name] for name in ("name", "version")}
MOVED = INSTANCE_CREATION | {"version": f"{VERSIONS}/{SERVICE}"}

EXAMPLES: dict[str, dict[str, tuple[Exchange, ...]]] = {
    "GAP-DB-PREFIX": {
        "endpoint-list": reading(),
        "references": (
            exchange(f"GET /v1/types/postgres/instances/{SERVICE}", 200, shown=INSTANCE_SHOWN),
        ),
        "elsewhere": (exchange(f"GET /api/instances/{SERVICE}", 200, shown=INSTANCE_SHOWN),),
    },
    "GAP-DB-COLLECTION-SLASH": {
        "without": (exchange(f"GET {INSTANCES}", 200, shown=[]),),
        "with-slash": (exchange(f"GET {INSTANCES}/", 200, shown=[]),),
    },
    "GAP-DB-VERSIONS-SLASH": {
        name: (exchange(f"GET {VERSIONS}/", status),)
        for name, status in (("served", 200), ("redirected", 307), ("unknown", 404))
    },
    "GAP-DB-CREATE-STATUS": {
        "status-201": creation(201),
        "status-200": creation(200),
        "status-202": creation(202),
        "another": creation(204),
    },
    "GAP-DB-UPDATE-STATUS": {
        "status-200": update(200, INSTANCE_CREATION),
        "status-202": update(202, INSTANCE_CREATION),
        "status-204": update(204, INSTANCE_CREATION),
        "another": update(206, INSTANCE_CREATION),
    },
    "GAP-DB-DELETE-STATUS": {
        "status-204": (exchange(f"DELETE {INSTANCE}", 204),),
        "status-200": (exchange(f"DELETE {INSTANCE}", 200),),
        "status-202": (exchange(f"DELETE {INSTANCE}", 202),),
        "another": (exchange(f"DELETE {INSTANCE}", 206),),
    },
    "GAP-DB-REJECTION-STATUS": {
        "status-400": creation(400, cpu=0),
        "status-422": creation(422, cpu=129),
        "another": creation(409, cpu=0),
    },
    "GAP-DB-ERROR-FORM": {
        "object": refusal(404, shown={"code": 404}),
        "problem-details": refusal(404, shown={}, content_type="application/problem+json"),
        "empty": refusal(404),
        "other": refusal(404, shown="gone"),
    },
    "GAP-DB-UNAUTHENTICATED": {
        "status-401": refusal(401, credential=ANONYMOUS),
        "status-403": refusal(403, credential=ANONYMOUS),
        "served": refusal(200, credential=ANONYMOUS),
    },
    "GAP-DB-AUTHENTICATION": {str(scheme): reading() for scheme in Scheme},
    "GAP-DB-PROJECT-ID": {
        "optional": creation(201, project_id=...),
        "required": creation(400, project_id=...),
    },
    "GAP-DB-FOREIGN-PROJECT": {
        f"status-{status}": (READ, *refusal(status, credential="other_tenant"))
        for status in (403, 404)
    },
    "GAP-DB-MALFORMED-ID": {
        f"status-{status}": refusal(status, f"GET {INSTANCES}/no-uuid")
        for status in (400, 404, 422)
    },
    "GAP-DB-REFERENCES-SHOWN": {"uri": reading(), "uuid": reading(version=UNKNOWN)},
    "GAP-DB-REFERENCE-PREFIX": {
        "references": reading(),
        "endpoint-list": reading(version=f"/v1/postgres/versions/{UNKNOWN}"),
        "elsewhere": reading(version=f"/api/versions/{UNKNOWN}"),
    },
    "GAP-DB-LISTS": {
        "array": (exchange(f"GET {INSTANCE}/users", 200, shown=[]),),
        "object": (exchange(f"GET {INSTANCE}/users", 200, shown={"users": []}),),
    },
    "GAP-DB-FRACTION-DIGITS": {
        "none": version("2026-01-02T03:04:05Z"),
        "milliseconds": version("2026-01-02T03:04:05.678Z"),
        "microseconds": version("2026-01-02T03:04:05.678901Z"),
        "nanoseconds": version("2026-01-02T03:04:05.678901234Z"),
        "other": version("2026-01-02T03:04:05.6Z"),
    },
    "GAP-DB-UTC-FORM": {
        "z": version("2026-01-02T03:04:05Z"),
        "offset": version("2026-01-02T03:04:05+00:00"),
    },
    "GAP-DB-INSTANCE-LIST": {
        "offered": (exchange(f"GET {INSTANCES}", 200, shown=[]),),
        "absent": refusal(405, f"GET {INSTANCES}"),
    },
    "GAP-DB-PATCH": {
        "offered": (exchange(f"PATCH {INSTANCE}", 200, {}, INSTANCE_SHOWN),),
        "absent": refusal(405, f"PATCH {INSTANCE}"),
    },
    "GAP-DB-PUT": {
        "full": update(400, PARTIAL),
        "merge": update(200, PARTIAL),
        "reset": update(200, PARTIAL, cpu=1),
    },
    "GAP-DB-TERABYTE-RAM": {
        "binary": creation(201, ram=1_048_576),
        "decimal": creation(400, ram=1_000_001),
    },
    "GAP-DB-TERABYTE-DISK": {
        "binary": creation(201, disk_size=1024),
        "decimal": creation(400, disk_size=1001),
    },
    "GAP-DB-REPLICAS-AND-NODES": {
        "unrelated": creation(201, sync_replica_number=2),
        "bounded": creation(400, sync_replica_number=15),
    },
    "GAP-DB-EMPTY-NAME": {"accepted": creation(201, name=""), "refused": creation(400, name="")},
    "GAP-DB-DESCRIPTION": {
        "optional": creation(201, description=...),
        "required": creation(400, description=...),
    },
    "GAP-DB-UNKNOWN-MEMBERS": {
        "ignored": creation(201, colour="blue"),
        "refused": creation(400, colour="blue"),
    },
    "GAP-DB-VERSION-CHANGE": {
        "refused": update(400, MOVED),
        "changed": update(200, MOVED, version=MOVED["version"]),
        "ignored": update(200, MOVED),
    },
    "GAP-DB-LIFECYCLE": {
        "by-itself": reading(),
        "stays-new": reading(at=TARGET.timing.create + 1, status="NEW"),
    },
    "GAP-DB-CHILDREN": {
        "go-too": (exchange(f"DELETE {INSTANCE}", 204), exchange(f"GET {USER}", 404)),
        "stay": (exchange(f"DELETE {INSTANCE}", 204), exchange(f"GET {USER}", 200, shown={})),
    },
}

#: Targets of the branches that show on another one only.
TARGETS = {("GAP-DB-AUTHENTICATION", str(scheme)): authenticated(scheme) for scheme in Scheme} | {
    ("GAP-CH-PREFIX", "elsewhere"): replace(
        TARGET, clickhouse=replace(TARGET.clickhouse, prefix="/api")
    ),
    ("GAP-DB-PREFIX", "references"): replace(
        TARGET, dbaas=replace(TARGET.dbaas, prefix="/v1/types/postgres")
    ),
    ("GAP-DB-PREFIX", "elsewhere"): replace(TARGET, dbaas=replace(TARGET.dbaas, prefix="/api")),
}
