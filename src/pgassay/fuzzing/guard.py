"""Keep drawn requests away from everything that the run did not create.

Schemathesis learns identifiers from answers and deletes what it finds. So every request that can
change something is steered to a resource of this run or to an identifier that was drawn here and
exists nowhere; what still points elsewhere is not sent.
"""

import random
import re
from collections.abc import MutableMapping
from typing import Final
from uuid import UUID

from pgassay.client import Client
from pgassay.exchange import Exchange
from pgassay.fuzzing.ground import Ground, remove
from pgassay.ownership import Resource
from pgassay.run.session import Session

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
#: Dots and percent signs could lead out of a path that looks like ours.
_PLAIN: Final = re.compile(r"(/[A-Za-z0-9_-]+)+/?")
#: More resources than these are removed before the next one is created.
_LIVING: Final = 6
#: Path parameters that name a resource below the collection, and their kind.
_KINDS: Final = {
    "postgresId": "service",
    "uuid": "instance",
    "user_uuid": "user",
    "db_uuid": "database",
}


class Guard:
    """Decide which requests may be sent, and lead the others to where they do no harm."""

    def __init__(self, session: Session, ground: Ground, seed: str, budget: int) -> None:
        """`seed` makes the identifiers that exist nowhere; `budget` counts creations."""
        self._session = session
        self._client: Client = session.client
        self._ground = ground
        self._random = random.Random(seed)
        self._fresh: set[str] = set()
        self._budget = budget
        self._settled = False
        self.deleted: set[str] = set()
        self.creations = 0
        #: Requests that pointed at something foreign and were not sent.
        self.held_back = 0

    def steer(self, method: str, template: str, parameters: MutableMapping[str, str]) -> None:
        """Replace the path parameters of a changing request that point at nothing of ours."""
        if method.upper() in SAFE:
            return
        path, names = "", re.findall(r"\{([^}]+)\}", template)
        for segment in template.strip("/").split("/"):
            if not segment.startswith("{"):
                path += f"/{segment}"
                continue
            name = segment.strip("{}")
            last = name == names[-1] and template.rstrip("/").endswith(segment)
            removal = method.upper() == "DELETE" and last
            parameters[name] = self._own(name, str(parameters.get(name, "")), path, removal=removal)
            path += f"/{parameters[name]}"

    def allows(self, method: str, path: str) -> bool:
        """Tell whether a request may be sent: it changes nothing, or nothing foreign."""
        if method.upper() in SAFE:
            return True
        bare = path.split("?", 1)[0]
        if not _PLAIN.fullmatch(bare):
            return False
        bare = bare.rstrip("/")
        if bare == self._ground.collection:
            return method.upper() == "POST"
        if bare == self._ground.scaling:
            return method.upper() == "PATCH"
        below = bare.removeprefix(self._ground.collection + "/").split("/")
        exists_nowhere = bare.startswith(self._ground.collection) and below[0] in self._fresh
        return exists_nowhere or self._client.ownership.owns(bare)

    def creates(self, method: str, path: str) -> bool:
        """Tell whether a request would create something that costs: a service or an instance."""
        bare = path.split("?", 1)[0].rstrip("/")
        copies = bare.endswith(("/readReplica", "/restoredService"))
        return method.upper() == "POST" and (bare == self._ground.collection or copies)

    def make_room(self) -> bool:
        """Before a creation, remove older ones of this pass; False when the budget is used up."""
        if self.creations >= self._budget:
            return False
        self.creations += 1
        limit = self._session.target.limits.concurrent_resources
        spare = min(_LIVING, limit - 1) if limit else _LIVING
        for resource in self._disposable(("service", "instance"))[max(spare, 1) - 1 :]:
            # A source goes after its replicas: what is refused now is tried again next time.
            if not remove(self._session, resource).rejected:
                self.deleted.add(resource.path)
        return True

    def note(self, exchange: Exchange) -> None:
        """Learn from an answer what is deleted, and whether the pass's own resource changes."""
        if exchange.request.method in SAFE or not exchange.succeeded:
            return
        path = exchange.request.path.split("?", 1)[0].rstrip("/")
        if exchange.request.method == "DELETE":
            self.deleted.add(path)
        self._settled = self._settled and not path.startswith(self._ground.home)

    def ready(self) -> bool:
        """Tell whether the pass's own resource takes changes; looks only when that may be new."""
        self._settled = self._settled or self._ground.ready(self._session)
        return self._settled

    def exists(self, path: str) -> bool:
        """Tell whether a path lies below a resource of this run that was not deleted."""
        bare = path.split("?", 1)[0].rstrip("/")
        if any(bare == gone or bare.startswith(gone + "/") for gone in self.deleted):
            return False
        return self._client.ownership.owns(bare)

    def resource(self, path: str) -> str:
        """The resource of this run that a path lies in, unless it was deleted; else nothing."""
        bare = path.split("?", 1)[0].rstrip("/")
        while bare and not any(own.path == bare for own in self._client.ownership.remaining()):
            bare = bare.rpartition("/")[0]
        return bare if self.exists(bare) else ""

    def _own(self, name: str, value: str, above: str, *, removal: bool) -> str:
        pin = self._ground.pins.get(name, "")
        if name not in _KINDS:
            return pin or self._new()
        here = f"{above}/{value}"
        spared = removal and value in self._ground.pins.values()
        if not spared and _PLAIN.fullmatch(here) and self._client.ownership.owns(here):
            return value
        if removal:
            kind = _KINDS[name]
            own = (one.id for one in self._disposable((kind,)) if one.path == f"{above}/{one.id}")
            return next(own, None) or self._new()
        belongs = self._client.ownership.owns(f"{above}/{pin}")
        return pin if pin and belongs else self._new()

    def _new(self) -> str:
        value = str(UUID(int=self._random.getrandbits(128), version=4))
        self._fresh.add(value)
        return value

    def _disposable(self, kinds: tuple[str, ...]) -> list[Resource]:
        pins = set(self._ground.pins.values())
        return [
            resource
            for resource in self._client.ownership.remaining(self._client.check)
            if resource.kind in kinds
            and resource.id not in pins
            and resource.path not in self.deleted
        ]
