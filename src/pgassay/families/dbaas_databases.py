"""The databases of the dbaas family's instances: the way in of a user who owns one."""

from dataclasses import dataclass

from pgassay.database import Database, filled
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Json
from pgassay.families.data_plane import claimed
from pgassay.families.dbaas import DbaasApi, identity


@dataclass(frozen=True, slots=True)
class Role:
    """An ACTIVE user of an instance, with the password that it was created with."""

    instance: str
    uuid: str
    name: str
    password: str

    def into(self, api: DbaasApi, database: str) -> Database:
        """The way of this user into a database of the instance."""
        parameters = {"user": self.name, "password": self.password, "dbname": database}
        try:
            return Database.of(api.client, conninfo(api, self.instance), **parameters)
        except Deviation as error:
            # The mistake is in the target file, not in the target.
            raise NotTestable(f"[dbaas] conninfo: {error}") from None


@dataclass(frozen=True, slots=True)
class Owned:
    """An ACTIVE database, its owner, and the owner's way in."""

    uuid: str
    name: str
    owner: Role
    database: Database


def conninfo(api: DbaasApi, instance: str) -> str:
    """How libpq reaches an instance; raises `NotTestable` where nothing tells."""
    template = api.settings.conninfo
    if not template:
        raise NotTestable("[dbaas] conninfo is not set: nothing tells where databases are reached")
    shown = api.get(instance).json()
    return filled(template, shown if isinstance(shown, dict) else {})


def role(api: DbaasApi, instance: str, **members: Json) -> Role:
    """Create a user with a password of its own, and wait until it is ACTIVE."""
    claimed(api.client)
    body = api.user_creation(password=api.names.password(), **members)
    uuid = identity(api.create_user(instance, body))
    api.wait_active(api.path(instance, "users", uuid), "user create to ACTIVE", "DB-USER-STATUS")
    return Role(instance, uuid, body["name"], body["password"])


def owned(api: DbaasApi, owner: Role, **members: Json) -> Owned:
    """Create a database, and wait until it is ACTIVE."""
    body = api.database_creation(owner.instance, owner.uuid, **members)
    uuid = identity(api.create_database(owner.instance, owner.uuid, body))
    path = api.path(owner.instance, "databases", uuid)
    api.wait_active(path, "database create to ACTIVE", "DB-DB-STATUS")
    return Owned(uuid, body["name"], owner, owner.into(api, body["name"]))


def owned_in(api: DbaasApi, instance: str) -> Owned:
    """A new database and its new owner in an instance."""
    return owned(api, role(api, instance))
