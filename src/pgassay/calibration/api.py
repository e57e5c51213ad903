"""The dbaas API in front of the instances: what each request does, and what it is answered.

Paths and shapes are those of the PostgreSQL Service API, section API Endpoints.
"""

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from pgassay.calibration.instances import Instances

_INSTANCES: Final = "/v1/postgres/instances"
_VERSIONS: Final = "/v1/types/postgres/versions"
_KINDS: Final = {
    400: "ValidationError",
    404: "NotFoundError",
    429: "TooManyRequestsError",
    500: "InternalError",
}
_ON_COLLECTION: Final = {"GET": "list", "POST": "create"}
_ON_INSTANCE: Final = {"GET": "get", "PUT": "update", "DELETE": "delete"}
_CHILDREN: Final = ("users", "databases")
_REQUIRED: Final = ("name", "version")
_VERSION: Final = {
    "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, "pgassay calibration")),
    "name": "PostgreSQL 17",
    "description": "of the calibration server",
    "image": "postgres:17",
    "created_at": "2025-01-01T00:00:00.000000Z",
    "updated_at": "2025-01-01T00:00:00.000000Z",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and the moment (seconds of the server's clock) at which it had arrived."""

    method: str
    path: str
    body: bytes
    now: float

    @property
    def last(self) -> str:
        """The last part of the path: the identifier, where one resource is meant."""
        return self.path.rpartition("/")[2]

    @property
    def operation(self) -> str:
        """Which of the operations it is; "unknown" where there is none."""
        if self.path == "/ping":
            return "ping"
        if self.path.startswith(_VERSIONS):
            return "versions"
        if not self.path.startswith(_INSTANCES):
            return "unknown"
        parts = self.path.removeprefix(_INSTANCES).strip("/").split("/")
        if len(parts) > 1:
            return "child" if parts[1] in _CHILDREN and len(parts) <= 3 else "unknown"
        return (_ON_INSTANCE if parts[0] else _ON_COLLECTION).get(self.method, "unknown")

    @property
    def object(self) -> dict[str, Any] | None:
        """The body, where it is a JSON object."""
        try:
            found = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; status 0 resets the connection instead."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


_Handler: TypeAlias = Callable[[Request], Answer]
_PONG: Final = Answer(200, b'{"status":"ok","service":"calibration","answer":"constant"}')


class Api:
    """The operations; each takes effect when it is called."""

    def __init__(self, instances: Instances) -> None:
        self._instances = instances
        self._handlers: Mapping[str, _Handler] = {
            "ping": lambda request: _PONG,
            "versions": _versions,
            "create": self._create,
            "list": lambda request: shown(instances.listing(request.now)),
            "get": lambda request: _found(instances.get(request.last, request.now)),
            "update": self._update,
            "delete": self._delete,
            "child": self._child,
        }

    def answer(self, request: Request) -> Answer:
        """Carry a request out."""
        handler = self._handlers.get(request.operation)
        if handler is None:
            return refusal(404, f"there is nothing at {request.method} {request.path}")
        return handler(request)

    def _create(self, request: Request) -> Answer:
        wanted = request.object
        if wanted is None or not all(isinstance(wanted.get(key), str) for key in _REQUIRED):
            return refusal(400, "an instance needs a name and a version")
        created = self._instances.create(wanted, request.now)
        return shown(created, 201, {"Location": f"{_INSTANCES}/{created['uuid']}"})

    def _update(self, request: Request) -> Answer:
        wanted = request.object
        if wanted is None:
            return refusal(400, "the body must be a JSON object")
        return _found(self._instances.update(request.last, wanted, request.now))

    def _delete(self, request: Request) -> Answer:
        return Answer(204) if self._instances.delete(request.last, request.now) else _found(None)

    def _child(self, request: Request) -> Answer:
        """Users and databases of an instance; they are ACTIVE at once."""
        identifier, _, rest = request.path.removeprefix(f"{_INSTANCES}/").partition("/")
        collection, _, child = rest.partition("/")
        instance = self._instances.find(identifier, request.now)
        if instance is None:
            return _found(None)
        held = instance.children.setdefault(collection, {})
        if request.method == "POST" and not child:
            created = _new_child(request.object or {}, identifier, instance.value)
            held[created["uuid"]] = created
            return shown(created, 201, {"Location": f"{request.path}/{created['uuid']}"})
        if request.method == "GET":
            return _found(held.get(child)) if child else shown(list(held.values()))
        removed = request.method == "DELETE" and held.pop(child, None)
        return Answer(204) if removed else _found(None)


def shown(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, msgspec.json.encode(value), headers or {})


def refusal(status: int, message: str) -> Answer:
    """An answer in the envelope of errors."""
    return shown({"code": status, "type": _KINDS[status], "message": message}, status)


def throttled(seconds: float | None) -> Answer:
    """A refusal that asks for a wait of `seconds`; None names no time.

    Retry-After counts whole seconds (RFC 9110, section 10.2.3), never fewer than are really left.
    """
    answer = refusal(429, "too many requests")
    asked = {} if seconds is None else {"Retry-After": str(math.ceil(seconds))}
    return Answer(answer.status, answer.body, asked)


def _versions(request: Request) -> Answer:
    identifier = request.path.removeprefix(_VERSIONS).strip("/")
    if not identifier:
        return shown({"versions": [_VERSION]})
    return _found(_VERSION if identifier == _VERSION["uuid"] else None)


def _new_child(body: Mapping[str, Any], instance: str, parent: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in body.items() if name != "password"}
    identity = {"uuid": str(uuid.uuid4()), "instance": f"{_INSTANCES}/{instance}"}
    times = dict.fromkeys(("created_at", "updated_at"), parent["updated_at"])
    return {"description": ""} | given | identity | {"status": "ACTIVE"} | times


def _found(value: Mapping[str, Any] | None) -> Answer:
    return shown(value) if value else refusal(404, "there is no such resource")
