"""What every part of the clickhouse family's behaviour stands on: store, clock, rules, tenants."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from pgassay.reference.clickhouse.reading import BEFORE_RUNNING, FAILED_BEFORE
from pgassay.reference.clickhouse.rules import ClickhouseRules
from pgassay.reference.clock import Clock
from pgassay.reference.failures import Failures
from pgassay.reference.http import ApiError, not_found, same_secret
from pgassay.reference.plane import Action, DataPlane, Job, outcome_of, submit_pending
from pgassay.reference.schedule import outlook, plan, plan_removal, settle
from pgassay.reference.settings import ApiKey, Settings
from pgassay.reference.store import Document, Store

ORGANIZATION, SERVICE, WAREHOUSE = "organization", "postgres_service", "clickhouse_service"


class Backend:
    """Access to documents, for the right caller and at the right time."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        rules: ClickhouseRules,
        plane: DataPlane | None = None,
        failures: Failures | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.rules = rules
        self.plane = plane
        self.failures = failures or Failures()
        self._keys: Mapping[str, ApiKey] = {key.key_id: key for key in settings.credentials.keys}

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        """Return the caller's key; ApiError 401 in the words of the public service."""
        key_id, secret = credentials or ("", "")
        key = self._keys.get(key_id)
        if credentials is None or not same_secret(secret, key.secret if key else "") or not key:
            raise unauthorized("Key is not found")
        if not key.active(self.clock.now()):
            raise unauthorized("Key is not active")
        return key

    def authorize_organization(self, key: ApiKey, organization_id: str) -> Document:
        """Return the caller's organization; ApiError 404 for any other, existing or not."""
        if key.organization != organization_id:
            raise not_found(organization_id)
        organization = self.store.get(ORGANIZATION, organization_id)
        if organization is None:
            raise not_found(organization_id)
        return organization

    def authorize_change(self, key: ApiKey) -> None:
        """ApiError 403 unless the caller's key may change things."""
        if key.role != "admin":
            raise ApiError(403, "FORBIDDEN", "The key may not change anything")

    def find_service(self, organization: Document, service_id: str) -> Document:
        """Return a service as it is now; ApiError 404 unless it is this organization's."""
        document = self.present_state(SERVICE, self.store.get(SERVICE, service_id))
        if document is None or document["organization"] != organization["id"]:
            raise not_found(service_id)
        return document

    def check_not_deleting(self, document: Document) -> None:
        """ApiError 409 when the service is being deleted."""
        if document["state"] == "deleting":
            raise ApiError(409, "CONFLICT", "The service is being deleted")

    def services(self, organization: Document) -> list[Document]:
        """Return the organization's services as they are now, oldest first."""
        documents = self.store.children(SERVICE, organization["id"])
        # Many may have ended since the last look: forgetting them is one change.
        with self.store.transaction():
            now = [self.present_state(SERVICE, document) for document in documents]
        return [document for document in now if document is not None]

    def present_state(self, kind: str, document: Document | None) -> Document | None:
        """Apply what is due by now, and forget a document whose end has come."""
        if document is None:
            return None
        settled = settle(document, self.clock.now(), lambda step: outcome_of(self.plane, step))
        if settled is None:
            self.store.delete(kind, document["id"])
        elif self.plane is not None and settled is not document:
            # What its jobs achieved must not depend on the data plane's memory of them.
            self.store.put(kind, settled["id"], settled["organization"], settled)
        return settled

    def save(self, document: Document) -> None:
        """Write a service back, and hand its jobs to the data plane."""
        self.store.put(SERVICE, document["id"], document["organization"], document)
        submit_pending(self.plane, document)

    def begin(
        self,
        document: Document,
        duration: float,
        changes: Document,
        action: Action | None = None,
        **arguments: Any,
    ) -> None:
        """Announce changes for when so many documented seconds have passed.

        Beside a data plane they wait for the action too; if it fails, or a test wants the
        transition to fail, the service becomes unavailable, unless it is stopped and the
        transition was not to make it run. The document is the caller's to save.
        """
        job = self.job(document, action, arguments)
        if changes or job:
            fails = self.must_fail(document, changes)
            otherwise = self.failure(document) if fails or "state" in changes else {}
            if document.get(FAILED_BEFORE) and changes.get("state") == "running":
                changes = {**changes, FAILED_BEFORE: False}
            spared = None if "state" in changes else {"state": "stopped"}
            due = self.due(duration)
            plan(document, due, changes, job=job, otherwise=otherwise, spared=spared, fails=fails)

    def failure(self, document: Document) -> Document:
        """Return what a service becomes whose transition fails."""
        early = outlook(document, "state") in BEFORE_RUNNING
        return {"state": "unavailable"} | ({FAILED_BEFORE: True} if early else {})

    def must_fail(self, document: Document, changes: Document) -> bool:
        """Tell whether a test wants the changes that begin to fail."""
        if "state" in changes:
            transition = outlook(document, "state")
        elif "size" in changes or "haType" in changes:
            transition = "resizing"
        else:
            return False
        return self.failures.strike("clickhouse", transition, document["id"], document["name"])

    def begin_removal(self, document: Document, duration: float) -> None:
        """Announce that a service ends after so many documented seconds; other plans are void."""
        plan_removal(document, self.due(duration), job=self.job(document, Action.REMOVE, {}))

    def job(self, document: Document, action: Action | None, arguments: Document) -> Job | None:
        """Return the job of an action on a service's cluster; None without a data plane."""
        if self.plane is None or action is None:
            return None
        return Job.new(document["id"], action, arguments)

    def due(self, duration: float) -> float:
        """Return when something is done that begins now and takes so many documented seconds."""
        return self.clock.now() + duration * self.settings.time_scale

    def envelope(self, result: Any = None) -> Document:
        """Wrap the result of a success; without one when the operation has none."""
        rest = {"requestId": self.request_id(), "status": 200}
        return rest if result is None else {"result": result, **rest}

    def request_id(self) -> str:
        """Return a new UUID of version 4."""
        return str(uuid.uuid4())


def unauthorized(detail: str) -> ApiError:
    """Make the error for a caller that is not known (401)."""
    challenge = 'Basic realm="ClickHouse Cloud API", charset="UTF-8"'
    return ApiError(401, "UNAUTHORIZED", detail, {"WWW-Authenticate": challenge})


def steady_number(text: str, modulus: int) -> int:
    """Return a number below `modulus` that belongs to the text in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) % modulus
