"""Read replicas: services that follow a primary until they are promoted."""

from typing import Any

from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.copies import Copies
from pgassay.reference.clickhouse.models import ReplicaRequest, convert
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.plane import Action
from pgassay.reference.schedule import outlook
from pgassay.reference.store import Document


class Replicas(Copies):
    """The operation on `/readReplica`, and what replicas mean for the other operations.

    A replica names its primary under "source" until it is promoted, and the primary lists its
    replicas, past ones perhaps among them, under "replicas".
    """

    def create_replica(self, source: Document, body: Any) -> Document:
        """Begin to create a read replica.

        ApiError 400 when the request breaks a rule, for the replica of a replica, and as long as
        there is no backup to begin from; 409 when the primary is being deleted.
        """
        request = convert(body, ReplicaRequest)
        self.check_copy(request)
        self.check_replicable(source)
        document = self.new_replica(source, request)
        self.claim_service(source["organization"])
        durations = self.rules.durations
        phases = {"restoring_backup": durations.restoring, "replaying_wal": durations.replaying}
        self.begin_phases(document, phases, Action.REPLICATE, source=source["id"])
        present = [replica["id"] for replica in self.replicas(source)]
        source["replicas"] = [*present, document["id"]]
        with self.store.transaction():
            self.save(document)
            self.save(source)
        return document

    def new_replica(self, source: Document, request: ReplicaRequest) -> Document:
        """Make the document of a read replica; it is as large as its primary, or will be."""
        document = self.copy(source, request, outlook(source, "size"))
        return {**document, "isPrimary": False, "source": source["id"]}

    def check_replicable(self, source: Document) -> None:
        """ApiError 400 or 409 when a service cannot have another replica now.

        Official clients try again after a 400 that says "not ready for read replicas".
        """
        self.check_not_deleting(source)
        if not source["isPrimary"]:
            raise bad_request("Read replicas cannot have read replicas of their own")
        reason = "Parent server is not ready for read replicas"
        if self.clock.now() < self.first_backup(source):
            raise bad_request(f"{reason}. There are no backups, yet.")
        if source["state"] != "running":
            raise bad_request(f"{reason}. Its state is {source['state']}.")

    def replicas(self, source: Document) -> list[Document]:
        """Return the replicas that depend on a primary, those being deleted not among them."""
        found = [
            self.present_state(SERVICE, self.store.get(SERVICE, replica_id))
            for replica_id in source.get("replicas", ())
        ]
        return [
            replica
            for replica in found
            if replica and replica.get("source") == source["id"] and replica["state"] != "deleting"
        ]

    def update(self, document: Document, body: Any) -> None:
        """Carry out a merge patch, whose size is that of the replicas too.

        ApiError 400 for a replica: it follows its primary.
        """
        if not document["isPrimary"]:
            what = "Read replicas cannot be modified directly!"
            raise bad_request(f"{what} Please modify the parent database instead.")
        with self.store.transaction():
            size = outlook(document, "size")
            super().update(document, body)
            if outlook(document, "size") != size:
                self.resize_replicas(document)

    def resize_replicas(self, source: Document) -> None:
        """Give the replicas the size that their primary will have, at the same time."""
        for replica in self.replicas(source):
            self.resize(replica, {"size": outlook(source, "size")})
            self.save(replica)

    def delete(self, document: Document) -> None:
        """Begin to delete a service; ApiError 409 for a primary that has replicas.

        Official clients give up on a 409 that speaks of a replica that depends, and try again
        after any other.
        """
        if document["state"] != "deleting" and self.replicas(document):
            raise ApiError(
                409, "CONFLICT", "A read replica depends on this service; delete it first"
            )
        super().delete(document)
