# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the life of services of the clickhouse family: reading, updating, deleting."""

from typing import Any

from msgspec import UNSET, UnsetType

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE, steady_number
from pgassay.reference.clickhouse.models import Tag, UpdateRequest
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clickhouse.services import timestamp
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.schedule import plan
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-SVC-STATE-REACHES-RUNNING")
class ServiceStuck(ClickhouseService):
    """A new service stays in the state creating for good."""

    def create(self, organization: Document, body: Any) -> Document:
        document = super().create(organization, body)
        del document["pending"]
        self.save(document)
        return document


@FAULTS.clickhouse("CH-SVC-STATE-ENUM", shown_by=("CH-SVC-CREATE",))
class StateUnknown(ClickhouseService):
    """A service on its way is provisioning, which the document does not know."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        return summary | {"state": "provisioning"} if summary["state"] == "creating" else summary


@FAULTS.clickhouse("CH-SVC-STATE-LEGAL", shown_by=("CH-SVC-PATCH-HA",))
class CreatedAgain(ClickhouseService):
    """A service whose availability changes goes through creating again."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        if isinstance(body, dict) and "haType" in body:
            document["state"] = "creating"
            plan(document, self.due(self.rules.durations.resizing), {"state": "running"})
            self.save(document)


@FAULTS.clickhouse("CH-SVC-GET")
class NameMisread(ClickhouseService):
    """Reading a service shows its name with blanks replaced."""

    def details(self, document: Document, *, secret: bool) -> Document:
        details = super().details(document, secret=secret)
        return details | {"name": details["name"].replace(" ", "_").swapcase()}


@FAULTS.clickhouse("CH-SVC-GET-STABLE")
class VersionChangesByItself(ClickhouseService):
    """A running service reports another major version than it was created with."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        upgraded = summary["state"] == "running" and summary["postgresVersion"] == "17"
        return summary | {"postgresVersion": "18"} if upgraded else summary


@FAULTS.clickhouse("CH-SVC-CREATED-AT")
class CreationTimeMoves(ClickhouseService):
    """The creation time of a service is that of the read."""

    def summary(self, document: Document) -> Document:
        return super().summary(document) | {"createdAt": timestamp(self.clock.now())}


@FAULTS.clickhouse("CH-SCHEMA-RESPONSE", shown_by=("CH-SVC-CREATED-AT",))
class CreationTimeWithoutZone(ClickhouseService):
    """The creation time of a service is not in the form of RFC 3339."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        return summary | {"createdAt": summary["createdAt"].replace("T", " ")[:19]}


@FAULTS.clickhouse("CH-SVC-STORAGE-DERIVED")
class StorageVaries(ClickhouseService):
    """Services of one size have different storage."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        return summary | {"storageSize": 100 + steady_number(document["id"], 1_000_000)}


@FAULTS.clickhouse("CH-SVC-LIST")
class ListedSizeDiffers(ClickhouseService):
    """The list shows another size than reading a service does."""

    def services(self, organization: Document) -> list[Document]:
        return [{**each, "size": "m8gd.large"} for each in super().services(organization)]


@FAULTS.clickhouse("CH-SVC-LIST-COMPLETE")
class NewestServiceUnlisted(ClickhouseService):
    """The list of services lacks the newest one."""

    def services(self, organization: Document) -> list[Document]:
        return super().services(organization)[:-1]


@FAULTS.clickhouse("CH-SVC-LIST-COMPLETE")
class ServiceListedTwice(ClickhouseService):
    """The list of services has the newest one twice."""

    def services(self, organization: Document) -> list[Document]:
        services = super().services(organization)
        return services + services[-1:]


@FAULTS.clickhouse("HTTP-READ-YOUR-WRITES")
class ServiceFoundLater(ClickhouseService):
    """A service cannot be read while it is being created."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        document = super().find_service(organization, service_id)
        if document["state"] == "creating":
            raise ApiError(404, "NOT_FOUND", service_id)
        return document


@FAULTS.clickhouse("CH-SVC-TAGS-REPLACE")
class TagsAppended(ClickhouseService):
    """Tags of an update are added to those that are there."""

    def replace_tags(self, document: Document, tags: list[Tag] | UnsetType) -> None:
        kept = {tag["key"]: tag for tag in [*document["tags"], *self.tags(tags)]}
        document["tags"] = list(kept.values())


@FAULTS.clickhouse("CH-SVC-TAGS-REPLACE")
class TagsNeverEmptied(ClickhouseService):
    """An empty array of tags changes nothing."""

    def replace_tags(self, document: Document, tags: list[Tag] | UnsetType) -> None:
        super().replace_tags(document, tags or UNSET)


@FAULTS.clickhouse("CH-SVC-PATCH-MERGE", "CH-SVC-PATCH-EMPTY")
class UnnamedTagsWiped(ClickhouseService):
    """An update that does not name the tags removes them."""

    def replace_tags(self, document: Document, tags: list[Tag] | UnsetType) -> None:
        document["tags"] = self.tags(tags)


@FAULTS.clickhouse("CH-SVC-PATCH-MERGE")
class UnnamedAvailabilityReset(ClickhouseService):
    """An update that does not name the high availability type sets it to none."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        if isinstance(body, dict) and body and "haType" not in body:
            document["haType"] = "none"
            self.save(document)


@FAULTS.clickhouse("CH-SVC-PATCH-SIZE")
class ResizeNeverHappens(ClickhouseService):
    """An update of the size is acknowledged, and the size stays."""

    def new_machine(self, document: Document, request: UpdateRequest) -> Document:
        return _only(super().new_machine(document, request), "haType")


@FAULTS.clickhouse("CH-SVC-PATCH-HA")
class AvailabilityNeverChanges(ClickhouseService):
    """An update of the high availability type is acknowledged, and the type stays."""

    def new_machine(self, document: Document, request: UpdateRequest) -> Document:
        return _only(super().new_machine(document, request), "size")


@FAULTS.clickhouse("CH-SVC-PATCH-NAME")
class RenameLost(ClickhouseService):
    """An update of the name is acknowledged, and the name stays."""

    def rename(self, document: Document, name: str | UnsetType) -> None:
        pass


@FAULTS.clickhouse("CH-SVC-PATCH-NAME-HOSTNAME")
class HostnameStays(ClickhouseService):
    """A service with another name keeps its host name."""

    def rename(self, document: Document, name: str | UnsetType) -> None:
        if name is not UNSET:
            document["name"] = name


@FAULTS.clickhouse("CH-SVC-PATCH-IMMUTABLE")
class RegionChanged(ClickhouseService):
    """An update that names a region moves the service there."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        if isinstance(body, dict) and isinstance(body.get("region"), str):
            document["region"] = body["region"]
            self.save(document)


@FAULTS.clickhouse("CH-SVC-PATCH-REJECT-UNTOUCHED")
class RefusedServiceUpdateApplied(ClickhouseService):
    """An update is refused, and the service is renamed all the same."""

    def update(self, document: Document, body: Any) -> None:
        try:
            super().update(document, body)
        except ApiError:
            document["name"] = "renamed"
            self.save(document)
            raise


@FAULTS.clickhouse("CH-SVC-PATCH-EMPTY")
class EmptyUpdateRenames(ClickhouseService):
    """An update with an empty object gives the service a default name."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, {"name": "postgres"} if body == {} else body)


@FAULTS.clickhouse("CH-SVC-DELETE-ABSENT")
class DeleteNeverEnds(ClickhouseService):
    """A deleted service stays in the state deleting for good."""

    def delete(self, document: Document) -> None:
        document["state"] = "deleting"
        self.save(document)


@FAULTS.clickhouse("CH-SVC-DELETE-ABSENT")
class DeletedServiceListed(ClickhouseService):
    """A deleted service cannot be read any more, yet the list goes on to show it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.deleted: dict[str, Document] = {}

    def delete(self, document: Document) -> None:
        super().delete(document)
        self.deleted[document["id"]] = document

    def services(self, organization: Document) -> list[Document]:
        present = {each["id"]: each for each in super().services(organization)}
        return list({**self.deleted, **present}.values())


@FAULTS.clickhouse("CH-SVC-DELETE-NO-RESURRECTION")
class DeletedServiceBack(ClickhouseService):
    """A deleted service is absent for one read, and then back and running."""

    def present_state(self, kind: str, document: Document | None) -> Document | None:
        present = super().present_state(kind, document)
        if present is None and document is not None and kind == SERVICE:
            back = {**document, "state": "running", "pending": []}
            self.store.put(kind, document["id"], document["organization"], back)
        return present


@FAULTS.clickhouse("CH-SVC-DELETE-REPEATED")
class SecondDeleteRefused(ClickhouseService):
    """A second delete of a service is a bad request."""

    def delete(self, document: Document) -> None:
        if document["state"] == "deleting":
            raise bad_request("the service is not running")
        super().delete(document)


@FAULTS.clickhouse("CH-SVC-DELETE-OTHERS-STAY")
class DeleteStopsOthers(ClickhouseService):
    """The delete of a service stops the others of its organization."""

    def delete(self, document: Document) -> None:
        super().delete(document)
        for other in self.services({"id": document["organization"]}):
            if other["state"] == "running":
                self.save({**other, "state": "stopped"})


def _only(machine: Document, member: str) -> Document:
    return {name: value for name, value in machine.items() if name == member}
