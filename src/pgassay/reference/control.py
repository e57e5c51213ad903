"""The control endpoint: what a test may ask of a server beyond the documented APIs.

It exists on a server with a control token only, and only for requests that carry the token in
`X-Control-Token`; for all others its paths are unknown ones.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER
from pgassay.reference.failures import TRANSITIONS, Failure, Failures
from pgassay.reference.http import (
    ApiError,
    Operation,
    Resource,
    bad_request,
    json_response,
    not_found,
    parse_json,
    read_body,
    resource,
    same_secret,
)
from pgassay.reference.routing import Router

_PATH = "/_control"

#: Where a Postgres service may be moved from where it is; all else takes a documented operation.
_HEALTH: Mapping[str, tuple[str, ...]] = {
    "running": ("unavailable", "stopped"),
    "unavailable": ("running",),
    "stopped": ("running",),
}
#: The same for instances, users and databases (section Component Status).
_STATUS: Mapping[str, tuple[str, ...]] = {"ACTIVE": ("ERROR",)}

_Model = TypeVar("_Model")


class _Arming(Struct, forbid_unknown_fields=True):
    family: str
    transition: str
    id: str = ""
    name: str = ""
    times: Annotated[int, Meta(ge=1, le=1000)] = 1


class _Moving(Struct, forbid_unknown_fields=True):
    state: str


@dataclass(frozen=True, slots=True)
class Control:
    """The operations of the control endpoint of one server."""

    token: str = field(repr=False)
    clickhouse: ClickhouseService
    dbaas: DbaasService
    failures: Failures
    requests: Counter[str]

    def resources(self) -> tuple[Resource, ...]:
        """List the paths of the endpoint."""
        return (
            resource(f"{_PATH}/requests", Operation("GET", "control.requests", self.show_requests)),
            resource(
                f"{_PATH}/failures",
                Operation("GET", "control.failures", self.show_failures),
                Operation("POST", "control.arm", self.arm),
                Operation("DELETE", "control.clear", self.clear),
            ),
            resource(f"{_PATH}/clusters", Operation("GET", "control.clusters", self.show_clusters)),
            resource(f"{_PATH}/resources/{{id}}", Operation("POST", "control.move", self.move)),
        )

    async def show_requests(self, request: Request) -> Response:
        """Count the requests so far by operation."""
        return json_response(200, dict(sorted(self.requests.items())))

    async def show_failures(self, request: Request) -> Response:
        """List the armed failures."""
        return json_response(200, [asdict(failure) for failure in self.failures.armed])

    async def show_clusters(self, request: Request) -> Response:
        """List the clusters of the data plane and where they listen; none without one."""
        plane = self.dbaas.plane
        places = {each: plane.address(each) for each in plane.clusters()} if plane else {}
        known = [{"id": each, **asdict(place)} for each, place in places.items() if place]
        return json_response(200, known)

    async def clear(self, request: Request) -> Response:
        """Forget the armed failures."""
        self.failures.clear()
        return Response(status_code=204)

    async def arm(self, request: Request) -> Response:
        """Arm a failure; 400 for a transition that the family does not have."""
        wanted = await _body(request, _Arming)
        if wanted.transition not in TRANSITIONS.get(wanted.family, ()):
            known = "; ".join(f"{each}: {', '.join(TRANSITIONS[each])}" for each in TRANSITIONS)
            raise bad_request(f"there is no such family and transition; there are {known}")
        failure = Failure(**msgspec.structs.asdict(wanted))
        self.failures.arm(failure)
        return json_response(201, asdict(failure))

    async def move(self, request: Request) -> Response:
        """Give a resource another state; 404 for an unknown one, 409 where no way leads there."""
        state = (await _body(request, _Moving)).state
        identifier = request.path_params["id"].lower()
        if not (self.move_service(identifier, state) or self.move_component(identifier, state)):
            raise not_found(f"there is no resource {identifier}")
        return json_response(200, {"id": identifier, "state": state})

    def move_service(self, identifier: str, state: str) -> bool:
        """Move a Postgres service; False when the id is none's."""
        api = self.clickhouse
        document = api.present_state(SERVICE, api.store.get(SERVICE, identifier))
        if document is None:
            return False
        _check_way(_HEALTH, document["state"], state)
        api.save({**document, "state": state})
        return True

    def move_component(self, identifier: str, state: str) -> bool:
        """Move an instance, user or database; False when the id is none's."""
        for kind in (INSTANCE, USER, DATABASE):
            document = self.dbaas.found(kind, identifier)
            if document is not None:
                _check_way(_STATUS, document["status"], state)
                self.dbaas.save(kind, {**document, "status": state})
                return True
        return False


class ControlDoor:
    """A middleware that lets who has the token in, and everybody else pass by.

    So nothing of the endpoint shows, and its requests are not among those that are counted.
    """

    def __init__(self, app: ASGIApp, control: Control) -> None:
        self._app = app
        self._token = control.token
        self._router = Router(control.resources())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the token, and pass on any other."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{_PATH}/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if not same_secret(request.headers.get("x-control-token", ""), self._token):
            await self._app(scope, receive, send)
            return
        try:
            response = await self._answer(request)
        except ApiError as error:
            response = json_response(error.status, {"error": str(error)}, error.headers)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        found = self._router.find(request.scope["path"])
        if found is None:
            raise not_found("no such path")
        resource, request.scope["path_params"] = found
        return await resource.operation(request.method).handler(request)


async def _body(request: Request, model: type[_Model]) -> _Model:
    value: Any = parse_json(request, await read_body(request, 64 * 1024))
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError as error:
        raise bad_request(f"request body: {error}") from None


def _check_way(ways: Mapping[str, tuple[str, ...]], present: str, wanted: str) -> None:
    if wanted not in ways.get(present, ()):
        possible = ", ".join(ways.get(present, ())) or "nothing"
        raise ApiError(409, "CONFLICT", f"from {present} the way leads to {possible}")
