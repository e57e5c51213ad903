"""Databases of an instance, each owned by a user of the same instance."""

from collections.abc import Mapping
from typing import Any

from pgassay.reference.dbaas.errors import invalid
from pgassay.reference.dbaas.models import DatabaseCreation, parse
from pgassay.reference.dbaas.references import instance_uri, read_user, user_uri
from pgassay.reference.dbaas.resources import DATABASE, USER, Caller, Resources
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.plane import Action
from pgassay.reference.store import Document

_SHOWN = ("uuid", "name", "description", "status", "created_at", "updated_at")


class Databases(Resources):
    """Database operations. Source: sections Database, Database Validation, Database Management."""

    def create_database(
        self, caller: Caller, instance_id: str, body: Mapping[str, Any]
    ) -> Document:
        """Create a database in state NEW; 404, 403, 400, or 409 on its name."""
        instance = self.instance(caller, instance_id)
        self.may_write(caller)
        wanted = parse(DatabaseCreation, body)
        self.check_project(caller, wanted.project_id)
        self.validate(wanted, self.rules.database)
        owner = self.owner(instance, wanted.owner)
        self.check_unique(DATABASE, instance, wanted.name)
        document = self.new_document(wanted, ("name", "description")) | {
            "instance": instance["uuid"],
            "owner": owner,
        }
        work = (instance["uuid"], Action.CREATE_DATABASE)
        names = {"name": document["name"], "owner": self.role(owner)}
        created = self.step(self.rules.durations.child, Status.ACTIVE, work, **names)
        self.begin(document, "creating_database", [created])
        self.save(DATABASE, document)
        return self.shown_database(document)

    def list_databases(self, caller: Caller, instance_id: str) -> list[Document]:
        """Return the databases of an instance, oldest first; 404."""
        instance = self.instance(caller, instance_id)
        return [self.shown_database(each) for each in self.listed(DATABASE, instance["uuid"])]

    def get_database(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        """Return one database; 404."""
        instance = self.instance(caller, instance_id)
        return self.shown_database(self.child(DATABASE, instance, identifier))

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        """Delete a database; 404, 403."""
        instance = self.instance(caller, instance_id)
        database = self.child(DATABASE, instance, identifier)
        self.may_write(caller)
        self.store.delete(DATABASE, database["uuid"])
        self.dispatch(instance, Action.DROP_DATABASE, name=database["name"])

    def owner(self, instance: Document, reference: str) -> str:
        """Return the uuid of the user that will own a database; 400 when there is none."""
        identifier = read_user(reference, instance["uuid"])
        user = self.found(USER, identifier) if identifier else None
        if user is None or not self.belongs(user, instance):
            raise invalid([f"owner: must be {user_uri(instance['uuid'], '<uuid>')}, a user of it"])
        return str(user["uuid"])

    def role(self, user: str) -> str:
        """Return the name of the role that a user is in PostgreSQL."""
        document = self.store.get(USER, user)
        return str(document["name"]) if document else ""

    def shown_database(self, document: Document) -> Document:
        """Return the public representation."""
        shown = {name: document[name] for name in _SHOWN}
        shown["instance"] = self.reference(instance_uri(document["instance"]))
        shown["owner"] = self.reference(user_uri(document["instance"], document["owner"]))
        if "project_id" in document:
            shown["project_id"] = document["project_id"]
        return shown
