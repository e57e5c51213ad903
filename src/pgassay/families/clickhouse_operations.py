"""The core operations of the clickhouse family as a table, for rules that hold for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Exchange, Json
from pgassay.families.clickhouse import ClickhouseApi

#: A well-formed id that names nothing.
NOBODY: Final = "3b241101-e2bb-4255-8caf-4136c566a962"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation below an organization's `postgres`, with a valid body where it takes one."""

    name: str
    method: str
    part: str = ""
    body: Json = ...

    def __str__(self) -> str:
        """Name the operation."""
        return self.name

    def path(self, api: ClickhouseApi, service: str = "", organization: str = "") -> str:
        """The path for a service, or for the collection of services."""
        parts = [api.services_path(organization), service, self.part]
        return "/".join(part for part in parts if part)

    def send(
        self,
        api: ClickhouseApi,
        service: str = "",
        *,
        organization: str = "",
        credential: str = "main",
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send the operation's valid request."""
        body = api.creation() if self.name == "create" else self.body
        path = self.path(api, service, organization)
        return api.send(self.method, path, body, credential=credential, headers=headers)


_TAGS: Final[Json] = {"tags": [{"key": "intruder", "value": "1"}]}
_MAPS: Final[Json] = {
    "pgConfig": {"work_mem": "5MB"},
    "pgBouncerConfig": {"default_pool_size": "12"},
}

DELETE: Final = Operation("delete", "DELETE")
#: Operations on a service that do not remove it.
ON_SERVICE: Final = (
    Operation("get", "GET"),
    Operation("patch", "PATCH", body=_TAGS),
    Operation("config-get", "GET", "config"),
    Operation("config-post", "POST", "config", _MAPS),
    Operation("config-patch", "PATCH", "config", _MAPS),
    Operation("metrics", "GET", "prometheus"),
)
ON_ORGANIZATION: Final = (
    Operation("list", "GET"),
    Operation("create", "POST"),
    Operation("organisation-metrics", "GET", "prometheus"),
)
READING: Final = tuple(operation for operation in ON_SERVICE if operation.method == "GET")
WRITING: Final = tuple(operation for operation in ON_SERVICE if operation.method != "GET")
