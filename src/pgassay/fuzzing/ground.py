"""What a pass stands on: resources of its own whose identifiers the drawn requests carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from pgassay.deviation import NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.families.clickhouse import ClickhouseApi, result
from pgassay.families.dbaas import DbaasApi
from pgassay.ownership import SHARED, Resource
from pgassay.run.session import Session
from pgassay.target.model import Family

#: Legal sizes of an instance's disk in gigabytes (PostgreSQL Service API, instance properties).
DISK_SIZES = range(8, 1025)

_GROUNDS: WeakKeyDictionary[Session, dict[Family, "Ground"]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Ground:
    """Identifiers by path parameter, and where things live on this target.

    `collection` is where resources of the family are created, `home` the path of the pass's own
    one; `scaling` is the one foreign thing that may be changed, because it is put back; it is
    empty when there is none. `values` are what may stand in a body, by `x-pgassay-reference` and
    `x-pgassay-target-limited`. `mounts` maps where the target serves things to where the document
    has them, `disk_size` is the disk of the pass's own instance in gigabytes.
    """

    family: Family
    pins: Mapping[str, str]
    collection: str
    home: str
    values: Mapping[str, tuple[str, ...]]
    scaling: str = ""
    mounts: tuple[tuple[str, str], ...] = ()
    collection_slash: bool = False
    disk_size: int = 0
    features: frozenset[str] = field(default_factory=frozenset)

    def documented(self, path: str) -> str:
        """The path as the OpenAPI document writes it."""
        for own, documented in self.mounts:
            if path == own or path.startswith((own + "/", own + "?")):
                return documented + path.removeprefix(own)
        return path

    def served(self, template: str) -> str:
        """The documented path template as this target serves it."""
        for own, documented in self.mounts:
            if template == documented or template.startswith(documented + "/"):
                template = own + template.removeprefix(documented)
                slash = self.collection_slash and not template.endswith("}")
                return template + ("/" if slash else "")
        return template

    def ready(self, session: Session) -> bool:
        """Tell whether the pass's own resource takes changes now."""
        exchange = _read(session, self.home, self.family)
        body = exchange.json() if exchange.succeeded else None
        if not isinstance(body, dict):
            return False
        if self.family is Family.CLICKHOUSE:
            shown = body.get("result")
            return isinstance(shown, dict) and shown.get("state") == "running"
        return body.get("status") == "ACTIVE" or not session.target.dbaas.wait_active


def prepare(session: Session, family: Family) -> Ground:
    """Create what all passes over a family share; it is removed at the end of the run."""
    known = _GROUNDS.setdefault(session, {})
    ground = known.get(family)
    if ground is not None and _read(session, ground.home, family).succeeded:
        return ground
    features = frozenset(name for name, claimed in session.target.features.items() if claimed)
    with session.client.acting_for(SHARED):
        if family is Family.CLICKHOUSE:
            known[family] = _clickhouse(session.clickhouse, features)
        else:
            known[family] = _dbaas(session.dbaas, features)
    return known[family]


def gone(session: Session, resource_path: str, family: Family) -> bool:
    """Tell whether a resource answers 404 or 410 now."""
    return _read(session, resource_path, family).status in {404, 410}


def remove(session: Session, resource: Resource) -> Exchange:
    """Delete a resource of this run."""
    return session.client.send(Request.of("DELETE", resource.path, family=resource.family))


def _read(session: Session, path: str, family: Family) -> Exchange:
    return session.client.send(Request.of("GET", path, family=family))


def _clickhouse(api: ClickhouseApi, features: frozenset[str]) -> Ground:
    service = str(api.pool.take()["id"])
    pins = {"organizationId": api.organization_id, "postgresId": service}
    scaling = ""
    if api.settings.service_id and isinstance(result(api.scaling()), dict):
        pins["serviceId"] = api.settings.service_id
        api.remember_scaling()
        scaling = api.scaling_path()
    values = {
        "provider": (api.settings.provider,),
        "region": (api.settings.region,),
        "sizes": api.settings.sizes,
        "versions": api.settings.versions,
    }
    return Ground(
        Family.CLICKHOUSE,
        pins,
        api.services_path(),
        api.path(service),
        values,
        scaling,
        features=features,
    )


def _dbaas(api: DbaasApi, features: frozenset[str]) -> Ground:
    shown = api.pool.take()
    instance = str(shown["uuid"])
    user = api.new_user(instance)
    database = api.new_database(instance, user)
    pins = {
        "uuid": instance,
        "user_uuid": user,
        "db_uuid": database,
        "version_uuid": _last(api.version_reference),
    }
    owner = api.reference("instances", instance, "users", user)
    return Ground(
        Family.DBAAS,
        pins,
        api.collection("instances").rstrip("/"),
        api.path(instance),
        {"version": (api.version_reference,), "user": (owner,)},
        mounts=api.client.target.mounts,
        collection_slash=api.settings.collection_slash,
        disk_size=shown.get("disk_size", 0),
        features=features,
    )


def _last(reference: Json) -> str:
    if not isinstance(reference, str) or not reference:
        raise NotTestable("no version is listed, so that no instance can be created")
    return reference.rstrip("/").rsplit("/", 1)[-1]
