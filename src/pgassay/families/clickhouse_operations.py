"""Every operation of the clickhouse family as a request that is carried out for whoever may.

For rules about who that is, and about what the others get. The paths are those of the OpenAPI
document.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from pgassay.clock import utc_now
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect_equal, expect_rejected, expect_status
from pgassay.families.clickhouse import ClickhouseApi
from pgassay.families.clickhouse_expectations import everything, newcomers, pair_of
from pgassay.values.credentials import Intruder
from pgassay.values.windows import last_hour, moment

#: A well-formed id that names nothing.
NOBODY: Final = "3b241101-e2bb-4255-8caf-4136c566a962"
#: Whoever may do everything.
OWNER: Final = Intruder("", "main")
_ORGANIZATION: Final = "/v1/organizations/{organizationId}"
_SERVICES: Final = _ORGANIZATION + "/postgres"
_SERVICE: Final = _SERVICES + "/{postgresId}"
_SCALING: Final = _ORGANIZATION + "/services/{serviceId}/clickpipesCdcScaling"
_MAPS: Final[Json] = {
    "pgConfig": {"work_mem": "5MB"},
    "pgBouncerConfig": {"default_pool_size": "12"},
}

Body = Callable[[ClickhouseApi], Json]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document: `template` is its path, `body` and `query` are valid."""

    id: str
    method: str
    template: str
    feature: str = ""
    body: Body | None = None
    query: Callable[[], dict[str, str]] | None = None

    def __str__(self) -> str:
        """The operation's id, which pytest shows."""
        return self.id

    @property
    def changes(self) -> bool:
        """Tell whether the operation creates, changes or deletes something."""
        return self.method != "GET"

    @property
    def about_a_service(self) -> bool:
        """Tell whether the path names a service, of Postgres or of ClickHouse."""
        return "{postgresId}" in self.template or "{serviceId}" in self.template

    def path(self, api: ClickhouseApi, service: str, organization: str = "") -> str:
        """The path and query for a Postgres service, or for the ClickHouse service to scale."""
        path = self.template.format(
            organizationId=organization or api.organization_id,
            postgresId=service,
            serviceId=NOBODY if service == NOBODY else api.settings.service_id or NOBODY,
            queryId="1",
        )
        return path + (f"?{urlencode(self.query())}" if self.query else "")

    def send(
        self, api: ClickhouseApi, service: str, intruder: Intruder = OWNER, body: Json = None
    ) -> Exchange:
        """Send the operation's request as the owner or another; a valid one without `body`."""
        path = self.path(api, service, intruder.organization)
        body = self.valid_body(api) if body is None else body
        headers, credential = intruder.headers, intruder.credential
        return api.send(self.method, path, body, credential=credential, headers=headers)

    def valid_body(self, api: ClickhouseApi) -> Json:
        """A valid body, or `...` where the operation has none."""
        return self.body(api) if self.body else ...

    def served(self, api: ClickhouseApi) -> bool:
        """Tell whether the target claims the operation, and has what it is about."""
        claimed = not self.feature or api.client.target.features.get(self.feature, False)
        return claimed and (self.template != _SCALING or api.settings.service_id != "")

    def look(self, api: ClickhouseApi, service: str, body: Json) -> Callable[[], Json]:
        """A look at what the operation might change or create."""
        if not self.changes:
            return lambda: None
        if self.template == _SCALING and self.served(api):
            api.remember_scaling()
            return api.scaling_pair
        new = newcomers(api, body)
        return lambda: {"service": everything(api, service), "new": new()}


def expect_kept_out(
    api: ClickhouseApi,
    operation: Operation,
    intruders: Iterable[Intruder],
    *,
    service: str = "",
    status: int = 0,
) -> None:
    """Expect that intruders are refused an operation without effect.

    Where the target claims the operation, it is refused with `status` if that is given. The
    service is the one that checks may change: where the rule is broken, it is changed. That its
    owner reads it before and after is the proof that it was there to be reached.
    """
    service, body = service or api.common_service(), operation.valid_body(api)
    look = operation.look(api, service, body)
    before = look()
    for intruder in intruders:
        exchange = operation.send(api, service, intruder, body)
        expect_rejected(exchange, intruder.who)
        if status and operation.served(api):
            expect_status(exchange, status)
    if operation.changes:
        expect_equal(look(), before, "what was refused to change")


def _a_minute_ago() -> str:
    return moment(utc_now() - timedelta(minutes=1))


def _details() -> dict[str, str]:
    return {"db_name": "postgres", "db_user": "postgres", "db_operation": "SELECT"}


OPERATIONS: Final = (
    Operation("organizationGetList", "GET", "/v1/organizations"),
    Operation("clickPipeCdcScalingGet", "GET", _SCALING),
    Operation("clickPipeCdcScalingUpdate", "PATCH", _SCALING, body=lambda api: pair_of(9)),
    Operation("postgresServiceCreate", "POST", _SERVICES, body=lambda api: api.creation()),
    Operation("postgresServiceGetList", "GET", _SERVICES),
    Operation("postgresOrgPrometheusGet", "GET", _SERVICES + "/prometheus"),
    Operation("postgresServiceGet", "GET", _SERVICE),
    Operation("postgresServiceDelete", "DELETE", _SERVICE),
    Operation(
        "postgresServicePatch",
        "PATCH",
        _SERVICE,
        body=lambda api: {"tags": [{"key": "intruder", "value": "1"}]},
    ),
    Operation("postgresServiceCertsGet", "GET", _SERVICE + "/caCertificates", "certificates"),
    Operation(
        "postgresInstanceRestore",
        "POST",
        _SERVICE + "/restoredService",
        "restore",
        lambda api: {"name": api.names.words(), "restoreTarget": _a_minute_ago()},
    ),
    Operation(
        "postgresServiceSetPassword", "PATCH", _SERVICE + "/password", "password", lambda api: {}
    ),
    Operation(
        "postgresServicePatchState",
        "PATCH",
        _SERVICE + "/state",
        "state_commands",
        lambda api: {"command": "restart"},
    ),
    Operation(
        "postgresInstanceCreateReadReplica",
        "POST",
        _SERVICE + "/readReplica",
        "read_replicas",
        lambda api: {"name": api.names.words()},
    ),
    Operation("postgresInstanceConfigGet", "GET", _SERVICE + "/config"),
    Operation("postgresInstanceConfigPost", "POST", _SERVICE + "/config", body=lambda api: _MAPS),
    Operation("postgresInstanceConfigPatch", "PATCH", _SERVICE + "/config", body=lambda api: _MAPS),
    Operation("postgresInstancePrometheusGet", "GET", _SERVICE + "/prometheus"),
    Operation(
        "postgresInstanceMetricsGet", "GET", _SERVICE + "/metrics", "metrics", None, last_hour
    ),
    Operation(
        "slowQueryPatternsGetList",
        "GET",
        _SERVICE + "/slowQueryPatterns",
        "slow_queries",
        None,
        last_hour,
    ),
    Operation(
        "slowQueryPatternGet",
        "GET",
        _SERVICE + "/slowQueryPatterns/{queryId}",
        "slow_queries",
        None,
        _details,
    ),
)
#: Those that create, change or delete.
CHANGES: Final = tuple(each for each in OPERATIONS if each.changes)
#: Those on a service, of Postgres or of ClickHouse.
ON_SERVICE: Final = tuple(each for each in OPERATIONS if each.about_a_service)
#: Those on a Postgres service.
ON_POSTGRES: Final = tuple(each for each in OPERATIONS if "{postgresId}" in each.template)
#: Those on an organization, with a Postgres service or without.
ON_ORGANIZATION: Final = tuple(
    operation for operation in OPERATIONS if operation.template.count("{")
)
