"""The operations of the PostgreSQL Service API as data, for checks that hold for each of them.

Source: PostgreSQL Service API, "API Endpoints".
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.deviation import NotApplicable
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, same, show
from pgassay.families.dbaas import DbaasApi
from pgassay.target.model import Credential, Scheme
from pgassay.values.credentials import Intruder


@dataclass(frozen=True, slots=True)
class Scene:
    """The things that operations act on, by uuid; a database is made where one is needed."""

    instance: str
    user: str
    database: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its method, and its path and body in a scene.

    `acts_on` is the kind of thing whose uuid ends the path or, for a collection, precedes its
    name; empty where the path has no uuid.
    """

    name: str
    method: str
    acts_on: str
    path: Callable[[DbaasApi, Scene], str]
    body: Callable[[DbaasApi, Scene], Json] | None = None

    def __str__(self) -> str:
        """The name, which pytest shows."""
        return self.name

    def send(
        self,
        api: DbaasApi,
        scene: Scene,
        *,
        credential: str = "main",
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send the operation's valid request in `scene`."""
        return api.send(
            self.method,
            self.path(api, scene),
            self.valid_body(api, scene),
            credential=credential,
            headers=headers,
        )

    def valid_body(self, api: DbaasApi, scene: Scene) -> Json:
        """A valid body, or `...` where the operation has none."""
        return self.body(api, scene) if self.body else ...


def _version(api: DbaasApi, scene: Scene) -> str:
    return f"{api.settings.reference_prefix}/versions/{scene.version}"


_instance = Operation(
    "read-instance", "GET", "instance", lambda api, scene: api.path(scene.instance)
)
_user = Operation(
    "read-user", "GET", "user", lambda api, scene: api.path(scene.instance, "users", scene.user)
)
_database = Operation(
    "read-database",
    "GET",
    "database",
    lambda api, scene: api.path(scene.instance, "databases", scene.database),
)
_users = Operation(
    "list-users",
    "GET",
    "instance",
    lambda api, scene: api.collection("instances", scene.instance, "users"),
)
_databases = Operation(
    "list-databases",
    "GET",
    "instance",
    lambda api, scene: api.collection("instances", scene.instance, "databases"),
)

READS: Final = (_instance, _users, _user, _databases, _database)
CREATIONS: Final = (
    Operation(
        "create-user",
        "POST",
        "instance",
        _users.path,
        lambda api, scene: api.user_creation(),
    ),
    Operation(
        "create-database",
        "POST",
        "instance",
        _databases.path,
        lambda api, scene: api.database_creation(scene.instance, scene.user),
    ),
)
UPDATE: Final = Operation(
    "update-instance",
    "PUT",
    "instance",
    _instance.path,
    lambda api, scene: api.creation(description="changed by pgassay"),
)
INSTANCE_CREATION: Final = Operation(
    "create-instance",
    "POST",
    "",
    lambda api, scene: api.collection("instances"),
    lambda api, scene: api.creation(),
)
VERSION_READ: Final = Operation("read-version", "GET", "version", _version)
VERSION_LIST: Final = Operation("list-versions", "GET", "", lambda api, scene: api.versions_path())
DELETIONS: Final = (
    Operation("delete-database", "DELETE", "database", _database.path),
    Operation("delete-user", "DELETE", "user", _user.path),
    Operation("delete-instance", "DELETE", "instance", _instance.path),
)

#: Operations on an instance and what belongs to it; deletions last, children before parents.
ON_INSTANCES: Final = (*READS, *CREATIONS, UPDATE, *DELETIONS)
OPERATIONS: Final = (VERSION_LIST, VERSION_READ, INSTANCE_CREATION, *ON_INSTANCES)


def scene_for(api: DbaasApi, operation: Operation, instance: str, user: str) -> Scene:
    """A scene in the shared instance; what the operation would delete is made for it."""
    deletes = operation.method == "DELETE"
    if deletes and operation.acts_on == "instance":
        return Scene(str(api.pool.look(worn=True)["uuid"]), user)
    owner = api.new_user(instance) if deletes and operation.acts_on == "user" else user
    database = api.new_database(instance, owner) if operation.acts_on == "database" else ""
    return Scene(instance, owner, database, api.version_reference.rsplit("/", 1)[-1])


def state_of(api: DbaasApi, operation: Operation, scene: Scene, body: Json = None) -> Json:
    """What an operation might change, as the main credential sees it now."""
    if operation is INSTANCE_CREATION:
        return api.instances_named(body["name"]) if body else None
    if operation.method == "GET":
        return None
    if operation.name.endswith("-instance"):
        return api.representation(scene.instance)
    listed = api.users if operation.name.endswith("-user") else api.databases
    return api.lasting(listed(scene.instance))


def expect_denied(
    api: DbaasApi,
    operation: Operation,
    scene: Scene,
    intruders: Iterable[Intruder],
    statuses: Container[int] = frozenset({401, 403}),
) -> None:
    """Expect that an operation is denied to each of the intruders and changes nothing."""
    before = state_of(api, operation, scene)
    for intruder in intruders:
        exchange = operation.send(
            api, scene, credential=intruder.credential, headers=intruder.headers
        )
        expect(
            exchange.status in statuses,
            f"{operation} is not denied although {intruder.who}",
            expected="401 or 403" if 404 not in statuses else "401, 403 or 404",
            actual=exchange.line,
            exchange=exchange,
        )
    after = state_of(api, operation, scene)
    expect(
        same(before, after),
        f"{operation} was denied and carried out",
        expected=show(before),
        actual=show(after),
    )


def declared_credential(api: DbaasApi) -> Credential:
    """The main credential; raises `NotApplicable` where the target declares none."""
    main = api.client.target.credential("main", api.family)
    if main is None or main.scheme is Scheme.NONE:
        raise NotApplicable("the target file declares no authentication for dbaas")
    return main
