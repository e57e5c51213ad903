"""Instances: create, read, replace, delete, and their lifecycle."""

from collections.abc import Mapping
from typing import Any

from msgspec import UnsetType

from pgassay.reference.dbaas.errors import conflict, invalid
from pgassay.reference.dbaas.models import SIZES, InstanceCreation, InstanceReplacement, parse
from pgassay.reference.dbaas.references import read_version, version_uri
from pgassay.reference.dbaas.resources import (
    DATABASE,
    INSTANCE,
    USER,
    VERSION,
    Caller,
    Resources,
)
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.plane import Action
from pgassay.reference.schedule import Step
from pgassay.reference.store import Document

_STORED = ("name", "description", *SIZES)
_SHOWN = ("uuid", *_STORED, "status", "created_at", "updated_at")


class Instances(Resources):
    """Instance operations. Source: sections API Structure, Instance Validation, API Endpoints."""

    def create_instance(self, caller: Caller, body: Mapping[str, Any]) -> Document:
        """Create an instance in state NEW; 400, 403."""
        self.may_write(caller)
        wanted = parse(InstanceCreation, body)
        self.check_project(caller, wanted.project_id)
        self.validate(wanted, self.rules.instance)
        document = self.new_document(wanted, _STORED) | {
            "project": caller.project,
            "version": self.selected_version(wanted.version),
        }
        self.begin(document, "creating", self.provisioning(document["uuid"]))
        self.save(INSTANCE, document)
        return self.shown_instance(document)

    def list_instances(self, caller: Caller) -> list[Document]:
        """Return the instances of the caller's project, oldest first."""
        return [self.shown_instance(each) for each in self.listed(INSTANCE, caller.project)]

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        """Return one instance; 404."""
        return self.shown_instance(self.instance(caller, identifier))

    def update_instance(self, caller: Caller, identifier: str, body: Mapping[str, Any]) -> Document:
        """Replace the mutable members; 404, 403, 400, or 409 while busy."""
        current = self.instance(caller, identifier)
        self.may_write(caller)
        wanted = self.replacement(current, body)
        self.check_project(caller, wanted.project_id)
        self.validate(wanted, self.rules.instance)
        self.check_version_kept(current, wanted.version)
        self.check_disk_kept(current, wanted.disk_size)
        self.check_idle(current)
        replaced = self.replaced(current, wanted)
        self.save(INSTANCE, replaced)
        return self.shown_instance(replaced)

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        """Delete the instance with its users and databases at once; 404, 403."""
        instance = self.instance(caller, identifier)
        self.may_write(caller)
        with self.store.transaction():
            self.delete_children(instance)
            self.store.delete(INSTANCE, instance["uuid"])
        self.dispatch(instance, Action.REMOVE)

    def delete_children(self, instance: Document) -> None:
        """Delete the databases and users of an instance."""
        for kind in (DATABASE, USER):
            for document in self.store.children(kind, instance["uuid"]):
                self.store.delete(kind, document["uuid"])

    def provisioning(self, instance: str) -> list[Step]:
        """Return the steps of a new instance: NEW, IN_PROGRESS, ACTIVE."""
        new, provisioned = self.rules.durations.new, self.rules.durations.provisioning
        work = (instance, Action.PROVISION)
        return [
            self.step(new, Status.IN_PROGRESS),
            self.step(new + provisioned, Status.ACTIVE, work),
        ]

    def selected_version(self, reference: str) -> str:
        """Return the uuid of the version that a create selects; 400 when there is none."""
        identifier = read_version(reference)
        version = self.found(VERSION, identifier) if identifier else None
        if version is None or not self.selectable(version):
            raise invalid([f"version: must refer to a version, such as {version_uri('<uuid>')}"])
        return str(version["uuid"])

    def selectable(self, version: Document) -> bool:
        """Tell whether new instances may run the version (section Version Lifecycle)."""
        return self.rules.deprecated_versions_selectable or not version["deprecated"]

    def replacement(self, current: Document, body: Mapping[str, Any]) -> InstanceReplacement:
        """Read an update body: a complete representation, or by the rules what is to change."""
        if self.rules.merging_put:
            kept = {name: current[name] for name in (*_STORED, "project_id") if name in current}
            body = {**kept, **body}
        return parse(InstanceReplacement, body)

    def check_version_kept(self, current: Document, reference: str | UnsetType) -> None:
        """Raise ApiError 400 when an update names another version: that is planned for later."""
        if not isinstance(reference, UnsetType) and read_version(reference) != current["version"]:
            raise invalid(["version: cannot be changed"])

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        """Raise ApiError 400 when the disk would shrink (section Instance Validation)."""
        if disk_size < current["disk_size"]:
            raise invalid([f"disk_size: cannot shrink below {current['disk_size']} GB"])

    def check_idle(self, current: Document) -> None:
        """Raise ApiError 409 while an instance is being provisioned or updated."""
        if current["status"] in (Status.NEW, Status.IN_PROGRESS):
            raise conflict(f"the instance is {current['status']}; update it when it is ACTIVE")

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        """Return the updated document; new sizes make it IN_PROGRESS for a while.

        So does any update of an instance in ERROR: it is how one is brought back, and a cluster
        that could not be made is tried again.
        """
        changes = {name: getattr(wanted, name) for name in _STORED}
        document = current | changes | {"updated_at": self.timestamp()}
        resized = any(current[size] != document[size] for size in SIZES)
        broken = current["status"] == Status.ERROR
        if resized or broken:
            document["status"] = Status.IN_PROGRESS
            work = (document["uuid"], Action.PROVISION) if broken else None
            updated = self.step(self.rules.durations.updating, Status.ACTIVE, work)
            self.begin(document, "updating", [updated])
        return document

    def shown_instance(self, document: Document) -> Document:
        """Return the public representation."""
        shown = {name: document[name] for name in _SHOWN}
        shown["version"] = self.reference(version_uri(document["version"]))
        if self.plane and (address := self.plane.address(document["uuid"])):
            shown |= {"ipsv4": [address.host], "port": address.port}
        if "project_id" in document:
            shown["project_id"] = document["project_id"]
        return shown
