"""The clickhouse family under load (ClickHouse Cloud OpenAPI, operations 1 to 5 and 7 to 9)."""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from pgassay.exchange import Exchange, Json
from pgassay.monitors.lifecycle import legal
from pgassay.target.model import ClickhouseSettings, Family
from pgassay.traffic.adapter import Condition, Listed, Unprepared
from pgassay.traffic.session import Session, value_of
from pgassay.values.tags import as_set

#: Members that an update sets and reads come to show.
_FOLLOWED: Final = ("name", "size", "haType", "tags")


class _Service(msgspec.Struct):
    """What the ledger needs of a listed service; the rest of a long listing is not decoded."""

    id: str
    name: str
    state: str


class _Listing(msgspec.Struct):
    result: list[_Service]


class ClickhouseAdapter:
    """The services of one organization."""

    kind: ClassVar = "service"

    def __init__(self, settings: ClickhouseSettings) -> None:
        """`settings` name the organization, provider, region and sizes to use."""
        self._settings = settings
        self._organization = settings.organization_id

    def prepare(self, session: Session) -> None:
        """Find the organization of the key where the target file names none."""
        if self._organization:
            return
        exchange = session.call("organizations", "GET", "/v1/organizations", measured=False)
        found = _result(exchange)
        if not isinstance(found, list) or not found or not isinstance(found[0], dict):
            raise Unprepared(f"no organization could be found: {exchange.line}")
        self._organization = str(found[0].get("id", ""))

    def name(self, nonce: str, number: int) -> str:
        """A name of letters, digits and blanks."""
        return f"pga {nonce} {number:04d}"

    def collection(self) -> str:
        """The organization's services."""
        return f"/v1/organizations/{self._organization}/postgres"

    def path(self, identifier: str) -> str:
        """One service."""
        return f"{self.collection()}/{identifier}"

    def scaling_path(self) -> str:
        """The CDC scaling of the target file's ClickHouse service; empty when it names none."""
        service = self._settings.service_id
        if not service:
            return ""
        return f"/v1/organizations/{self._organization}/services/{service}/clickpipesCdcScaling"

    def creation(self, name: str) -> Mapping[str, Json]:
        """A service of the first size that may be used."""
        settings = self._settings
        return {
            "name": name,
            "provider": settings.provider,
            "region": settings.region,
            "size": settings.sizes[0],
        }

    def value(self, exchange: Exchange) -> Mapping[str, Json] | None:
        """The `result` of a success envelope."""
        found = _result(exchange) if exchange.succeeded else None
        return found if isinstance(found, dict) else None

    def identity(self, value: Mapping[str, Json]) -> str:
        """The service's id."""
        return str(value.get("id", ""))

    def condition(self, value: Mapping[str, Json]) -> Condition:
        """Only `running` is ready; every other state is on its way to it, except the last two."""
        state = value.get("state")
        if state in ("stopped", "deleting"):
            return Condition.BROKEN
        return Condition.REACHED if state == "running" else Condition.PENDING

    def change(
        self, value: Mapping[str, Json], changes: Mapping[str, Json]
    ) -> tuple[str, Mapping[str, Json]]:
        """A merge patch with the tags, which deployed servers clear when they are left out."""
        return "PATCH", {"tags": value.get("tags", []), **changes}

    def listed(self, exchange: Exchange) -> tuple[Listed, ...] | None:
        """The services of the organization."""
        if not exchange.succeeded:
            return None
        try:
            services = msgspec.json.decode(exchange.body, type=_Listing).result
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _listed(_result(exchange))
        return tuple(Listed(one.id, one.name, one.state == "deleting") for one in services)

    def state(self, value: Mapping[str, Json]) -> str:
        """The service's state."""
        return str(value.get("state", ""))

    def backward(self, before: str, after: str) -> bool:
        """What `deleting` was left for, or `creating` returned to."""
        return not legal(Family.CLICKHOUSE, before, after)

    def failed(self, state: str) -> bool:
        """Nothing is known of changes of a service that is not available."""
        return state == "unavailable"

    def shown(self, value: Mapping[str, Json]) -> Mapping[str, Json]:
        """Name, size, standby and tags."""
        shown = {name: value[name] for name in _FOLLOWED if name in value}
        return shown | {"tags": as_set(shown["tags"])} if "tags" in shown else shown

    def promised(self, exchange: Exchange, asked: Mapping[str, Json]) -> Mapping[str, Json]:
        """Tags show in every read that begins after an accepted update."""
        return {"tags": asked["tags"]} if "tags" in asked else {}


def _listed(found: Json) -> tuple[Listed, ...] | None:
    """The items of a listing that breaks its schema, as far as they can be read."""
    if not isinstance(found, list):
        return None
    return tuple(
        Listed(str(item.get("id", "")), str(item.get("name", "")), item.get("state") == "deleting")
        for item in found
        if isinstance(item, dict)
    )


def _result(exchange: Exchange) -> Json:
    body = value_of(exchange)
    return body.get("result") if isinstance(body, dict) else None
