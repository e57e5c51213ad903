"""Restoring a service to a point in time, as a new service."""

import math
from typing import Any

from pgassay.reference.clickhouse.copies import Copies
from pgassay.reference.clickhouse.models import RestoreRequest, convert
from pgassay.reference.clickhouse.services import timestamp
from pgassay.reference.http import bad_request
from pgassay.reference.plane import Action
from pgassay.reference.store import Document
from pgassay.reference.timestamps import MICROSECONDS, parse_timestamp


class Restoration(Copies):
    """The operation on `/restoredService`."""

    def restore(self, source: Document, body: Any) -> Document:
        """Begin to create a service with the data that the source had at the target.

        ApiError 400 when the request breaks a rule, or no backup reaches the target; 409 when
        the source is being deleted. The source stays as it is.
        """
        request = convert(body, RestoreRequest)
        self.check_copy(request)
        target = self.restore_target(request.restore_target)
        self.check_not_deleting(source)
        self.check_restorable(source, target)
        document = self.copy(source, request, source["size"])
        self.claim_service(source["organization"])
        durations = self.rules.durations
        phases = {
            "restoring_backup": durations.restoring,
            "replaying_wal": durations.replaying,
            "finalizing_restore": durations.finalizing,
        }
        self.begin_phases(document, phases, Action.RESTORE, source=source["id"], target=target)
        self.save(document)
        return document

    def restore_target(self, text: str) -> float:
        """Return the target in epoch seconds; ApiError 400 unless RFC 3339 knows its form."""
        target = parse_timestamp(text)
        if target is None:
            raise bad_request("request body.restoreTarget: must be a date-time of RFC 3339")
        return target / MICROSECONDS

    def check_restorable(self, source: Document, target: float) -> None:
        """ApiError 400 unless the target lies between the oldest backup that is kept and now."""
        now = self.clock.now()
        if not source["isPrimary"]:
            raise bad_request("Read replicas have no backups; restore their primary")
        oldest = max(self.first_backup(source), now - self.rules.restore_window)
        if now < oldest:
            raise bad_request("There are no backups to restore from, yet.")
        if not oldest <= target <= now:
            # Timestamps end with whole milliseconds; both must be targets themselves.
            window = f"from {timestamp(math.ceil(1000 * oldest) / 1000)} to {timestamp(now)}"
            raise bad_request(f"request body.restoreTarget: must be {window}")
