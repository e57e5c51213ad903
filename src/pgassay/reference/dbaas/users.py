"""Users of an instance. The clear text of a password is neither kept nor shown."""

from collections.abc import Mapping
from typing import Any

from pgassay.reference.dbaas.errors import conflict
from pgassay.reference.dbaas.models import UserCreation, parse
from pgassay.reference.dbaas.references import instance_uri
from pgassay.reference.dbaas.resources import DATABASE, USER, Caller, Resources
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.dbaas.scram import verifier
from pgassay.reference.plane import Action
from pgassay.reference.store import Document

_SHOWN = ("uuid", "name", "description", "status", "created_at", "updated_at")


class Users(Resources):
    """User operations. Source: sections User, User Validation, User Management."""

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        """Create a user in state NEW; 404, 403, 400, or 409 on its name."""
        instance = self.instance(caller, instance_id)
        self.may_write(caller)
        wanted = parse(UserCreation, body)
        self.check_project(caller, wanted.project_id)
        self.validate(wanted, self.rules.user)
        self.check_unique(USER, instance, wanted.name)
        document = self.new_document(wanted, ("name", "description")) | {
            "instance": instance["uuid"],
            "verifier": verifier(wanted.password),
        }
        work = (instance["uuid"], Action.CREATE_USER)
        role = {"name": document["name"], "verifier": document["verifier"]}
        created = self.step(self.rules.durations.child, Status.ACTIVE, work, **role)
        self.begin(document, "creating_user", [created])
        self.save(USER, document)
        return self.shown_user(document)

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        """Return the users of an instance, oldest first; 404."""
        instance = self.instance(caller, instance_id)
        return [self.shown_user(each) for each in self.listed(USER, instance["uuid"])]

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        """Return one user; 404."""
        instance = self.instance(caller, instance_id)
        return self.shown_user(self.child(USER, instance, identifier))

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        """Delete a user; 404, 403, or 409 when it owns a database.

        By the rules users take their databases along instead.
        """
        instance = self.instance(caller, instance_id)
        user = self.child(USER, instance, identifier)
        self.may_write(caller)
        self.check_owns_nothing(instance, user)
        taken = self.owned(instance, user) if self.rules.cascading_users else []
        with self.store.transaction():
            for database in taken:
                self.store.delete(DATABASE, database["uuid"])
            self.store.delete(USER, user["uuid"])
        for database in taken:
            self.dispatch(instance, Action.DROP_DATABASE, name=database["name"])
        self.dispatch(instance, Action.DROP_USER, name=user["name"])

    def check_owns_nothing(self, instance: Document, user: Document) -> None:
        """Raise ApiError 409 when a database would be left without its owner."""
        if not self.rules.cascading_users and (owned := self.owned(instance, user)):
            names = ", ".join(each["name"] for each in owned)
            raise conflict(f"the user owns {names}; delete these databases first")

    def owned(self, instance: Document, user: Document) -> list[Document]:
        """Return the databases of a user, oldest first."""
        databases = self.listed(DATABASE, instance["uuid"])
        return [each for each in databases if each["owner"] == user["uuid"]]

    def shown_user(self, document: Document) -> Document:
        """Return the public representation, without anything of the password."""
        shown = {name: document[name] for name in _SHOWN}
        shown["instance"] = self.reference(instance_uri(document["instance"]))
        if "project_id" in document:
            shown["project_id"] = document["project_id"]
        return shown
