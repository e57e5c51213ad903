"""What the four kinds of resources have in common: storage, time, tenancy, identity."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from msgspec import UnsetType

from pgassay.reference.clock import Clock
from pgassay.reference.dbaas.errors import conflict, forbidden, invalid, unauthorized
from pgassay.reference.dbaas.rules import (
    DatabaseRules,
    DbaasRules,
    InstanceRules,
    Status,
    UserRules,
)
from pgassay.reference.failures import Failures
from pgassay.reference.http import not_found, same_secret
from pgassay.reference.plane import Action, DataPlane, Job, outcome_of, submit_pending
from pgassay.reference.schedule import Step, settle
from pgassay.reference.settings import BearerToken, Settings
from pgassay.reference.store import Document, Store

INSTANCE = "dbaas.instance"
USER = "dbaas.user"
DATABASE = "dbaas.database"
VERSION = "dbaas.version"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the project of the bearer token, and whether it may change anything."""

    project: str
    read_only: bool = False


class Resources:
    """Base of the four resource services.

    Stored documents hold the public members and, beside them, `project` or `instance` (the
    parent), `pending` (later steps of the lifecycle) and what must never be shown.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        rules: DbaasRules | None = None,
        plane: DataPlane | None = None,
        failures: Failures | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.rules = rules or DbaasRules()
        self.plane = plane
        self.failures = failures or Failures()

    def caller(self, token: str | None) -> Caller:
        """Return who the bearer token stands for; ApiError 401 when it is none, or not in use."""
        for known in self.settings.credentials.tokens:
            if token is not None and same_secret(known.token, token) and self.accepted(known):
                return Caller(known.project, known.role == "read_only")
        raise unauthorized()

    def accepted(self, token: BearerToken) -> bool:
        """Tell whether a known token may be used."""
        return token.active(self.clock.now())

    def timestamp(self) -> str:
        """Return the present time as RFC 3339 in UTC with microseconds."""
        present = datetime.fromtimestamp(self.clock.now(), UTC)
        return present.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def step(
        self, seconds: float, status: Status, work: tuple[str, Action] | None = None, **details: Any
    ) -> Step:
        """Return the pending step to `status`, `seconds` of documented time from now.

        Beside a data plane it waits for `work` too, an action on the cluster of an instance; if
        that fails, the status becomes ERROR.
        """
        at = self.clock.now() + seconds * self.settings.time_scale
        step: Step = {"at": at, "set": {"status": status}, "otherwise": {"status": Status.ERROR}}
        if self.plane is not None and work is not None:
            step["job"] = Job.new(*work, details).kept()
        return step

    def begin(self, document: Document, transition: str, steps: list[Step]) -> None:
        """Announce the steps of a lifecycle; the last fails if a test wants the transition to."""
        named = (document["uuid"], document["name"])
        if steps and self.failures.strike("dbaas", transition, *named):
            steps = [*steps[:-1], {**steps[-1], "fails": True}]
        document["pending"] = steps

    def present_state(self, kind: str, document: Document) -> Document | None:
        """Return a stored document with every due step of its lifecycle applied."""
        settled = settle(document, self.clock.now(), lambda step: outcome_of(self.plane, step))
        if settled is None:
            self.store.delete(kind, document["uuid"])
        elif self.plane is not None and settled is not document:
            # What its jobs achieved must not depend on the data plane's memory of them.
            self.store.put(kind, settled["uuid"], self.parent(settled), settled)
        return settled

    def parent(self, document: Document) -> str:
        """Return the id under which a document is listed: of its instance or its project."""
        return str(document.get("instance", document.get("project", "")))

    def save(self, kind: str, document: Document) -> None:
        """Write a document, and hand its jobs to the data plane."""
        self.store.put(kind, document["uuid"], self.parent(document), document)
        submit_pending(self.plane, document)

    def dispatch(self, instance: Document, action: Action, **details: Any) -> None:
        """Have the data plane follow a deletion, which shows at once.

        A crash in between does no harm: what has no document is removed at the next start.
        """
        if self.plane is not None:
            self.plane.submit(Job.new(instance["uuid"], action, details))

    def found(self, kind: str, identifier: str) -> Document | None:
        """Return a document as it is now, or None."""
        document = self.store.get(kind, identifier.lower())
        return None if document is None else self.present_state(kind, document)

    def listed(self, kind: str, parent: str) -> list[Document]:
        """Return the children of `parent` in order of creation, as they are now."""
        documents = self.store.children(kind, parent)
        # Much may have happened since the last look: keeping it is one change.
        with self.store.transaction():
            present = [self.present_state(kind, document) for document in documents]
        return [document for document in present if document is not None]

    def new_document(self, model: Any, members: Iterable[str]) -> Document:
        """Return a NEW document with the given members of `model`, an identity and its times."""
        now = self.timestamp()
        document = {name: getattr(model, name) for name in members}
        if not isinstance(model.project_id, UnsetType):
            document["project_id"] = model.project_id
        identity = {"uuid": str(uuid.uuid4()), "created_at": now, "updated_at": now}
        return {**identity, **document, "status": Status.NEW}

    def reference(self, uri: str) -> str:
        """Return a reference as answers hold it: the URI, or the uuid at its end."""
        return uri.rpartition("/")[2] if self.rules.bare_references else uri

    def may_write(self, caller: Caller) -> None:
        """Raise ApiError 403 when the caller may only read."""
        if caller.read_only:
            raise forbidden("this token may only read")

    def check_project(self, caller: Caller, project: str | UnsetType) -> None:
        """Raise ApiError 400 when a body names another project than the token's."""
        if not isinstance(project, UnsetType) and project != caller.project:
            raise invalid(["project_id: is not the project of this token"])

    def validate(self, model: Any, rules: InstanceRules | UserRules | DatabaseRules) -> None:
        """Raise ApiError 400 with all that the rules have to say about `model`."""
        problems = [
            problem
            for rule in fields(rules)
            for problem in getattr(rules, rule.name).problems(rule.name, getattr(model, rule.name))
        ]
        if problems:
            raise invalid(problems)

    def instance(self, caller: Caller, identifier: str) -> Document:
        """Return an instance of the caller's project; another project's is as good as absent."""
        document = self.found(INSTANCE, identifier)
        if document is None or not self.visible(caller, document):
            raise not_found(f"there is no instance {identifier}")
        return document

    def visible(self, caller: Caller, instance: Document) -> bool:
        """Tell whether the instance belongs to the caller's project."""
        return bool(instance["project"] == caller.project)

    def child(self, kind: str, instance: Document, identifier: str) -> Document:
        """Return a user or database; one of another instance is as good as absent."""
        document = self.found(kind, identifier)
        if document is None or not self.belongs(document, instance):
            raise not_found(f"this instance has no {kind.partition('.')[2]} {identifier}")
        return document

    def belongs(self, document: Document, instance: Document) -> bool:
        """Tell whether a user or database belongs to the instance."""
        return bool(document["instance"] == instance["uuid"])

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        """Raise ApiError 409 when the instance has a `kind` of that name (unique in a cluster)."""
        if not self.rules.unique_names:
            return
        if any(document["name"] == name for document in self.listed(kind, instance["uuid"])):
            raise conflict(f"this instance already has a {kind.partition('.')[2]} of this name")
