# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults of read replicas and restores of the clickhouse family."""

from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.models import CopyRequest, ReplicaRequest
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clickhouse.services import Services, timestamp
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-REPLICA-CREATE")
class ReplicaIsPrimary(ClickhouseService):
    """A new read replica says that it is a primary."""

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        return {**super().new_replica(source, request), "isPrimary": True}


@FAULTS.clickhouse("CH-REPLICA-CREATE")
class ReplicaRenamesSource(ClickhouseService):
    """A new read replica takes the name of its source away."""

    def create_replica(self, source: Document, body: Any) -> Document:
        replica = super().create_replica(source, body)
        self.save({**source, "name": f"{source['name']} a"})
        return replica


@FAULTS.clickhouse("CH-REPLICA-NAME-REQUIRED")
class ReplicaNamedByDefault(ClickhouseService):
    """A read replica can be asked for without a name."""

    def create_replica(self, source: Document, body: Any) -> Document:
        named = {"name": "replica"} | body if isinstance(body, dict) else body
        return super().create_replica(source, named)


@FAULTS.clickhouse("CH-REPLICA-VALIDATION", "CH-RESTORE-VALIDATION")
class CopiesUnchecked(ClickhouseService):
    """Name, tags and configuration of a copy are not looked at."""

    def check_copy(self, request: CopyRequest) -> None:
        pass


@FAULTS.clickhouse("CH-REPLICA-REJECT-NOTHING")
class RefusedReplicaMade(ClickhouseService):
    """A read replica is refused, and made all the same."""

    def create_replica(self, source: Document, body: Any) -> Document:
        try:
            return super().create_replica(source, body)
        except ApiError:
            super().create_replica(source, _named(body))
            raise


@FAULTS.clickhouse("CH-REPLICA-INHERITS")
class ReplicaSmallest(ClickhouseService):
    """A read replica has the size of its own choice."""

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        return {**super().new_replica(source, request), "size": "m8gd.large"}


@FAULTS.clickhouse("CH-REPLICA-INHERITS")
class ReplicaWithStandby(ClickhouseService):
    """A read replica has a standby that nobody asked for."""

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        return {**super().new_replica(source, request), "haType": "async"}


@FAULTS.clickhouse("CH-REPLICA-ECHO", "CH-RESTORE-ECHO")
class TagsOfCopiesLost(ClickhouseService):
    """Copies have the tags of nobody."""

    def copy(self, source: Document, request: CopyRequest, size: str) -> Document:
        return {**super().copy(source, request, size), "tags": []}


@FAULTS.clickhouse("CH-SVC-LIST-COMPLETE", shown_by=("CH-REPLICA-ECHO",))
class ReplicaUnlisted(ClickhouseService):
    """Read replicas are missing in the list of services."""

    def services(self, organization: Document) -> list[Document]:
        return [each for each in super().services(organization) if each["isPrimary"]]


@FAULTS.clickhouse("CH-REPLICA-CONFIG")
class ReplicaConfigurationIgnored(ClickhouseService):
    """A read replica has the configuration of its source, whatever was asked for."""

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        replica = super().new_replica(source, request)
        return {**replica, "pgConfig": source["pgConfig"]}


@FAULTS.clickhouse("CH-REPLICA-CONFIG")
class ReplicaConfigurationFixed(ClickhouseService):
    """The configuration of a read replica cannot be changed."""

    def replace_configuration(self, document: Document, body: Any) -> Document:
        if not document["isPrimary"]:
            raise bad_request("Read replicas cannot be configured")
        return super().replace_configuration(document, body)


@FAULTS.clickhouse("CH-REPLICA-CONFIG-INHERITED")
class ReplicaConfigurationEmpty(ClickhouseService):
    """A read replica begins with the defaults in place of its source's configuration."""

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        replica = super().new_replica(source, request)
        return replica if request.pg_config else {**replica, "pgConfig": {}}


@FAULTS.clickhouse("CH-REPLICA-BACKUP-WINDOW")
class NoBackupIsConflict(ClickhouseService):
    """A source without a backup is answered with 409, which clients do not repeat."""

    def check_replicable(self, source: Document) -> None:
        try:
            super().check_replicable(source)
        except ApiError as error:
            raise ApiError(409, "CONFLICT", str(error)) from error


@FAULTS.clickhouse("CH-REPLICA-BACKUP-WINDOW")
class NoBackupUnexplained(ClickhouseService):
    """A source without a backup is answered with words that clients do not know."""

    def check_replicable(self, source: Document) -> None:
        if self.clock.now() < self.first_backup(source):
            raise bad_request("The request is refused.")
        super().check_replicable(source)


@FAULTS.clickhouse(
    "CH-REPLICA-NO-CREDENTIALS",
    "CH-RESTORE-NO-CREDENTIALS",
    shown_by=("CH-REPLICA-CREATE", "CH-RESTORE-CREATE"),
)
class CopiesShowCredentials(ClickhouseService):
    """The answers to requests for copies hold the credentials of the source."""

    def copied(self, document: Document) -> Document:
        return self.details(document, secret=True)


@FAULTS.clickhouse("CH-REPLICA-UPDATE-REFUSED")
class ReplicaUpdated(ClickhouseService):
    """A read replica can be updated like its source."""

    def update(self, document: Document, body: Any) -> None:
        Services.update(self, document, body)


@FAULTS.clickhouse("CH-REPLICA-SOURCE-DELETE")
class SourceDeletedFirst(ClickhouseService):
    """A service is deleted although it has a read replica."""

    def delete(self, document: Document) -> None:
        Services.delete(self, document)


@FAULTS.clickhouse("CH-REPLICA-DELETE-ORDER")
class SourceKeptForGood(ClickhouseService):
    """A service that had a read replica once cannot be deleted any more."""

    def delete(self, document: Document) -> None:
        if document.get("replicas"):
            raise ApiError(409, "CONFLICT", "A read replica depends on this service")
        super().delete(document)


@FAULTS.clickhouse("CH-RESTORE-CREATE")
class RestoreInPlace(ClickhouseService):
    """A restore answers with the source, and makes no service."""

    def restore(self, source: Document, body: Any) -> Document:
        restored = super().restore(source, body)
        self.delete(restored)
        return source


@FAULTS.clickhouse("CH-RESTORE-CREATE")
class RestoreRenamesSource(ClickhouseService):
    """The source of a restore has another name afterwards."""

    def restore(self, source: Document, body: Any) -> Document:
        restored = super().restore(source, body)
        self.save({**source, "name": f"{source['name']} a"})
        return restored


@FAULTS.clickhouse("CH-RESTORE-REQUIRED")
class RestoreTargetOptional(ClickhouseService):
    """A restore without a target is one to the present."""

    def restore(self, source: Document, body: Any) -> Document:
        present = {"restoreTarget": timestamp(self.clock.now() - 0.001)}
        return super().restore(source, present | body if isinstance(body, dict) else body)


@FAULTS.clickhouse("CH-RESTORE-REQUIRED")
class RestoreTargetUnread(ClickhouseService):
    """A restore target that nobody can read stands for the present."""

    def restore_target(self, text: str) -> float:
        try:
            return super().restore_target(text)
        except ApiError:
            return self.clock.now()


@FAULTS.clickhouse("CH-RESTORE-TARGET-RANGE")
class RestoreToTheFuture(ClickhouseService):
    """A restore to a time that has not come yet is one to the present."""

    def restore_target(self, text: str) -> float:
        return min(super().restore_target(text), self.clock.now())


@FAULTS.clickhouse("CH-RESTORE-TARGET-RANGE")
class RestoreBeforeCreation(ClickhouseService):
    """A restore to a time before the source was there is one to its first backup."""

    def check_restorable(self, source: Document, target: float) -> None:
        super().check_restorable(source, max(target, self.first_backup(source)))


@FAULTS.clickhouse("CH-RESTORE-REJECT-NOTHING")
class RefusedRestoreMade(ClickhouseService):
    """A restore is refused, and made all the same."""

    def restore(self, source: Document, body: Any) -> Document:
        try:
            return super().restore(source, body)
        except ApiError:
            request = CopyRequest(name=_named(body)["name"])
            self.save(self.copy(source, request, source["size"]))
            raise


@FAULTS.clickhouse("CH-RESTORE-INHERITS")
class RestoreChangesVersion(ClickhouseService):
    """A restored service runs another major version than its source."""

    def restore(self, source: Document, body: Any) -> Document:
        version = {"17": "18", "18": "17"}[source["postgresVersion"]]
        return super().restore({**source, "postgresVersion": version}, body)


@FAULTS.clickhouse("CH-RESTORE-PRIMARY")
class RestoreIsReplica(ClickhouseService):
    """A restored service says that it is a read replica."""

    def restore(self, source: Document, body: Any) -> Document:
        restored = super().restore(source, body)
        restored["isPrimary"] = False
        self.save(restored)
        return restored


@FAULTS.clickhouse("CH-RESTORE-ECHO")
class RestoreConfigurationIgnored(ClickhouseService):
    """A restored service has not the configuration that was asked for."""

    def restore(self, source: Document, body: Any) -> Document:
        restored = super().restore(source, body)
        restored["pgConfig"] = {}
        self.save(restored)
        return restored


def _named(body: Any) -> dict[str, Any]:
    name = body.get("name") if isinstance(body, dict) else None
    return {"name": name if isinstance(name, str) and 0 < len(name) <= 50 else "copy"}
