"""The paths of the clickhouse family: read the request, call the service, write the answer."""

from starlette.requests import Request
from starlette.responses import Response

from pgassay.reference.clickhouse.command_routes import CommandRoutes
from pgassay.reference.clickhouse.endpoints import ROOT, SCALING, SERVICE, SERVICES, Endpoints
from pgassay.reference.clickhouse.observation_routes import ObservationRoutes
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import (
    ApiError,
    Family,
    Operation,
    Resource,
    json_response,
    resource,
)

_EXPOSITION = "text/plain; charset=UTF-8"


def family(service: ClickhouseService) -> Family:
    """Return the family served by a service."""
    routes = _Routes(service)
    areas = (routes, CommandRoutes(service), ObservationRoutes(service))
    resources = [each for area in areas for each in area.resources()]
    return Family("clickhouse", (ROOT,), routes.refuse, resources)


class _Routes(Endpoints):
    def resources(self) -> list[Resource]:
        """List the paths; operations have the names of the OpenAPI document."""
        return [
            resource(ROOT, Operation("GET", "organizationGetList", self.organizations)),
            resource(
                SERVICES,
                Operation("GET", "postgresServiceGetList", self.list),
                Operation("POST", "postgresServiceCreate", self.create),
            ),
            # Before the single service, whose id "prometheus" would otherwise be.
            resource(
                SERVICES + "/prometheus",
                Operation("GET", "postgresOrgPrometheusGet", self.organization_metrics),
            ),
            resource(
                SERVICE,
                Operation("GET", "postgresServiceGet", self.get),
                Operation("PATCH", "postgresServicePatch", self.update),
                Operation("DELETE", "postgresServiceDelete", self.delete),
            ),
            resource(
                SERVICE + "/config",
                Operation("GET", "postgresInstanceConfigGet", self.configuration),
                Operation("POST", "postgresInstanceConfigPost", self.replace_configuration),
                Operation("PATCH", "postgresInstanceConfigPatch", self.merge_configuration),
            ),
            resource(
                SERVICE + "/prometheus",
                Operation("GET", "postgresInstancePrometheusGet", self.service_metrics),
            ),
            resource(
                SCALING,
                Operation("GET", "clickPipeCdcScalingGet", self.scaling),
                Operation("PATCH", "clickPipeCdcScalingUpdate", self.scale),
            ),
        ]

    def refuse(self, error: ApiError) -> Response:
        """Write a refusal in the family's envelope."""
        request_id = self.service.request_id()
        body = {"status": error.status, "error": str(error), "requestId": request_id}
        return json_response(error.status, body, error.headers)

    async def organizations(self, request: Request) -> Response:
        key = self.key(request)
        return self.answer(self.service.organizations(key))

    async def list(self, request: Request) -> Response:
        documents = self.service.services(self.organization(request))
        return self.answer([self.service.item(document) for document in documents])

    async def create(self, request: Request) -> Response:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        document = self.service.create(organization, self.json(request, body))
        return self.answer(self.service.created(document))

    async def get(self, request: Request) -> Response:
        organization = self.organization(request)
        document = self.find(request, organization)
        return self.answer(self.service.read(document, organization))

    async def update(self, request: Request) -> Response:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        document = self.find(request, organization)
        self.service.update(document, self.json(request, body, patch=True))
        return self.answer(self.service.updated(document, organization))

    async def delete(self, request: Request) -> Response:
        self.service.delete(self.find(request, self.organization(request, change=True)))
        return self.answer()

    async def configuration(self, request: Request) -> Response:
        document = self.find(request, self.organization(request))
        return self.answer(self.service.configuration(document))

    async def replace_configuration(self, request: Request) -> Response:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        document = self.find(request, organization)
        answer = self.service.replace_configuration(document, self.json(request, body))
        return self.answer(answer)

    async def merge_configuration(self, request: Request) -> Response:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        document = self.find(request, organization)
        sent = self.json(request, body, patch=True)
        return self.answer(self.service.merge_configuration(document, sent))

    async def organization_metrics(self, request: Request) -> Response:
        organization = self.organization(request)
        documents = self.service.services(organization)
        text = self.service.organization_metrics(organization, documents)
        return Response(text, headers={"Content-Type": _EXPOSITION})

    async def service_metrics(self, request: Request) -> Response:
        organization = self.organization(request)
        document = self.find(request, organization)
        text = self.service.exposition(organization, [document])
        return Response(text, headers={"Content-Type": _EXPOSITION})

    async def scaling(self, request: Request) -> Response:
        organization = self.organization(request)
        warehouse = self.service.find_warehouse(organization, self.id(request, "service"))
        return self.answer(self.service.scaling(warehouse))

    async def scale(self, request: Request) -> Response:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        warehouse = self.service.find_warehouse(organization, self.id(request, "service"))
        sent = self.json(request, body, patch=True)
        return self.answer(self.service.scale(warehouse, sent))
