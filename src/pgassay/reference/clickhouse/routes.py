"""The paths of the clickhouse family: read the request, call the service, write the answer."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import (
    ApiError,
    Family,
    Operation,
    bad_request,
    basic_credentials,
    json_response,
    parse_json,
    read_body,
    resource,
)
from pgassay.reference.store import Document

_ROOT = "/v1/organizations"
_ORGANIZATION = _ROOT + "/{organization}"
_SERVICES = _ORGANIZATION + "/postgres"
_SERVICE = _SERVICES + "/{service}"
_SCALING = _ORGANIZATION + "/services/{service}/clickpipesCdcScaling"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MERGE_PATCH = ("application/json", "application/merge-patch+json")
_EXPOSITION = "text/plain; charset=UTF-8"


def family(service: ClickhouseService) -> Family:
    """Return the family served by a service."""
    routes = _Routes(service)
    return Family("clickhouse", (_ROOT,), routes.refuse, routes.resources())


class _Routes:
    def __init__(self, service: ClickhouseService) -> None:
        self._service = service

    def resources(self) -> list[BaseRoute]:
        """List the paths; operations have the names of the OpenAPI document."""
        return [
            resource(_ROOT, Operation("GET", "organizationGetList", self.organizations)),
            resource(
                _SERVICES,
                Operation("GET", "postgresServiceGetList", self.list),
                Operation("POST", "postgresServiceCreate", self.create),
            ),
            # Before the single service, whose id "prometheus" would otherwise be.
            resource(
                _SERVICES + "/prometheus",
                Operation("GET", "postgresOrgPrometheusGet", self.organization_metrics),
            ),
            resource(
                _SERVICE,
                Operation("GET", "postgresServiceGet", self.get),
                Operation("PATCH", "postgresServicePatch", self.update),
                Operation("DELETE", "postgresServiceDelete", self.delete),
            ),
            resource(
                _SERVICE + "/config",
                Operation("GET", "postgresInstanceConfigGet", self.configuration),
                Operation("POST", "postgresInstanceConfigPost", self.replace_configuration),
                Operation("PATCH", "postgresInstanceConfigPatch", self.merge_configuration),
            ),
            resource(
                _SERVICE + "/prometheus",
                Operation("GET", "postgresInstancePrometheusGet", self.service_metrics),
            ),
            resource(
                _SCALING,
                Operation("GET", "clickPipeCdcScalingGet", self.scaling),
                Operation("PATCH", "clickPipeCdcScalingUpdate", self.scale),
            ),
        ]

    def refuse(self, error: ApiError) -> Response:
        """Write a refusal in the family's envelope."""
        request_id = self._service.request_id()
        body = {"status": error.status, "error": str(error), "requestId": request_id}
        return json_response(error.status, body, error.headers)

    async def organizations(self, request: Request) -> Response:
        key = self._service.authenticate(basic_credentials(request))
        return self._answer(self._service.organizations(key))

    async def list(self, request: Request) -> Response:
        documents = self._service.services(self._organization(request))
        return self._answer([self._service.summary(document) for document in documents])

    async def create(self, request: Request) -> Response:
        organization = self._organization(request, change=True)
        body = await self._body(request)
        document = self._service.create(organization, parse_json(request, body))
        return self._answer(self._service.created(document))

    async def get(self, request: Request) -> Response:
        organization = self._organization(request)
        document = self._find(request, organization)
        secret = not self._service.redacts(organization)
        return self._answer(self._service.details(document, secret=secret))

    async def update(self, request: Request) -> Response:
        organization = self._organization(request, change=True)
        body = await self._body(request)
        document = self._find(request, organization)
        self._service.update(document, parse_json(request, body, _MERGE_PATCH))
        return self._answer(self._service.updated(document, organization))

    async def delete(self, request: Request) -> Response:
        self._service.delete(self._find(request, self._organization(request, change=True)))
        return self._answer()

    async def configuration(self, request: Request) -> Response:
        document = self._find(request, self._organization(request))
        return self._answer(self._service.configuration(document))

    async def replace_configuration(self, request: Request) -> Response:
        organization = self._organization(request, change=True)
        body = await self._body(request)
        document = self._find(request, organization)
        answer = self._service.replace_configuration(document, parse_json(request, body))
        return self._answer(answer)

    async def merge_configuration(self, request: Request) -> Response:
        organization = self._organization(request, change=True)
        body = await self._body(request)
        document = self._find(request, organization)
        sent = parse_json(request, body, _MERGE_PATCH)
        return self._answer(self._service.merge_configuration(document, sent))

    async def organization_metrics(self, request: Request) -> Response:
        organization = self._organization(request)
        documents = self._service.services(organization)
        text = self._service.organization_metrics(organization, documents)
        return Response(text, headers={"Content-Type": _EXPOSITION})

    async def service_metrics(self, request: Request) -> Response:
        organization = self._organization(request)
        document = self._find(request, organization)
        text = self._service.exposition(organization, [document])
        return Response(text, headers={"Content-Type": _EXPOSITION})

    async def scaling(self, request: Request) -> Response:
        organization = self._organization(request)
        warehouse = self._service.find_warehouse(organization, self._id(request, "service"))
        return self._answer(self._service.scaling(warehouse))

    async def scale(self, request: Request) -> Response:
        organization = self._organization(request, change=True)
        body = await self._body(request)
        warehouse = self._service.find_warehouse(organization, self._id(request, "service"))
        sent = parse_json(request, body, _MERGE_PATCH)
        return self._answer(self._service.scale(warehouse, sent))

    def _organization(self, request: Request, *, change: bool = False) -> Document:
        key = self._service.authenticate(basic_credentials(request))
        organization_id = self._id(request, "organization")
        organization = self._service.authorize_organization(key, organization_id)
        if change:
            self._service.authorize_change(key)
        return organization

    def _find(self, request: Request, organization: Document) -> Document:
        return self._service.find_service(organization, self._id(request, "service"))

    def _id(self, request: Request, parameter: str) -> str:
        value: str = request.path_params[parameter].lower()
        if not _UUID.fullmatch(value):
            raise bad_request(f"Invalid {parameter} id: a UUID is expected")
        return value

    async def _body(self, request: Request) -> bytes:
        return await read_body(request, self._service.settings.body_limit)

    def _answer(self, result: object = None) -> Response:
        return json_response(200, self._service.envelope(result))
