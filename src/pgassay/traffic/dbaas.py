"""The dbaas family under load (PostgreSQL Service API, section API Endpoints)."""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from pgassay.exchange import Exchange, Json
from pgassay.expectation import same
from pgassay.monitors.lifecycle import legal
from pgassay.target.model import DbaasSettings, Family
from pgassay.traffic.adapter import Condition, Listed, Unprepared
from pgassay.traffic.session import Session, value_of

_WRITABLE: Final = (
    "name",
    "description",
    "cpu",
    "ram",
    "disk_size",
    "nodes_number",
    "sync_replica_number",
    "version",
    "project_id",
)
#: What needs no other machine.
_PROMPT: Final = ("name", "description")
#: Members that an update sets and reads come to show, and the time of the last update.
_FOLLOWED: Final = (
    *_PROMPT,
    "cpu",
    "ram",
    "disk_size",
    "nodes_number",
    "sync_replica_number",
    "updated_at",
)


class _Instance(msgspec.Struct):
    """What the ledger needs of a listed instance; the rest of a long listing is not decoded."""

    uuid: str
    name: str


class DbaasAdapter:
    """The instances of one project."""

    kind: ClassVar = "instance"

    def __init__(self, settings: DbaasSettings) -> None:
        """`settings` tell how the target chose where the API's text is silent."""
        self._settings = settings
        self._slash = "/" if settings.collection_slash else ""
        self._version = ""

    def prepare(self, session: Session) -> None:
        """Find a version to create instances with: the first one listed."""
        prefix = self._settings.reference_prefix
        exchange = session.call(
            "versions", "GET", f"{prefix}/versions{self._slash}", measured=False
        )
        found = _items(exchange)
        if not found or "uuid" not in found[0]:
            raise Unprepared(f"no version could be found: {exchange.line}")
        uuid = str(found[0]["uuid"])
        by_uuid = self._settings.reference_style == "uuid"
        self._version = uuid if by_uuid else f"{prefix}/versions/{uuid}"

    def name(self, nonce: str, number: int) -> str:
        """A name of letters, digits and underscores."""
        return f"pga_{nonce}_{number:04d}"

    def collection(self) -> str:
        """The project's instances."""
        return f"{self._settings.prefix}/instances{self._slash}"

    def path(self, identifier: str) -> str:
        """One instance."""
        return f"{self._settings.prefix}/instances/{identifier}"

    def creation(self, name: str) -> Mapping[str, Json]:
        """A small instance."""
        body: dict[str, Json] = {
            "name": name,
            "description": "created by pgassay",
            "cpu": 1,
            "ram": 1024,
            "disk_size": 10,
            "nodes_number": 1,
            "sync_replica_number": 0,
            "version": self._version,
        }
        if self._settings.project_id:
            body["project_id"] = self._settings.project_id
        return body

    def value(self, exchange: Exchange) -> Mapping[str, Json] | None:
        """The instance itself; answers have no envelope."""
        found = value_of(exchange) if exchange.succeeded else None
        return found if isinstance(found, dict) else None

    def identity(self, value: Mapping[str, Json]) -> str:
        """The instance's uuid."""
        return str(value.get("uuid", ""))

    def condition(self, value: Mapping[str, Json]) -> Condition:
        """ACTIVE is ready, ERROR is final; where nothing drives the lifecycle, all are ready."""
        status = value.get("status")
        if status == "ERROR":
            return Condition.BROKEN
        ready = status == "ACTIVE" or not self._settings.wait_active
        return Condition.REACHED if ready else Condition.PENDING

    def change(
        self, value: Mapping[str, Json], changes: Mapping[str, Json]
    ) -> tuple[str, Mapping[str, Json]]:
        """A full representation, or only the changes where the target merges."""
        if self._settings.put_semantics == "merge":
            return "PUT", changes
        return "PUT", {name: value[name] for name in _WRITABLE if name in value} | dict(changes)

    def listed(self, exchange: Exchange) -> tuple[Listed, ...] | None:
        """The instances of the project; the API does not promise that they can be listed."""
        if not exchange.succeeded:
            return None
        try:
            instances = msgspec.json.decode(exchange.body, type=list[_Instance])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _listed(exchange)
        return tuple(Listed(one.uuid, one.name) for one in instances)

    def state(self, value: Mapping[str, Json]) -> str:
        """The instance's status."""
        return str(value.get("status", ""))

    def backward(self, before: str, after: str) -> bool:
        """Nothing becomes NEW again (section Instance Status Lifecycle)."""
        return not legal(Family.DBAAS, before, after)

    def failed(self, state: str) -> bool:
        """An instance in ERROR may have given changes up."""
        return state == "ERROR"

    def shown(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """What an update sets, and when the instance was changed last."""
        return {name: value[name] for name in _FOLLOWED if name in value}

    def promised(self, exchange: Exchange, asked: Mapping[str, Json]) -> Mapping[str, Json]:
        """An answer 200 that shows the instance ACTIVE says that the change was carried out.

        A PUT that succeeds makes reads return what it sent (RFC 9110, section 9.3.4). Sizes may
        take a new machine all the same: they are followed from the first read that shows them.
        """
        value = self.value(exchange)
        if value is None or exchange.status != 200 or value.get("status") != "ACTIVE":
            return {}
        done = {
            name: asked[name]
            for name in _PROMPT
            if name in asked and same(value.get(name), asked[name])
        }
        if done and "updated_at" in value:
            done["updated_at"] = value["updated_at"]
        return done


def _listed(exchange: Exchange) -> tuple[Listed, ...] | None:
    """The items of a listing in another form than an array, as far as they can be read."""
    body = value_of(exchange)
    if not isinstance(body, list | dict):
        return None
    return tuple(
        Listed(str(item.get("uuid", "")), str(item.get("name", ""))) for item in _items(exchange)
    )


def _items(exchange: Exchange) -> list[dict[str, Json]]:
    """The members of a list answer: an array, or an object with one array member."""
    body = value_of(exchange)
    if isinstance(body, dict):
        arrays = [value for value in body.values() if isinstance(value, list)]
        body = arrays[0] if len(arrays) == 1 else None
    return [item for item in body if isinstance(item, dict)] if isinstance(body, list) else []
