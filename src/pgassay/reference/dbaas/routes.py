"""HTTP of the dbaas family: paths and methods, bodies in, representations out."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pgassay.reference.dbaas.errors import invalid, render_error
from pgassay.reference.dbaas.service import DbaasService
from pgassay.reference.http import (
    Family,
    Operation,
    Resource,
    bearer_token,
    json_response,
    parse_json,
    read_body,
    resource,
)

INSTANCES = "/v1/postgres/instances"
VERSIONS = "/v1/types/postgres/versions"

_WITH_BODY = ("POST", "PUT")

#: An operation of the service: takes the caller, the ids of the path, and the body if there is one.
Action = Callable[..., Any]


def family(service: DbaasService) -> Family:
    """Return the family: its paths are those of API Endpoints and PostgreSQL Versions API."""
    prefixes = ("/v1/postgres", "/v1/types/postgres")
    return Family("dbaas", prefixes, render_error, _routes(service))


def _routes(service: DbaasService) -> list[Resource]:
    def on(method: str, action: Action) -> Operation:
        return _operation(service, method, action)

    # The document writes the list of versions both with a trailing slash and without.
    listing = (on("GET", service.list_instances),) if service.rules.instance_list else ()
    return [
        resource(INSTANCES, *listing, on("POST", service.create_instance)),
        resource(
            INSTANCES + "/{instance}",
            on("GET", service.get_instance),
            on("PUT", service.update_instance),
            on("DELETE", service.delete_instance),
        ),
        resource(
            INSTANCES + "/{instance}/users",
            on("GET", service.list_users),
            on("POST", service.create_user),
        ),
        resource(
            INSTANCES + "/{instance}/users/{user}",
            on("GET", service.get_user),
            on("DELETE", service.delete_user),
        ),
        resource(
            INSTANCES + "/{instance}/databases",
            on("GET", service.list_databases),
            on("POST", service.create_database),
        ),
        resource(
            INSTANCES + "/{instance}/databases/{database}",
            on("GET", service.get_database),
            on("DELETE", service.delete_database),
        ),
        resource(VERSIONS, on("GET", service.list_versions)),
        resource(VERSIONS + "/", on("GET", service.list_versions)),
        resource(VERSIONS + "/{version}", on("GET", service.get_version)),
    ]


def _operation(service: DbaasService, method: str, action: Action) -> Operation:
    async def handle(request: Request) -> Response:
        caller = service.caller(bearer_token(request))
        identifiers = request.path_params.values()
        if method not in _WITH_BODY:
            return _answer(request, service, action(caller, *identifiers))
        body = await _read_object(request, service.settings.body_limit)
        return _answer(request, service, action(caller, *identifiers, body))

    return Operation(method, f"dbaas.{action.__name__}", handle)


async def _read_object(request: Request, limit: int) -> Mapping[str, Any]:
    body = parse_json(request, await read_body(request, limit))
    if not isinstance(body, dict):
        raise invalid(["request body: must be a JSON object"])
    return body


def _answer(request: Request, service: DbaasService, representation: Any) -> Response:
    path: str = request.scope["path"]
    if request.method == "DELETE":
        with_body = service.rules.delete_with_body
        return json_response(200, {}) if with_body else Response(status_code=204)
    if request.method == "POST":
        location = f"{path}/{representation['uuid']}"
        return json_response(201, representation, {"Location": location})
    if service.rules.wrapped_lists and isinstance(representation, list):
        representation = {path.rpartition("/")[2]: representation}
    return json_response(200, representation)
