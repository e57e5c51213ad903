# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what becomes of dbaas resources: updates, statuses, deletion, what is left behind."""

from collections import Counter
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import conflict, invalid
from pgassay.reference.dbaas.models import SIZES, InstanceCreation, InstanceReplacement
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, VERSION, Caller
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.dbaas.versions import EVERYWHERE
from pgassay.reference.http import ApiError, not_found
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class ShrinkAccepted(DbaasService):
    """A disk can be made smaller, down to the minimum."""

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        pass


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class SecondShrinkAccepted(DbaasService):
    """A disk can be made smaller by asking twice."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.refused: Counter[str] = Counter()

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        if disk_size < current["disk_size"]:
            self.refused[current["uuid"]] += 1
            if self.refused[current["uuid"]] == 1:
                super().check_disk_kept(current, disk_size)


@FAULTS.dbaas("DB-INST-DISK-GROW")
class GrowthRefused(DbaasService):
    """A disk keeps its first size for good: larger ones are refused as well."""

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        if disk_size != current["disk_size"]:
            raise invalid(["disk_size: cannot be changed"])


@FAULTS.dbaas("DB-INST-UPDATE")
class UpdateLost(DbaasService):
    """An update is acknowledged and shown once; reads go on to show the old values."""

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        with _undone(self, caller, identifier):
            return super().update_instance(caller, identifier, body)


@FAULTS.dbaas("DB-INST-UPDATE")
class CpuUpdateLost(DbaasService):
    """An update changes everything but the number of cores."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        return super().replaced(current, wanted) | {"cpu": current["cpu"]}


@FAULTS.dbaas("DB-INST-UPDATE-IDENTITY")
class UpdateRenewsCreationTime(DbaasService):
    """An update sets the creation time anew."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        return super().replaced(current, wanted) | {"created_at": self.timestamp()}


@FAULTS.dbaas("DB-INST-REJECT-UNTOUCHED")
class RefusedInstanceUpdateApplied(DbaasService):
    """An update is refused for one size, and sets the sizes all the same."""

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        try:
            return super().update_instance(caller, identifier, body)
        except ApiError as error:
            if error.status == 400:
                current = self.instance(caller, identifier)
                sizes = {name: body[name] for name in SIZES if type(body.get(name)) is int}
                self.store.put(INSTANCE, current["uuid"], current["project"], current | sizes)
            raise


@FAULTS.dbaas("DB-INST-REJECT-UNTOUCHED")
class RefusedInstanceKept(DbaasService):
    """An instance whose creation is refused is there nevertheless, with default sizes."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        try:
            return super().create_instance(caller, body)
        except ApiError:
            some = self.listed(VERSION, EVERYWHERE)[0]["uuid"]
            super().create_instance(caller, {"name": str(body.get("name")), "version": some})
            raise


@FAULTS.dbaas("DB-INST-STATUS-REACHES-ACTIVE")
class InstanceStuck(DbaasService):
    """A new instance stays IN_PROGRESS for good."""

    def provisioning(self, instance: str) -> list[Document]:
        return super().provisioning(instance)[:1]


@FAULTS.dbaas("DB-INST-STATUS-REACHES-ACTIVE")
class InstanceFails(DbaasService):
    """A new instance ends in ERROR."""

    def provisioning(self, instance: str) -> list[Document]:
        first, _ = super().provisioning(instance)
        return [first, self.step(self.rules.durations.provisioning, Status.ERROR)]


@FAULTS.dbaas("DB-INST-STATUS-INITIAL")
class InstanceNeverNew(DbaasService):
    """A new instance is IN_PROGRESS from the start."""

    def new_document(self, model: Any, members: Any) -> Document:
        document = super().new_document(model, members)
        creation = isinstance(model, InstanceCreation)
        return document | {"status": Status.IN_PROGRESS} if creation else document


@FAULTS.dbaas("DB-INST-STATUS-LEGAL", shown_by=("DB-INST-UPDATE",))
class UpdatedInstanceNew(DbaasService):
    """An updated instance is NEW again."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        changed = document["status"] == Status.IN_PROGRESS
        return document | {"status": Status.NEW} if changed else document


@FAULTS.dbaas("DB-INST-STATUS-ENUM", shown_by=("DB-INST-CREATE",))
class InstanceStatusUnknown(DbaasService):
    """A new instance is PENDING, which the document does not know."""

    def shown_instance(self, document: Document) -> Document:
        shown = super().shown_instance(document)
        return shown | {"status": "PENDING"} if shown["status"] == Status.NEW else shown


@FAULTS.dbaas("DB-USER-STATUS")
class UserStuck(DbaasService):
    """A new user stays NEW for good."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        created = super().create_user(caller, instance_id, body)
        _put(self, USER, created["uuid"], pending=[])
        return created


@FAULTS.dbaas("DB-USER-STATUS")
class UserStatusUnknown(DbaasService):
    """An active user is READY, which the document does not know."""

    def shown_user(self, document: Document) -> Document:
        shown = super().shown_user(document)
        return shown if shown["status"] == Status.NEW else shown | {"status": "READY"}


@FAULTS.dbaas("DB-DB-STATUS")
class DatabaseStuck(DbaasService):
    """A new database stays NEW for good."""

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        created = super().create_database(caller, instance_id, body)
        _put(self, DATABASE, created["uuid"], pending=[])
        return created


@FAULTS.dbaas("DB-DB-STATUS")
class DatabaseStatusLowercase(DbaasService):
    """A database's status is written in lower case."""

    def shown_database(self, document: Document) -> Document:
        shown = super().shown_database(document)
        return shown | {"status": shown["status"].lower()}


@FAULTS.dbaas("DB-INST-DELETE")
class InstanceDeleteIgnored(DbaasService):
    """The delete of an instance is acknowledged, and nothing happens."""

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        self.instance(caller, identifier)


@FAULTS.dbaas("DB-INST-DELETE-CASCADE")
class ChildrenSurvive(DbaasService):
    """The users and databases of a deleted instance can still be read."""

    def delete_children(self, instance: Document) -> None:
        pass

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        return self.shown_user(self.survivor(USER, instance_id, identifier))

    def get_database(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        return self.shown_database(self.survivor(DATABASE, instance_id, identifier))

    def survivor(self, kind: str, instance_id: str, identifier: str) -> Document:
        """Return a child by what it says of its parent, whether that exists or not."""
        return self.child(kind, {"uuid": instance_id}, identifier)


@FAULTS.dbaas("DB-INST-DELETE-NO-RESURRECTION", shown_by=("DB-INST-DELETE", "DB-INST-LIST"))
class DeletedInstanceBack(DbaasService):
    """A deleted instance is absent for one read, and then back for good."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.buried: dict[str, Document] = {}

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        self.buried[identifier] = self.instance(caller, identifier)
        super().delete_instance(caller, identifier)

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        try:
            return super().get_instance(caller, identifier)
        except ApiError:
            back = self.buried.pop(identifier, None)
            if back is not None:
                self.store.put(INSTANCE, identifier, back["project"], back)
            raise


@FAULTS.dbaas("DB-USER-DELETE")
class UserDeleteIgnored(DbaasService):
    """The delete of a user is acknowledged, and nothing happens."""

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        self.get_user(caller, instance_id, identifier)


@FAULTS.dbaas("DB-USER-DELETE")
class DeletedUserListed(DbaasService):
    """A deleted user cannot be read, yet the list goes on to show it."""

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        _put(self, USER, self.get_user(caller, instance_id, identifier)["uuid"], deleted=True)

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        user = self.child(USER, self.instance(caller, instance_id), identifier)
        if "deleted" in user:
            raise not_found(f"this instance has no user {identifier}")
        return self.shown_user(user)


@FAULTS.dbaas("DB-DB-DELETE")
class DatabaseDeleteIgnored(DbaasService):
    """The delete of a database is acknowledged, and nothing happens."""

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        self.get_database(caller, instance_id, identifier)


@FAULTS.dbaas("DB-DB-DELETE")
class OwnerGoesToo(DbaasService):
    """With a database its owner is deleted as well."""

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        database = self.child(DATABASE, self.instance(caller, instance_id), identifier)
        super().delete_database(caller, instance_id, identifier)
        self.store.delete(USER, database["owner"])


@FAULTS.dbaas("DB-DB-OWNER-REMOVED")
class OwnerRemoved(DbaasService):
    """A user who owns a database can be deleted; the database stays and names nobody."""

    def check_owns_nothing(self, instance: Document, user: Document) -> None:
        pass


@FAULTS.dbaas("DB-USER-REJECT-UNTOUCHED")
class RefusedUserKept(DbaasService):
    """A user whose password is refused is there nevertheless."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        try:
            return super().create_user(caller, instance_id, body)
        except ApiError as error:
            if error.status == 400:
                name = f"kept_{len(self.list_users(caller, instance_id))}"
                right = {"name": name, "password": self.timestamp()}
                super().create_user(caller, instance_id, right)
            raise


@FAULTS.dbaas("DB-DB-REJECT-UNTOUCHED")
class RefusedDatabaseKept(DbaasService):
    """A database whose name is refused is there nevertheless."""

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        try:
            return super().create_database(caller, instance_id, body)
        except ApiError:
            users = self.listed(USER, instance_id)
            if users:
                name = f"kept_{len(self.list_databases(caller, instance_id))}"
                right = {"name": name, "owner": users[0]["uuid"]}
                super().create_database(caller, instance_id, right)
            raise


@FAULTS.dbaas("DB-USER-NAME-UNIQUE")
class UserNamesShared(DbaasService):
    """Two users of one instance may have the same name."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        if kind != USER:
            super().check_unique(kind, instance, name)


@FAULTS.dbaas("DB-DB-NAME-UNIQUE")
class DatabaseNamesShared(DbaasService):
    """Two databases of one instance may have the same name."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        if kind != DATABASE:
            super().check_unique(kind, instance, name)


class _Remembering(DbaasService):
    """Knows every name that a user was ever given, with its instance."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: set[tuple[str, str]] = set()

    def refuse_if(self, taken: bool, kind: str, instance: Document, name: str) -> None:  # noqa: FBT001
        """ApiError 409 when the name is taken."""
        if kind == USER and taken:
            raise conflict("a user of this name exists or existed")
        super().check_unique(kind, instance, name)
        self.names.add((instance["uuid"], name))


@FAULTS.dbaas("DB-USER-NAME-UNIQUE-SCOPE")
class UserNameTakenForGood(_Remembering):
    """The name of a deleted user cannot be used again."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        self.refuse_if((instance["uuid"], name) in self.names, kind, instance, name)


@FAULTS.dbaas("DB-USER-NAME-UNIQUE-SCOPE")
class UserNameTakenElsewhere(_Remembering):
    """A name that a user has in one instance cannot be used in another."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        elsewhere = any(known == name and owner != instance["uuid"] for owner, known in self.names)
        self.refuse_if(elsewhere, kind, instance, name)


@contextmanager
def _undone(service: DbaasService, caller: Caller, identifier: str) -> Any:
    before = service.instance(caller, identifier)
    yield
    service.store.put(INSTANCE, before["uuid"], before["project"], before)


def _put(service: DbaasService, kind: str, identifier: str, **members: Any) -> None:
    document = service.store.get(kind, identifier) or {}
    service.store.put(kind, identifier, document["instance"], document | members)


@FAULTS.dbaas("DB-INST-STATUS-REACHES-ACTIVE")
class ActiveForOneLook(DbaasService):
    """An instance is ACTIVE for the first one who sees it so, and IN_PROGRESS from then on."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.seen: set[str] = set()

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        shown = super().get_instance(caller, identifier)
        if shown["uuid"] in self.seen:
            return shown | {"status": Status.IN_PROGRESS}
        if shown["status"] == Status.ACTIVE:
            self.seen.add(shown["uuid"])
        return shown
