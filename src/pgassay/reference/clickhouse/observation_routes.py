"""The paths by which a service is observed: certificates, metrics, slow queries."""

from starlette.requests import Request
from starlette.responses import Response

from pgassay.reference.clickhouse.endpoints import SERVICE, Endpoints
from pgassay.reference.http import Operation, Resource, resource
from pgassay.reference.query_string import QueryString

_PEM = {
    "Content-Type": "application/x-pem-file",
    "Content-Disposition": 'attachment; filename="postgres-ca-certificate.pem"',
}
_PATTERNS = SERVICE + "/slowQueryPatterns"


class ObservationRoutes(Endpoints):
    """Requests that read what the service knows about its databases."""

    def resources(self) -> list[Resource]:
        """List the paths; operations have the names of the OpenAPI document."""
        return [
            resource(
                SERVICE + "/caCertificates",
                Operation("GET", "postgresServiceCertsGet", self.certificates),
            ),
            resource(
                SERVICE + "/metrics",
                Operation("GET", "postgresInstanceMetricsGet", self.metrics),
            ),
            resource(_PATTERNS, Operation("GET", "slowQueryPatternsGetList", self.patterns)),
            resource(
                _PATTERNS + "/{query}",
                Operation("GET", "slowQueryPatternGet", self.pattern),
            ),
        ]

    def query(self, request: Request) -> QueryString:
        """Read the query string; ApiError 400."""
        only = self.service.rules.milliseconds_only
        return QueryString(request, milliseconds_only=only)

    async def certificates(self, request: Request) -> Response:
        """Answer with the CA certificates as a file."""
        document = self.find(request, self.organization(request))
        return Response(self.service.certificates(document), headers=_PEM)

    async def metrics(self, request: Request) -> Response:
        """Answer with time series."""
        document = self.find(request, self.organization(request))
        return self.answer(self.service.metrics(document, self.query(request)))

    async def patterns(self, request: Request) -> Response:
        """Answer with a page of the slow query patterns."""
        document = self.find(request, self.organization(request))
        return self.answer(self.service.query_patterns(document, self.query(request)))

    async def pattern(self, request: Request) -> Response:
        """Answer with one pattern and its latest executions."""
        document = self.find(request, self.organization(request))
        query_id = request.path_params["query"]
        return self.answer(self.service.query_pattern(document, query_id, self.query(request)))
