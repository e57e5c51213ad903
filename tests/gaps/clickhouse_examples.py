"""What each branch of a gap of the clickhouse family looks like on the wire."""

from typing import Any

from pgassay.exchange import ANONYMOUS, Exchange

from .exchanges import (
    CREATION,
    ONE,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    PIPED,
    PIPELESS,
    SERVICE,
    SERVICES,
    SHOWN,
    UNKNOWN,
)
from .exchanges import clickhouse as exchange

NIL = "00000000-0000-0000-0000-000000000000"
FULL = {"pgConfig": {"work_mem": "6MB"}, "pgBouncerConfig": {"default_pool_size": "12"}}
PATTERN: dict[str, Any] = {
    "app": "", "errorCount": 0, "totalRows": 1, "totalCpuTimeUs": 1, "totalWalBytes": 0,
    "totalDurationUs": 7,
}  # fmt: skip
METRICS = f"GET {ONE}/metrics?to_date=2026-01-02T04:00:00.000Z&from_date=2026-01-02T03:"
QUERIES = f"GET {ONE}/slowQueryPatterns?from_date=2026-01-02T03:00:00Z"
DETAIL = f"GET {ONE}/slowQueryPatterns/-7?db_name=a&db_user=b&db_operation=SELECT"
READ = exchange(f"GET {ONE}", 200, shown=SHOWN)
READ_REPLICA = exchange(f"GET {ONE}", 200, shown=SHOWN | {"isPrimary": False})
CONFIGURED = exchange(f"GET {ONE}/config", 200, shown=FULL)


def creation(status: int, shown: Any = ..., /, **changes: Any) -> tuple[Exchange, ...]:
    """A creation that differs in `changes` from a plain one."""
    if status == 200 and shown is ...:
        shown = SHOWN
    return (exchange(f"POST {SERVICES}", status, CREATION | changes, shown),)


def reading(**changes: Any) -> tuple[Exchange, ...]:
    """A read of a service with `changes`; a change to `...` drops a member."""
    shown = {name: value for name, value in (SHOWN | changes).items() if value is not ...}
    return (exchange(f"GET {ONE}", 200, shown=shown),)


def update(status: int, sent: Any, before: Exchange = READ, **shown: Any) -> tuple[Exchange, ...]:
    """A read of a service and a PATCH of it."""
    answer = SHOWN | shown if status == 200 else ...
    return (before, exchange(f"PATCH {ONE}", status, sent, answer))


def below(
    line: str, status: int, sent: Any = ..., shown: Any = ..., before: Exchange = READ
) -> tuple[Exchange, ...]:
    """A read of a service and a request for something below it."""
    method, path = line.split(" ")
    return (before, exchange(f"{method} {ONE}/{path}", status, sent, shown))


def change(status: int, sent: Any, shown: Any = ..., method: str = "PATCH") -> tuple[Exchange, ...]:
    """A read of the configuration and a change of it."""
    return below(f"{method} config", status, sent, shown, CONFIGURED)


def setting(status: int, **parameters: Any) -> tuple[Exchange, ...]:
    """A change of single parameters; they are shown as they were sent."""
    maps = FULL | {"pgConfig": parameters}
    return change(status, maps, maps if status == 200 else ...)


def scaling(status: int, sent: Any, service: str = PIPED) -> tuple[Exchange, ...]:
    """A read of a CDC scaling of four cores and a change of it."""
    path = f"/v1/organizations/{ORGANIZATION}/services/{service}/clickpipesCdcScaling"
    present = {"replicaCpuMillicores": 4000, "replicaMemoryGb": 16}
    read = exchange(f"GET {path}", 200, shown=present)
    first = () if service == PIPELESS else (read,)
    return (*first, exchange(f"PATCH {path}", status, sent, sent if status == 200 else ...))


def cores(number: int) -> dict[str, int]:
    return {"replicaCpuMillicores": 1000 * number, "replicaMemoryGb": 4 * number}


def patterns(**changes: Any) -> tuple[Exchange, ...]:
    """A list with one query pattern; a change to `...` drops a member."""
    item = {name: value for name, value in (PATTERN | changes).items() if value is not ...}
    return (exchange(QUERIES, 200, shown=[item]),)


def prometheus(content_type: str, path: str = f"{ONE}/prometheus") -> tuple[Exchange, ...]:
    return (exchange(f"GET {path}", 200, content_type=content_type),)


TAGS_TWICE = {"tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}

EXAMPLES: dict[str, dict[str, tuple[Exchange, ...]]] = {
    "GAP-CH-PREFIX": {"documented": reading(), "elsewhere": reading()},
    "GAP-CH-STORAGE-SIZE-SENT": {
        "not-needed": creation(200),
        "required": creation(400, {"storageSize": "is required"}),
    },
    "GAP-CH-UNKNOWN-MEMBERS": {
        "ignored": creation(200, storageSize=118),
        "refused": creation(400, storageSize=118),
    },
    "GAP-CH-EMPTY-MAP-ON-CREATION": {
        "accepted": creation(200, pgConfig={}),
        "refused": creation(400, pgConfig={}),
    },
    "GAP-CH-DEFAULT-VERSION": {
        "version-17": creation(200),
        "version-18": creation(200, SHOWN | {"postgresVersion": "18"}),
        "another": creation(200, SHOWN | {"postgresVersion": "16"}),
    },
    "GAP-CH-ID-FORM": {
        "version-4": creation(200),
        "version-8": creation(200, SHOWN | {"id": SERVICE.replace("-4555", "-8555")}),
        "another-version": creation(200, SHOWN | {"id": SERVICE.replace("-4555", "-7555")}),
        "no-uuid": creation(200, SHOWN | {"id": "pg7myrd1j06p3gx4zrm2ze8qz6"}),
    },
    "GAP-CH-CONNECTION-SCHEME": {
        scheme: creation(200, SHOWN | {"connectionString": f"{scheme}://postgres@host/postgres"})
        for scheme in ("postgres", "postgresql")
    },
    "GAP-CH-CREATED-AT-ON-CHANGE": {
        "shown": creation(200),
        "left-out": creation(200, {"id": SERVICE}),
    },
    "GAP-CH-NAME-HYPHEN": {
        "accepted": creation(200, name="or-ders_1"),
        "refused": update(400, {"name": "or-ders_1"}),
    },
    "GAP-CH-NAME-OTHER": {
        "accepted": creation(200, name="orders!"),
        "refused": update(400, {"name": "(orders)"}),
    },
    "GAP-CH-PROVIDER": {"aws": reading(), "another": reading(provider="gcp")},
    "GAP-CH-CREATED-AT-FORM": {
        "z": reading(),
        "offset": reading(createdAt="2026-01-02T03:04:05+00:00"),
    },
    "GAP-CH-SECRETS-IN-READS": {"hidden": reading(), "shown": reading(password="<Secret-0>")},
    "GAP-CH-LIST-STORAGE-SIZE": {
        "shown": (exchange(f"GET {SERVICES}", 200, shown=[SHOWN | {"storageSize": 118}]),),
        "left-out": (exchange(f"GET {SERVICES}", 200, shown=[SHOWN]),),
    },
    "GAP-CH-ORGANIZATIONS": {
        "one": (exchange("GET /v1/organizations", 200, shown=[{"id": "a"}]),),
        "several": (exchange("GET /v1/organizations", 200, shown=[{"id": "a"}, {"id": "b"}]),),
    },
    "GAP-CH-RENAME": {
        "changeable": update(200, {"name": "orders 2"}),
        "fixed": update(400, {"name": "orders 2"}),
    },
    "GAP-CH-TAGS-OMITTED": {
        "kept": update(200, {"size": "large"}),
        "wiped": update(200, {"size": "large"}, tags=[]),
    },
    "GAP-CH-TAG-WITHOUT-VALUE": {
        "accepted": update(200, {"tags": [{"key": "flag"}]}),
        "refused": update(400, {"tags": [{"key": "flag"}]}),
    },
    "GAP-CH-DUPLICATE-TAG-KEYS": {
        "refused": update(400, TAGS_TWICE),
        "collapsed": update(200, TAGS_TWICE, tags=TAGS_TWICE["tags"][:1]),
        "kept": update(200, TAGS_TWICE, tags=TAGS_TWICE["tags"]),
    },
    "GAP-CH-REPLICA-SCALING": {
        "independent": update(200, {"size": "large"}, READ_REPLICA),
        "refused": update(400, {"size": "large"}, READ_REPLICA),
    },
    "GAP-CH-BODY-MISSING": {"accepted": update(200, ...), "refused": update(400, ...)},
    "GAP-CH-PASSWORD-REPEATED": {
        "repeated": below("PATCH password", 200, {"password": "x"}, {"password": "x"}),
        "left-out": below("PATCH password", 200, {"password": "x"}, {}),
    },
    "GAP-CH-COMMAND-MISSING": {
        "accepted": below("PATCH state", 200, {}, SHOWN),
        "refused": below("PATCH state", 400, {}),
    },
    "GAP-CH-SWITCHOVER-ALONE": {
        "ignored": below("PATCH state", 200, {"command": "switchover"}, SHOWN),
        "refused": below("PATCH state", 400, {"command": "switchover"}),
    },
    "GAP-CH-PROMOTE-PRIMARY": {
        "accepted": below("PATCH state", 200, {"command": "promote"}, SHOWN),
        "refused": below("PATCH state", 409, {"command": "promote"}),
    },
    "GAP-CH-COPY-CREDENTIALS": {
        "shown": below("POST readReplica", 200, {"name": "copy"}, SHOWN | {"password": "x"}),
        "hidden": below("POST readReplica", 200, {"name": "copy"}, SHOWN),
    },
    "GAP-CH-RESTORE-TARGET": {
        "optional": below("POST restoredService", 200, {"name": "copy"}, SHOWN),
        "required": below("POST restoredService", 400, {"name": "copy"}),
    },
    "GAP-CH-COPIES-LISTED": {
        "listed": below("GET readReplica", 200, shown=[]),
        "not-offered": below("GET restoredService", 405),
    },
    "GAP-CH-REPEATED-DELETE": {
        name: (exchange(f"DELETE {ONE}", 200), exchange(f"DELETE {ONE}", status))
        for name, status in (("accepted", 200), ("refused", 409), ("not-found", 404))
    },
    "GAP-CH-UNAUTHENTICATED": {
        f"status-{status}": (exchange(f"GET {ONE}", status, credential=ANONYMOUS),)
        for status in (400, 401, 403)
    },
    "GAP-CH-FOREIGN-ORGANIZATION": {
        f"status-{status}": (
            exchange(f"GET /v1/organizations/{OTHER_ORGANIZATION}/postgres", status),
        )
        for status in (400, 403, 404)
    },
    "GAP-CH-UNKNOWN-SERVICE": {
        f"status-{status}": (exchange(f"GET {SERVICES}/{UNKNOWN}", status),)
        for status in (400, 403, 404)
    },
    "GAP-CH-NIL-UUID": {
        f"status-{status}": (exchange(f"GET {SERVICES}/{NIL}", status),) for status in (400, 404)
    },
    "GAP-CH-ERROR-STATUS": {
        "whole-number": (exchange(f"GET {SERVICES}/{UNKNOWN}", 404, shown=None),),
        "otherwise": (exchange(f"GET {SERVICES}/{UNKNOWN}", 404.0, shown=None),),  # type: ignore[arg-type]
    },
    "GAP-CH-EMPTY-MAP-ON-CHANGE": {
        "accepted": change(200, FULL | {"pgConfig": {}}, FULL | {"pgConfig": {}}),
        "refused": change(400, FULL | {"pgConfig": {}}),
    },
    "GAP-CH-EMPTY-MAP-SHOWN": {
        "empty-object": (exchange(f"GET {ONE}/config", 200, shown=FULL | {"pgBouncerConfig": {}}),),
        "left-out": (exchange(f"GET {ONE}/config", 200, shown={"pgConfig": {"a": 1}}),),
    },
    "GAP-CH-ONE-MAP": {
        "refused": change(400, {"pgConfig": FULL["pgConfig"]}),
        "kept": change(200, {"pgConfig": FULL["pgConfig"]}, FULL),
        "emptied": change(200, {"pgConfig": FULL["pgConfig"]}, FULL | {"pgBouncerConfig": {}}),
    },
    "GAP-CH-CONFIG-POST": {
        "replaces": change(200, FULL | {"pgConfig": {}}, FULL | {"pgConfig": {}}, "POST"),
        "merges": change(200, FULL | {"pgConfig": {}}, FULL, "POST"),
    },
    "GAP-CH-NUMBERS-SHOWN": {
        "as-numbers": setting(200, max_connections=70),
        "as-text": change(
            200, {"pgConfig": {"max_connections": 70}}, {"pgConfig": {"max_connections": "70"}}
        ),
    },
    "GAP-CH-INTEGER-MINUS-ONE": {
        "accepted": setting(200, autovacuum_work_mem=-1),
        "refused": setting(400, autovacuum_work_mem=-1),
    },
    "GAP-CH-WAL-SIZE-UNITS": {
        "accepted": setting(200, min_wal_size="80MB"),
        "refused": setting(400, min_wal_size="80MB"),
    },
    "GAP-CH-OLD-TLS": {
        "accepted": setting(200, ssl_min_protocol_version="TLSv1.2"),
        "refused": setting(400, ssl_min_protocol_version="TLSv1.2"),
    },
    "GAP-CH-CDC-UP-TO-24": {
        "accepted": scaling(200, cores(24)),
        "refused": scaling(400, cores(17)),
    },
    "GAP-CH-CDC-UP-TO-32": {
        "accepted": scaling(200, cores(25)),
        "refused": scaling(400, cores(32)),
    },
    "GAP-CH-CDC-ONE-MEMBER": {
        "completed": scaling(200, {"replicaCpuMillicores": 5000}),
        "refused": scaling(400, {"replicaMemoryGb": 8}),
    },
    "GAP-CH-CDC-WITHOUT-PIPE": {
        f"status-{status}": scaling(status, cores(2), PIPELESS) for status in (400, 404, 409)
    },
    "GAP-CH-QUERY-TIMES": {
        "rfc3339": (exchange(f"{METRICS}00:00Z", 200, shown={}),),
        "milliseconds": (exchange(f"{METRICS}00:00Z", 400),),
    },
    "GAP-CH-METRICS-TOO-MANY-POINTS": {
        "refused": (exchange(f"{METRICS}00:00.000Z&bucket_size_seconds=1", 400),),
        "widened": (exchange(f"{METRICS}00:00.000Z&bucket_size_seconds=1", 200, shown={}),),
    },
    "GAP-CH-DURATIONS": {"whole": patterns(), "fractions": patterns(totalDurationUs=7.5)},
    "GAP-CH-SLOW-QUERY-MEMBERS": {"complete": patterns(), "partial": patterns(app=...)},
    "GAP-CH-UNKNOWN-QUERY": {
        "empty": (READ, exchange(DETAIL, 200, shown={"recentExecutions": []})),
        "not-found": (READ, exchange(DETAIL, 404)),
    },
    "GAP-CH-PROMETHEUS-PATH": {
        "after-the-id": prometheus("text/plain"),
        "before-the-id": prometheus("text/plain", f"{SERVICES}/prometheus/{SERVICE}"),
    },
    "GAP-CH-PROMETHEUS-CHARSET": {
        "with-charset": prometheus("text/plain; charset=UTF-8"),
        "without": prometheus("text/plain"),
    },
}  # fmt: skip
