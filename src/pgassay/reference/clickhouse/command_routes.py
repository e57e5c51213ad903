"""The paths under a service that act on it, or make another service of it."""

from starlette.requests import Request
from starlette.responses import Response

from pgassay.reference.clickhouse.endpoints import SERVICE, Endpoints
from pgassay.reference.http import Operation, Resource, resource
from pgassay.reference.store import Document


class CommandRoutes(Endpoints):
    """Password, state, read replicas and restored services."""

    def resources(self) -> list[Resource]:
        """List the paths; operations have the names of the OpenAPI document."""
        return [
            resource(
                SERVICE + "/password",
                Operation("PATCH", "postgresServiceSetPassword", self.set_password),
            ),
            resource(
                SERVICE + "/state",
                Operation("PATCH", "postgresServicePatchState", self.command),
            ),
            resource(
                SERVICE + "/readReplica",
                Operation("POST", "postgresInstanceCreateReadReplica", self.create_replica),
            ),
            resource(
                SERVICE + "/restoredService",
                Operation("POST", "postgresInstanceRestore", self.restore),
            ),
        ]

    async def set_password(self, request: Request) -> Response:
        """Answer PATCH `/password`; without a body it is asked for a generated one."""
        _, document, body = await self._change(request)
        sent = self.json(request, body) if body else {}
        return self.answer(self.service.set_password(document, sent))

    async def command(self, request: Request) -> Response:
        """Answer PATCH `/state`."""
        organization, document, body = await self._change(request)
        self.service.command(document, self.json(request, body))
        return self.answer(self.service.updated(document, organization))

    async def create_replica(self, request: Request) -> Response:
        """Answer POST `/readReplica` with the new service."""
        _, document, body = await self._change(request)
        replica = self.service.create_replica(document, self.json(request, body))
        return self.answer(self.service.copied(replica))

    async def restore(self, request: Request) -> Response:
        """Answer POST `/restoredService` with the new service."""
        _, document, body = await self._change(request)
        restored = self.service.restore(document, self.json(request, body))
        return self.answer(self.service.copied(restored))

    async def _change(self, request: Request) -> tuple[Document, Document, bytes]:
        organization = self.organization(request, change=True)
        body = await self.body(request)
        return organization, self.find(request, organization), body
