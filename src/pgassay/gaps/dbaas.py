"""Which way a server of the PostgreSQL Service API goes where its text is silent."""

import re
from collections.abc import Mapping
from typing import Final

from pgassay.exchange import ANONYMOUS, Json
from pgassay.expectation import same
from pgassay.gaps.observing import Observers
from pgassay.gaps.seen import Seen, last_segment
from pgassay.target.model import Family

OBSERVERS: Final = Observers()

_CREATE: Final = "dbaasInstanceCreate"
_READ: Final = "dbaasInstanceGet"
_UPDATE: Final = "dbaasInstanceUpdate"
_CREATES: Final = (_CREATE, "dbaasUserCreate", "dbaasDatabaseCreate")
_LISTS: Final = ("dbaasInstanceList", "dbaasUserList", "dbaasDatabaseList")
_DELETES: Final = ("dbaasInstanceDelete", "dbaasUserDelete", "dbaasDatabaseDelete")
_READS: Final = (_READ, "dbaasUserGet", "dbaasDatabaseGet", "dbaasVersionGet")
_NUMBERS: Final = {
    "cpu": (1, 128),
    "ram": (512, 1_000_000),
    "disk_size": (8, 1000),
    "nodes_number": (1, 16),
    "sync_replica_number": (0, 15),
}
#: Members that an update may not change in every way.
_LIMITED: Final = frozenset({"disk_size", "version", "project_id"})
_TEXTS: Final = ("name", "description", "version", "project_id")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _within(value: Json, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _sound(seen: Seen, *besides: str) -> bool:
    """Tell whether every server takes the members that are sent, leaving `besides` aside.

    A creation has all that the text speaks of, so that it is not refused for what is missing.
    """
    sent = seen.sending
    rest = sent.keys() - set(besides)
    needed = {*_NUMBERS, *_TEXTS[:3]} - set(besides) if seen.operation == _CREATE else set()
    if not needed <= rest or not rest <= {*_NUMBERS, *_TEXTS}:
        return False
    return all(_ordinary(name, sent[name], seen) for name in rest)


def _ordinary(name: str, value: Json, seen: Seen) -> bool:
    """Tell whether every server takes a value, or the thing has it already."""
    if seen.operation == _UPDATE and (name in _LIMITED or same(value, seen.before.get(name))):
        return same(value, seen.before.get(name))
    if name in _NUMBERS:
        return _within(value, *_NUMBERS[name])
    if not isinstance(value, str) or not re.fullmatch(r"[\w ./-]{1,200}", value, re.ASCII):
        return False
    if name == "project_id":
        return value == seen.target.dbaas.project_id
    return name != "version" or seen.accepted or last_segment(value) in seen.versions


# Paths and statuses


@OBSERVERS.of("GAP-DB-PREFIX", _READ, _CREATE, _UPDATE)
def _prefix(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    prefix = seen.path.partition("/instances")[0]
    known = {"/v1/postgres": "endpoint-list", "/v1/types/postgres": "references"}
    return known.get(prefix, "elsewhere")


@OBSERVERS.of("GAP-DB-COLLECTION-SLASH", *_LISTS, *_CREATES)
def _collection_slash(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    slash = seen.exchange.request.path.partition("?")[0].endswith("/")
    return "with-slash" if slash else "without"


@OBSERVERS.of("GAP-DB-VERSIONS-SLASH", "dbaasVersionList")
def _versions_slash(seen: Seen) -> str | None:
    if not seen.exchange.request.path.partition("?")[0].endswith("/"):
        return None
    if seen.accepted:
        return "served"
    return "redirected" if 300 <= seen.status < 400 else "unknown"


@OBSERVERS.of("GAP-DB-CREATE-STATUS", *_CREATES)
def _create_status(seen: Seen) -> str | None:
    return _success(seen, 200, 201, 202)


@OBSERVERS.of("GAP-DB-UPDATE-STATUS", _UPDATE)
def _update_status(seen: Seen) -> str | None:
    return _success(seen, 200, 202, 204)


@OBSERVERS.of("GAP-DB-DELETE-STATUS", *_DELETES)
def _delete_status(seen: Seen) -> str | None:
    return _success(seen, 200, 202, 204)


@OBSERVERS.of("GAP-DB-REJECTION-STATUS", _CREATE)
def _rejection_status(seen: Seen) -> str | None:
    cpu = seen.sending.get("cpu")
    wrong = isinstance(cpu, int) and not _within(cpu, *_NUMBERS["cpu"]) and _sound(seen, "cpu")
    if not wrong or not seen.exchange.rejected:
        return None
    return {400: "status-400", 422: "status-422"}.get(seen.status, "another")


@OBSERVERS.of("GAP-DB-ERROR-FORM", *_READS, *_CREATES)
def _error_form(seen: Seen) -> str | None:
    if not seen.exchange.rejected:
        return None
    if not seen.exchange.body:
        return "empty"
    if seen.exchange.content_type == "application/problem+json":
        return "problem-details"
    return "object" if isinstance(seen.shown, dict) else "other"


def _success(seen: Seen, *known: int) -> str | None:
    if not seen.accepted:
        return None
    return f"status-{seen.status}" if seen.status in known else "another"


# Who asks


@OBSERVERS.of("GAP-DB-UNAUTHENTICATED", *_READS, *_LISTS)
def _unauthenticated(seen: Seen) -> str | None:
    if seen.exchange.request.credential != ANONYMOUS:
        return None
    if seen.accepted:
        return "served"
    return {401: "status-401", 403: "status-403"}.get(seen.status)


@OBSERVERS.of("GAP-DB-AUTHENTICATION", _READ, "dbaasVersionList")
def _authentication(seen: Seen) -> str | None:
    credential = seen.target.credential("main", Family.DBAAS)
    return str(credential.scheme) if credential and seen.accepted and seen.main else None


@OBSERVERS.of("GAP-DB-FOREIGN-PROJECT", _READ)
def _foreign_project(seen: Seen) -> str | None:
    if seen.exchange.request.credential != "other_tenant" or not seen.before:
        return None
    return {403: "status-403", 404: "status-404"}.get(seen.status)


@OBSERVERS.of("GAP-DB-PROJECT-ID", _CREATE)
def _project_id(seen: Seen) -> str | None:
    missing = "project_id" not in seen.sending and _sound(seen)
    return seen.outcome("optional", "required") if missing else None


@OBSERVERS.of("GAP-DB-MALFORMED-ID", _READ)
def _malformed_id(seen: Seen) -> str | None:
    identifier = seen.path.rpartition("/")[2]
    if not seen.main or not re.fullmatch(r"[\w-]+", identifier) or _UUID.fullmatch(identifier):
        return None
    return {400: "status-400", 404: "status-404", 422: "status-422"}.get(seen.status)


# Forms


@OBSERVERS.of("GAP-DB-REFERENCES-SHOWN", _READ, "dbaasDatabaseGet")
def _references_shown(seen: Seen) -> str | None:
    reference = _reference(seen)
    if reference is None:
        return None
    return "uri" if "/" in reference else "uuid"


@OBSERVERS.of("GAP-DB-REFERENCE-PREFIX", _READ, "dbaasDatabaseGet")
def _reference_prefix(seen: Seen) -> str | None:
    reference = _reference(seen)
    if reference is None or "/" not in reference:
        return None
    prefix = re.split(r"/(?:versions|instances)/", reference)[0]
    known = {"/v1/postgres": "endpoint-list", "/v1/types/postgres": "references"}
    return known.get(prefix, "elsewhere")


def _reference(seen: Seen) -> str | None:
    found = seen.showing.get("version", seen.showing.get("owner"))
    return found if seen.accepted and isinstance(found, str) else None


@OBSERVERS.of("GAP-DB-LISTS", *_LISTS)
def _lists(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    return "array" if isinstance(seen.shown, list) else "object"


@OBSERVERS.of("GAP-DB-FRACTION-DIGITS", "dbaasVersionGet")
def _fraction_digits(seen: Seen) -> str | None:
    created = seen.showing.get("created_at")
    if not seen.accepted or not isinstance(created, str):
        return None
    fraction = re.search(r"\.(\d+)", created)
    digits = len(fraction[1]) if fraction else 0
    named = {0: "none", 3: "milliseconds", 6: "microseconds", 9: "nanoseconds"}
    return named.get(digits, "other")


@OBSERVERS.of("GAP-DB-UTC-FORM", *_READS)
def _utc_form(seen: Seen) -> str | None:
    created = seen.showing.get("created_at")
    if not seen.accepted or not isinstance(created, str):
        return None
    return "z" if created.endswith(("Z", "z")) else "offset"


# Instances


@OBSERVERS.of("GAP-DB-INSTANCE-LIST", "dbaasInstanceList")
def _instance_list(seen: Seen) -> str | None:
    if seen.accepted:
        return "offered"
    return "absent" if seen.main and seen.status in {404, 405, 501} else None


@OBSERVERS.of("GAP-DB-PATCH")
def _patch(seen: Seen) -> str | None:
    path = seen.target.documented(seen.path)
    instance = re.fullmatch(r"/v1/postgres/instances/[^/]+", path)
    if seen.exchange.request.method != "PATCH" or not instance or not seen.main:
        return None
    if seen.accepted:
        return "offered"
    return "absent" if seen.status in {404, 405, 501} else None


@OBSERVERS.of("GAP-DB-PUT", _UPDATE)
def _put(seen: Seen) -> str | None:
    missing = _NUMBERS.keys() - seen.sending.keys() - {"sync_replica_number"}
    if not missing or not _sound(seen) or not seen.main:
        return None
    if not seen.accepted:
        return "full" if seen.refused else None
    shown = seen.showing
    kept = all(shown.get(name) == seen.before.get(name) for name in missing)
    return "merge" if kept else "reset"


@OBSERVERS.of("GAP-DB-TERABYTE-RAM", _CREATE, _UPDATE)
def _terabyte_of_ram(seen: Seen) -> str | None:
    return _terabyte(seen, "ram", 1_000_000, 1_048_576)


@OBSERVERS.of("GAP-DB-TERABYTE-DISK", _CREATE, _UPDATE)
def _terabyte_of_disk(seen: Seen) -> str | None:
    return _terabyte(seen, "disk_size", 1000, 1024)


def _terabyte(seen: Seen, member: str, decimal: int, binary: int) -> str | None:
    value, before = seen.sending.get(member), seen.before.get(member, 0)
    wanted = _within(value, decimal + 1, binary) and _sound(seen, member)
    # A smaller disk is refused for another reason.
    return seen.outcome("binary", "decimal") if wanted and value >= before else None


@OBSERVERS.of("GAP-DB-REPLICAS-AND-NODES", _CREATE, _UPDATE)
def _replicas_and_nodes(seen: Seen) -> str | None:
    replicas, nodes = (seen.sending.get(n, -1) for n in ("sync_replica_number", "nodes_number"))
    return seen.outcome("unrelated", "bounded") if _sound(seen) and replicas >= nodes > 0 else None


@OBSERVERS.of("GAP-DB-EMPTY-NAME", _CREATE, _UPDATE)
def _empty_name(seen: Seen) -> str | None:
    empty = seen.sending.get("name") == "" and _sound(seen, "name")
    return seen.outcome("accepted", "refused") if empty else None


@OBSERVERS.of("GAP-DB-DESCRIPTION", _CREATE)
def _description(seen: Seen) -> str | None:
    missing = "description" not in seen.sending and _sound(seen, "description")
    return seen.outcome("optional", "required") if missing else None


@OBSERVERS.of("GAP-DB-UNKNOWN-MEMBERS", _CREATE, _UPDATE)
def _unknown_members(seen: Seen) -> str | None:
    unknown = seen.sending.keys() - {*_NUMBERS, *_TEXTS}
    short = all(isinstance(seen.sending[name], str | int) for name in unknown)
    plain = unknown and short and _sound(seen, *unknown)
    return seen.outcome("ignored", "refused") if plain else None


@OBSERVERS.of("GAP-DB-VERSION-CHANGE", _UPDATE)
def _version_change(seen: Seen) -> str | None:
    wanted, present = (_version(one) for one in (seen.sending, seen.before))
    if not wanted or not present or wanted == present or not _sound(seen, "version"):
        return None
    changed = _version(seen.showing) == wanted
    return seen.outcome("changed" if changed else "ignored", "refused")


@OBSERVERS.of("GAP-DB-LIFECYCLE", _READ)
def _lifecycle(seen: Seen) -> str | None:
    status = seen.showing.get("status")
    if status == "ACTIVE":
        return "by-itself"
    age = seen.exchange.sent_at - seen.since
    stuck = status == "NEW" and age > seen.target.timing.create
    return "stays-new" if stuck else None


@OBSERVERS.of("GAP-DB-CHILDREN", "dbaasUserGet", "dbaasDatabaseGet")
def _children(seen: Seen) -> str | None:
    if not seen.gone or not seen.main:
        return None
    if seen.accepted:
        return "stay"
    return "go-too" if seen.status in {404, 410} else None


def _version(members: Mapping[str, Json]) -> str:
    found = last_segment(str(members.get("version", "")))
    return found if _UUID.fullmatch(found) else ""
