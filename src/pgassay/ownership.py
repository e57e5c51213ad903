"""Which resources belong to this run, in the order in which they must go.

A resource is ours when this run sent the request that created it. Nothing else is ever deleted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pgassay.exchange import Exchange, Json, Request
from pgassay.target.model import Family

#: In whose name resources are created that outlive the check that asked for them.
SHARED = "shared"
#: Kinds of resources that take a target minutes and money.
_COSTLY = frozenset({"service", "instance"})


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that this run created: `path` is where `credential` reads and deletes it."""

    family: Family
    kind: str
    id: str
    name: str
    path: str
    check: str
    sequence: int
    credential: str = "main"
    #: Made from another one, which may stay only as long as this one is there.
    derived: bool = False

    @property
    def costs(self) -> bool:
        """Tell whether a limit counts it: users and databases are next to nothing."""
        return self.kind in _COSTLY


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of somebody else's resource, as it was before the run changed it."""

    family: Family
    path: str
    method: str
    original: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Collection:
    """A path below which POST creates resources, and where the answer tells their id.

    The new resource lives at that path, or, if it is `beside` the one that it is made from, where
    that one lives.
    """

    family: Family
    kind: str
    pattern: re.Pattern[str]
    identifier: str
    wrapper: str = ""
    beside: bool = False

    def home(self, path: str) -> str:
        """Return where resources live and are listed that a POST to `path` creates."""
        return path.rsplit("/", 2)[0] if self.beside else path

    def created(self, exchange: Exchange) -> Resource | None:
        """Return the resource that `exchange` created, or None."""
        path = exchange.request.path.partition("?")[0].rstrip("/")
        creates = exchange.request.method == "POST" and exchange.succeeded
        if not creates or not self.pattern.fullmatch(path):
            return None
        body = exchange.json()
        value = body.get(self.wrapper) if self.wrapper and isinstance(body, dict) else body
        if not isinstance(value, dict):
            return None
        found = value.get(self.identifier)
        if not isinstance(found, str) or not re.fullmatch(r"[\w.-]+", found):
            return None
        name = str(value.get("name", ""))
        return Resource(
            self.family,
            self.kind,
            found,
            name,
            f"{self.home(path)}/{found}",
            exchange.check,
            exchange.sequence,
            exchange.request.credential,
            self.beside,
        )


def collections(dbaas_prefix: str) -> tuple[Collection, ...]:
    """Return every place of both families where resources are created."""
    services = r"/v1/organizations/[^/]+/postgres"
    instances = re.escape(dbaas_prefix) + "/instances"
    clickhouse, dbaas = Family.CLICKHOUSE, Family.DBAAS
    copies = re.compile(services + r"/[^/]+/(readReplica|restoredService)")
    return (
        Collection(clickhouse, "service", re.compile(services), "id", "result"),
        Collection(clickhouse, "service", copies, "id", "result", beside=True),
        Collection(dbaas, "instance", re.compile(instances), "uuid"),
        Collection(dbaas, "user", re.compile(instances + r"/[^/]+/users"), "uuid"),
        Collection(dbaas, "database", re.compile(instances + r"/[^/]+/databases"), "uuid"),
    )


class Ownership:
    """The run's own resources, learnt from the traffic itself."""

    def __init__(self, places: tuple[Collection, ...]) -> None:
        """Watch the given places."""
        self._places = places
        self._owned: dict[str, Resource] = {}
        self._settings: dict[str, Setting] = {}
        self._wanted: dict[str, Mapping[str, Json]] = {}
        self.created = 0
        self.removed = 0
        #: How many services and instances were created.
        self.made = 0

    def note(self, exchange: Exchange) -> Resource | None:
        """Learn from an exchange; return the resource that it created, if any."""
        if exchange.request.path in self._settings and exchange.succeeded:
            self._change(exchange)
        for place in self._places:
            resource = place.created(exchange)
            if resource is not None and resource.path not in self._owned:
                self._owned[resource.path] = resource
                self.created += 1
                self.made += resource.costs
                return resource
        return None

    def adopt(self, resource: Resource) -> None:
        """Take over a resource that an earlier run's journal proves to be its own."""
        self._owned.setdefault(resource.path, resource)

    def owns(self, path: str) -> bool:
        """Tell whether `path` is one of our resources or lies below one."""
        bare = path.partition("?")[0].rstrip("/")
        return any(bare == own or bare.startswith(own + "/") for own in tuple(self._owned))

    def gone(self, path: str) -> None:
        """Strike out a resource that was seen to be gone, with everything below it."""
        for own in [own for own in self._owned if own == path or own.startswith(path + "/")]:
            del self._owned[own]
            self.removed += 1

    def remaining(self, check: str | None = None) -> Iterator[Resource]:
        """Yield what is still there, latest first: children and dependents go before parents."""
        for resource in reversed(list(self._owned.values())):
            if check is None or resource.check == check:
                yield resource

    def share(self, resource: Resource) -> None:
        """Have a resource outlive the check that created it."""
        self._owned[resource.path] = replace(resource, check=SHARED)

    def remember(self, setting: Setting) -> bool:
        """Keep a setting's first known value for putting it back; tell whether it is new."""
        if setting.path in self._settings:
            return False
        self._settings[setting.path] = setting
        return True

    def wanted(self, setting: Setting) -> Mapping[str, Json]:
        """What the run last set a setting to; its original value where it set nothing whole."""
        return self._wanted.get(setting.path, setting.original)

    def _change(self, exchange: Exchange) -> None:
        setting = self._settings[exchange.request.path]
        if exchange.request.method != setting.method:
            return
        try:
            body = json.loads(exchange.request.body or b"")
        except (ValueError, RecursionError):
            return
        if isinstance(body, dict) and body.keys() == setting.original.keys():
            self._wanted[setting.path] = body

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings to put back."""
        return tuple(self._settings.values())

    @property
    def standing(self) -> int:
        """How many services and instances of the main tenant exist now, as far as known.

        Those of another one take no place of it.
        """
        owned = tuple(self._owned.values())
        return sum(resource.costs and resource.credential != "other_tenant" for resource in owned)

    def costs(self, request: Request) -> bool:
        """Tell whether a request asks for a service or an instance."""
        path = request.path.partition("?")[0].rstrip("/")
        return request.method == "POST" and any(
            place.pattern.fullmatch(path) for place in self._places if place.kind in _COSTLY
        )

    @property
    def live(self) -> int:
        """How many resources exist now, as far as known."""
        return len(self._owned)
