"""What checks of the HTTP protocol need of a family: its paths, and a change that shows.

HTTP is the same for all families, so that its checks are written once, for a `Site`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pgassay.client import Client
from pgassay.deviation import NotApplicable
from pgassay.exchange import Exchange, Request
from pgassay.families.clickhouse import ClickhouseApi
from pgassay.families.clickhouse_operations import NOBODY
from pgassay.families.dbaas import DbaasApi, identity
from pgassay.specification import specification
from pgassay.target.model import Family
from pgassay.wire import Conversation, Form, Message, plain

#: Where the OpenAPI document puts the dbaas family.
_INSTANCES: Final = "/v1/postgres"
_VERSIONS: Final = "/v1/types/postgres"


@dataclass(frozen=True, slots=True)
class Deed:
    """A valid request that makes a change, and whether the change can be seen."""

    request: Request
    done: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Site:
    """One family of a target.

    Attributes:
        thing: The path of a resource that the run owns.
        path: Gives the path of a template of the OpenAPI document, with ids of what exists.
            Raises `NotApplicable` where nothing is known that could stand for one.
        deed: Makes a change that was not made before.
        restore: Puts back what deeds changed.
    """

    client: Client
    family: Family
    thing: str
    path: Callable[[str], str]
    deed: Callable[[], Deed]
    restore: Callable[[], None]

    def request(self, method: str, path: str = "", **headers: str) -> Request:
        """A request without a body; of the thing, unless another path is given."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(method, path or self.thing, named, family=self.family)

    def send(self, method: str, path: str = "", **headers: str) -> Exchange:
        """Send such a request as any client does."""
        return self.client.send(self.request(method, path, **headers))

    def say(self, request: Request, form: Form = plain, *, linger: float = 0.0) -> Conversation:
        """Send one request in a form of its own, on a connection of its own."""
        return self.client.converse(Message(request, form), linger=linger)


def templates(*methods: str) -> list[tuple[Family, str]]:
    """Families and path templates of the OpenAPI document that have one of `methods`, or any."""
    found = {
        (operation.family, operation.template): None
        for operation in specification().operations
        if not methods or operation.method in methods
    }
    return list(found)


def clickhouse_site(api: ClickhouseApi, service: Mapping[str, Any]) -> Site:
    """The clickhouse family at a service, whose tags change."""
    home, tags = api.path(service["id"]), list(service.get("tags") or [])
    ids = {
        "organizationId": api.organization_id,
        "postgresId": service["id"],
        "serviceId": api.settings.service_id,
        "queryId": NOBODY,
    }
    made: list[Deed] = []

    def path(template: str) -> str:
        if "{serviceId}" in template and not api.settings.service_id:
            raise NotApplicable("the target file names no ClickHouse service")
        return template.format(**ids)

    def deed() -> Deed:
        tag = {"key": "deed", "value": api.names.identifier()}
        body = {"tags": [*tags, tag]}
        made.append(
            Deed(
                Request.of("PATCH", home, json_body=body, family=Family.CLICKHOUSE),
                lambda: tag in (api.shown(service["id"]).get("tags") or []),
            )
        )
        return made[-1]

    def restore() -> None:
        if made:
            api.patch(service["id"], {"tags": tags})

    return Site(api.client, Family.CLICKHOUSE, home, path, deed, restore)


def dbaas_site(api: DbaasApi, instance: str, user: str) -> Site:
    """The dbaas family at an instance, which gets users."""
    settings = api.settings
    version = api.version_reference.rsplit("/", 1)[-1]

    def path(template: str) -> str:
        own = template.replace(_VERSIONS, settings.reference_prefix, 1)
        if own == template:
            own = template.replace(_INSTANCES, settings.prefix, 1)
        slash = "/" if settings.collection_slash and not template.endswith("}") else ""
        ids = {"uuid": version if template.startswith(_VERSIONS) else instance, "user_uuid": user}
        if "{db_uuid}" in template:
            ids["db_uuid"] = identity(api.proof_of_database(instance, user))
        return own.format(**ids) + slash

    def deed() -> Deed:
        body = api.user_creation()
        place = api.collection("instances", instance, "users")
        return Deed(
            Request.of("POST", place, json_body=body, family=api.family),
            lambda: body["name"] in api.users(instance).text,
        )

    return Site(api.client, api.family, api.path(instance), path, deed, lambda: None)
