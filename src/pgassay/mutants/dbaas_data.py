# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what the dbaas family shows: values, lists, references, parents."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.references import read_user
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, VERSION, Caller
from pgassay.reference.dbaas.versions import EVERYWHERE
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]


@FAULTS.dbaas("DB-INST-CREATE-ECHO")
class CreatedDescriptionMissing(DbaasService):
    """The answer to a create has an empty description; reads show the right one."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        return super().create_instance(caller, body) | {"description": ""}


@FAULTS.dbaas("DB-INST-GET")
class InstanceMemoryMisread(DbaasService):
    """Reading an instance shows another amount of memory than it was given."""

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        return super().get_instance(caller, identifier) | {"ram": 2048}


@FAULTS.dbaas("DB-INST-VERSION-REFERENCE")
class OtherVersionSelected(DbaasService):
    """An instance refers to the last version, whichever was asked for."""

    def selected_version(self, reference: str) -> str:
        super().selected_version(reference)
        return str(self.listed(VERSION, EVERYWHERE)[-1]["uuid"])


@FAULTS.dbaas("DB-INST-LIST")
class NewestInstanceUnlisted(DbaasService):
    """The list of instances lacks the newest one."""

    def list_instances(self, caller: Caller) -> list[Document]:
        return super().list_instances(caller)[:-1]


@FAULTS.dbaas("DB-INST-NODES-INTERNAL", shown_by=("DB-INST-GET",))
class NodesShown(DbaasService):
    """An instance shows its nodes."""

    def shown_instance(self, document: Document) -> Document:
        nodes = [{"index": index} for index in range(document["nodes_number"])]
        return super().shown_instance(document) | {"nodes": nodes}


@FAULTS.dbaas("DB-USER-GET")
class UserDescriptionLost(DbaasService):
    """Reading a user shows no description."""

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        return super().get_user(caller, instance_id, identifier) | {"description": ""}


@FAULTS.dbaas("DB-USER-LIST")
class UserListedTwice(DbaasService):
    """The list of users has the newest one twice."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        users = super().list_users(caller, instance_id)
        return users + users[-1:]


@FAULTS.dbaas("DB-USER-LIST")
class UsersOfAllInstancesListed(DbaasService):
    """The list of users has those of the project's other instances as well."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        self.instance(caller, instance_id)
        instances = self.listed(INSTANCE, caller.project)
        users = [self.listed(USER, each["uuid"]) for each in instances]
        return [self.shown_user(user) for some in users for user in some]


@FAULTS.dbaas("DB-USER-PARENT")
class UserFoundUnderAnyInstance(DbaasService):
    """A user can be read under an instance that it does not belong to."""

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        self.instance(caller, instance_id)
        user = self.found(USER, identifier)
        return self.shown_user(user) if user else super().get_user(caller, instance_id, identifier)


@FAULTS.dbaas("DB-DB-CREATE")
class DatabaseWithoutIdentifier(DbaasService):
    """The answer to the creation of a database does not say which one it is."""

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_database(caller, instance_id, body) | {"uuid": ""}


@FAULTS.dbaas("DB-DB-GET")
class DatabaseDescriptionAltered(DbaasService):
    """Reading a database shows its description with a full stop added."""

    def get_database(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        database = super().get_database(caller, instance_id, identifier)
        return database | {"description": database["description"] + "."}


@FAULTS.dbaas("DB-DB-LIST")
class NewestDatabaseUnlisted(DbaasService):
    """The list of databases lacks the newest one."""

    def list_databases(self, caller: Caller, instance_id: str) -> list[Document]:
        return super().list_databases(caller, instance_id)[:-1]


@FAULTS.dbaas("DB-DB-LIST")
class DatabasesOfAllInstancesListed(DbaasService):
    """The list of databases has those of the project's other instances as well."""

    def list_databases(self, caller: Caller, instance_id: str) -> list[Document]:
        self.instance(caller, instance_id)
        instances = self.listed(INSTANCE, caller.project)
        databases = [self.listed(DATABASE, each["uuid"]) for each in instances]
        return [self.shown_database(database) for some in databases for database in some]


@FAULTS.dbaas("DB-DB-PARENT")
class DatabaseFoundUnderAnyInstance(DbaasService):
    """A database can be read under an instance that it does not belong to."""

    def get_database(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        self.instance(caller, instance_id)
        database = self.found(DATABASE, identifier)
        if database is None:
            return super().get_database(caller, instance_id, identifier)
        return self.shown_database(database)


@FAULTS.dbaas("DB-DB-OWNER-VALID")
class UnknownOwnerAccepted(DbaasService):
    """A database may be owned by a user that does not exist."""

    def owner(self, instance: Document, reference: str) -> str:
        identifier = read_user(reference, instance["uuid"])
        return identifier or super().owner(instance, reference)


@FAULTS.dbaas("DB-DB-OWNER-VALID")
class OwnerOfOtherInstanceAccepted(DbaasService):
    """A database may be owned by a user of another instance."""

    def owner(self, instance: Document, reference: str) -> str:
        user = self.found(USER, reference.rpartition("/")[2])
        return str(user["uuid"]) if user else super().owner(instance, reference)


@FAULTS.dbaas("DB-DB-OWNER-REFERENCE")
class FirstUserOwns(DbaasService):
    """A database belongs to the instance's first user, whoever was named."""

    def owner(self, instance: Document, reference: str) -> str:
        super().owner(instance, reference)
        return str(self.listed(USER, instance["uuid"])[0]["uuid"])


@FAULTS.dbaas("DB-VER-LIST")
class VersionsWithSharedUuid(DbaasService):
    """Two versions of the list have the same UUID."""

    def list_versions(self, caller: Caller) -> dict[str, list[Document]]:
        listed = super().list_versions(caller)["versions"]
        listed[-1]["uuid"] = listed[0]["uuid"]
        return {"versions": listed}


@FAULTS.bending("DB-VER-LIST")
class VersionsInBareArray(Bending):
    """The list of versions is a bare array."""

    def bend(self, answer: Answer) -> Answer:
        if answer.path.rstrip("/").endswith("/postgres/versions") and answer.succeeded:
            return answer.saying(answer.value["versions"])
        return answer


@FAULTS.dbaas("DB-VER-GET")
class VersionReadDiffers(DbaasService):
    """Reading a version shows another description than the list."""

    def get_version(self, caller: Caller, identifier: str) -> Document:
        version = super().get_version(caller, identifier)
        return version | {"description": version["description"].upper()}


@FAULTS.dbaas("DB-VER-FIELDS")
class VersionsWithoutImage(DbaasService):
    """A version does not name its image."""

    def shown_version(self, document: Document) -> Document:
        shown = super().shown_version(document)
        del shown["image"]
        return shown


@FAULTS.dbaas("DB-VER-TIMESTAMPS")
class VersionTimesWithoutZone(DbaasService):
    """The times of a version have no time zone."""

    def shown_version(self, document: Document) -> Document:
        shown = super().shown_version(document)
        return shown | {"created_at": shown["created_at"].removesuffix("Z")}


@FAULTS.dbaas("DB-VER-TIMESTAMPS-ORDER")
class VersionUpdatedBeforeCreation(DbaasService):
    """A version was last updated before it was created."""

    def shown_version(self, document: Document) -> Document:
        return super().shown_version(document) | {"updated_at": "2001-01-01T00:00:00Z"}


@FAULTS.bending("DB-VER-SLASH")
class VersionsWithSlashUnknown(Bending):
    """The list of versions is not found with a trailing slash."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(404) if answer.path.endswith("/versions/") else answer


@FAULTS.dbaas("DB-INST-CREATE-ECHO")
class FirstInstanceNamed(DbaasService):
    """The answer to a creation has the identifier of the oldest instance."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        created = super().create_instance(caller, body)
        return created | {"uuid": self.listed(INSTANCE, caller.project)[0]["uuid"]}


@FAULTS.dbaas("DB-USER-CREATE")
class FirstUserNamed(DbaasService):
    """The answer to a creation has the identifier of the instance's oldest user."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        created = super().create_user(caller, instance_id, body)
        instance = self.instance(caller, instance_id)
        return created | {"uuid": self.listed(USER, instance["uuid"])[0]["uuid"]}


@FAULTS.dbaas("DB-INST-GET")
class ReadsCounted(DbaasService):
    """How often an instance was read stands at the end of its description."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.reads: Counter[str] = Counter()

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        shown = super().get_instance(caller, identifier)
        self.reads[shown["uuid"]] += 1
        return shown | {"description": f"{shown['description']} ({self.reads[shown['uuid']]})"}


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class IdentifierCut(DbaasService):
    """What follows upon the identifier of an instance is cut off."""

    def instance(self, caller: Caller, identifier: str) -> Document:
        return super().instance(caller, identifier[:36])
