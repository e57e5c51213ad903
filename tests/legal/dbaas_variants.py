"""Choices that the PostgreSQL Service API leaves open, or does not speak of."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from starlette.middleware import Middleware

from pgassay.mutants.answer import Answer
from pgassay.reference import Readings
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import conflict, forbidden, invalid
from pgassay.reference.dbaas.models import (
    DatabaseCreation,
    InstanceCreation,
    InstanceReplacement,
    UserCreation,
)
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, Caller
from pgassay.reference.dbaas.rules import InstanceRules
from pgassay.reference.schedule import PENDING, plan_removal
from pgassay.reference.settings import FIRST_PROJECT
from pgassay.reference.store import Document
from pgassay.target.model import Credential, Scheme, Target

from .variant import DBAAS, Translating, Variant, bending

_COLLECTION = re.compile(r".*/(instances|users|databases|versions)")


def dbaas_target(target: Target, **settings: Any) -> Target:
    return replace(target, dbaas=replace(target.dbaas, **settings))


def of_dbaas(answer: Answer) -> bool:
    return not answer.clickhouse


# Statuses and bodies of answers


def accepting(answer: Answer) -> Answer:
    if not of_dbaas(answer) or not answer.succeeded:
        return answer
    if answer.method == "DELETE":
        body = b'{"deleted":true}'
        return Answer(answer.method, answer.path, 200, {"content-type": "application/json"}, body)
    collection = _COLLECTION.fullmatch(answer.path)
    if collection and isinstance(answer.value, list):
        return answer.saying({collection[1]: answer.value})
    return answer.with_status(202) if answer.method in {"POST", "PUT"} else answer


def plainly(answer: Answer) -> Answer:
    return answer.with_status(200) if of_dbaas(answer) and answer.status == 201 else answer


def unprocessable(answer: Answer) -> Answer:
    return answer.with_status(422) if of_dbaas(answer) and answer.status == 400 else answer


def problem_details(answer: Answer) -> Answer:
    if not of_dbaas(answer) or answer.status < 400:
        return answer
    detail = answer.value.get("message", "no such path")
    problem = {"title": "refused", "status": answer.status, "detail": detail}
    return answer.saying(problem).with_header("content-type", "application/problem+json")


def silent(answer: Answer) -> Answer:
    if not of_dbaas(answer) or answer.status < 400:
        return answer
    kept = {name: text for name, text in answer.headers.items() if name != "content-type"}
    return Answer(answer.method, answer.path, answer.status, kept, b"")


def unlisted(status: int) -> Middleware:
    """Make a middleware of a server without GET on the collection of instances."""

    def refuse(answer: Answer) -> Answer:
        if answer.method not in {"GET", "HEAD"} or answer.path != "/v1/postgres/instances":
            return answer
        refusal = answer.with_status(status).saying(
            {"code": status, "type": "MethodNotAllowedError", "message": "use POST"}
        )
        return refusal.with_header("allow", "POST") if status == 405 else refusal

    return bending(refuse)


class MalformedIdentifiersRefused(DbaasService):
    def found(self, kind: str, identifier: str) -> Document | None:
        try:
            uuid.UUID(identifier)
        except ValueError:
            raise invalid([f"{kind.partition('.')[2]}: must be a UUID"]) from None
        return super().found(kind, identifier)


# Paths and references


class OtherPaths(Translating):
    """Serve other prefixes, and collections with a slash at the end only."""

    prefixes = (
        ("/api/v2/types/postgres", "/v1/types/postgres"),
        ("/api/v2/postgres", "/v1/postgres"),
    )

    def path(self, path: str) -> str:
        bare = path.removesuffix("/")
        slashed, collection = bare != path, _COLLECTION.fullmatch(bare)
        if slashed != bool(collection) and not path.endswith("/versions"):
            return "/unknown"
        for own, documented in self.prefixes:
            if bare.startswith(own + "/"):
                return documented + bare.removeprefix(own)
        return "/unknown"

    def body(self, body: bytes) -> bytes:
        return body.replace(b'"/api/v2/types/postgres/', b'"/v1/types/postgres/')


def with_other_paths(answer: Answer) -> Answer:
    body = answer.body.replace(b'"/v1/types/postgres/', b'"/api/v2/types/postgres/')
    changed = replace(answer, body=body)
    if location := answer.headers.get("location"):
        changed = changed.with_header("location", location.replace("/v1/", "/api/v2/"))
    return changed


class Strict(DbaasService):
    """Unknown members are refused, instance names are unique, replicas are at most the nodes."""

    def create_instance(self, caller: Caller, body: Mapping[str, Any]) -> Document:
        known(InstanceCreation, body)
        name = body.get("name")
        if any(name == each["name"] for each in self.listed(INSTANCE, caller.project)):
            raise conflict("name: is taken")
        return super().create_instance(caller, body)

    def update_instance(self, caller: Caller, identifier: str, body: Mapping[str, Any]) -> Document:
        self.instance(caller, identifier)
        known(InstanceReplacement, body)
        return super().update_instance(caller, identifier, body)

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        self.instance(caller, instance_id)
        known(UserCreation, body)
        return super().create_user(caller, instance_id, body)

    def create_database(
        self, caller: Caller, instance_id: str, body: Mapping[str, Any]
    ) -> Document:
        self.instance(caller, instance_id)
        known(DatabaseCreation, body)
        return super().create_database(caller, instance_id, body)

    def validate(self, model: Any, rules: Any) -> None:
        super().validate(model, rules)
        if isinstance(rules, InstanceRules) and model.sync_replica_number > model.nodes_number:
            raise invalid(["sync_replica_number: must not exceed nodes_number"])


def known(model: type[msgspec.Struct], body: Iterable[str]) -> None:
    """Refuse members that the model does not have."""
    unknown = set(body) - {field.name for field in msgspec.structs.fields(model)}
    if unknown:
        raise invalid([f"{name}: is unknown" for name in sorted(unknown)])


# What is kept, and how long things take


class NeverBusy(DbaasService):
    """Updates are taken at any time."""

    def check_idle(self, current: Document) -> None:
        return


class SlowToDelete(DbaasService):
    """What is deleted is shown for another moment."""

    def leave(self, kind: str, document: Document, parent: str) -> None:
        plan_removal(document, self.clock.now() + 120 * self.settings.time_scale)
        self.store.put(kind, document["uuid"], parent, document)

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        instance = self.instance(caller, identifier)
        self.may_write(caller)
        self.leave(INSTANCE, instance, instance["project"])

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        instance = self.instance(caller, instance_id)
        user = self.child(USER, instance, identifier)
        self.may_write(caller)
        self.check_owns_nothing(instance, user)
        self.leave(USER, user, instance["uuid"])

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        instance = self.instance(caller, instance_id)
        database = self.child(DATABASE, instance, identifier)
        self.may_write(caller)
        self.leave(DATABASE, database, instance["uuid"])


class OtherForms(DbaasService):
    """Identifiers of version 8, times with nine digits and an offset in numbers."""

    def timestamp(self) -> str:
        return super().timestamp().replace("Z", "000+00:00")

    def new_document(self, model: Any, members: Iterable[str]) -> Document:
        document = super().new_document(model, members)
        random = document["uuid"]
        return document | {"uuid": f"{random[:14]}8{random[15:]}"}

    def shown_version(self, document: Document) -> Document:
        shown = super().shown_version(document)
        return shown | {
            name: shown[name].replace("Z", ".000000000+00:00")
            for name in ("created_at", "updated_at")
        }


class Unprovisioned(DbaasService):
    def provisioning(self, instance: str) -> list[Document]:
        return []

    def step(self, *_: Any, **__: Any) -> Document:
        return {"at": 1e12, "set": {}}

    def check_idle(self, current: Document) -> None:
        return


class AtOnce(DbaasService):
    """What is NEW becomes ACTIVE, updates take no time; other projects' instances are forbidden."""

    def provisioning(self, instance: str) -> list[Document]:
        return super().provisioning(instance)[1:]

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        return super().replaced(current, wanted) | {"status": current["status"], PENDING: []}

    def instance(self, caller: Caller, identifier: str) -> Document:
        found = self.found(INSTANCE, identifier)
        if found is not None and not self.visible(caller, found):
            raise forbidden("not yours")
        return super().instance(caller, identifier)


class Open(DbaasService):
    def caller(self, token: str | None) -> Caller:
        return Caller(FIRST_PROJECT)


def open_target(target: Target) -> Target:
    return replace(target, credentials={"dbaas.main": Credential(Scheme.NONE)})


VARIANTS = (
    Variant(
        "AcceptedForLater",
        "Creates and updates answer 202, deletes 200 with a body, lists are wrapped in an object; "
        "identifiers are UUIDs of version 8, times have nine digits and the offset +00:00.",
        DBAAS,
        dbaas=OtherForms,
        time_scale=0.001,
        middleware=(bending(accepting),),
        told={
            "GAP-DB-CREATE-STATUS": "status-202",
            "GAP-DB-UPDATE-STATUS": "status-202",
            "GAP-DB-DELETE-STATUS": "status-200",
            "GAP-DB-LISTS": "object",
            "GAP-DB-UTC-FORM": "offset",
            "GAP-DB-FRACTION-DIGITS": "nanoseconds",
        },
    ),
    Variant(
        "UnprocessableContent",
        "422 stands where others answer 400, also for malformed identifiers.",
        DBAAS,
        dbaas=MalformedIdentifiersRefused,
        middleware=(bending(unprocessable),),
        told={
            "GAP-DB-REJECTION-STATUS": "status-422",
        },
    ),
    Variant(
        "ProblemDetails",
        "Malformed identifiers are bad requests, and refusals follow RFC 9457.",
        DBAAS,
        dbaas=MalformedIdentifiersRefused,
        middleware=(bending(problem_details),),
        told={
            "GAP-DB-ERROR-FORM": "problem-details",
        },
    ),
    Variant(
        "SilentRefusals",
        "Refusals have no body; a terabyte is 1000 gigabytes; deprecated versions are for old "
        "instances only.",
        DBAAS,
        readings=Readings.of(("dbaas_terabyte=decimal", "dbaas_deprecated_versions=refused")),
        middleware=(bending(silent),),
        told={
            "GAP-DB-ERROR-FORM": "empty",
        },
    ),
    Variant(
        "MergingPut",
        "A PUT changes what it names, and references are identifiers without a path, both as the "
        "target file says.",
        DBAAS,
        readings=Readings.of(("dbaas_put=merge", "dbaas_references=uuid")),
        told={
            "GAP-DB-REFERENCES-SHOWN": "uuid",
        },
    ),
    Variant(
        "UndeclaredMergingPut",
        "A PUT changes what it names; the target file says nothing of it, nor of a project.",
        DBAAS,
        readings=Readings.of(("dbaas_put=merge",)),
        describe=lambda target: dbaas_target(target, put_semantics="", project_id=""),
    ),
    Variant(
        "OtherPaths",
        "Other prefixes, and a slash after the names of collections.",
        DBAAS,
        middleware=(bending(with_other_paths), Middleware(OtherPaths)),
        describe=lambda target: dbaas_target(
            target,
            prefix="/api/v2/postgres",
            reference_prefix="/api/v2/types/postgres",
            collection_slash=True,
        ),
        told={
            "GAP-DB-PREFIX": "elsewhere",
            "GAP-DB-COLLECTION-SLASH": "with-slash",
            "GAP-DB-REFERENCE-PREFIX": "elsewhere",
        },
    ),
    Variant(
        "Strict",
        "Unknown members are refused; there is no GET on the collection of instances.",
        DBAAS,
        dbaas=Strict,
        middleware=(unlisted(405),),
        told={
            "GAP-DB-INSTANCE-LIST": "absent",
        },
    ),
    Variant(
        "Cascading",
        "A user's databases go with it; the collection of instances is unknown to GET.",
        DBAAS,
        dbaas=NeverBusy,
        readings=Readings.of(("dbaas_owner_deletion=cascade",)),
        time_scale=0.001,
        middleware=(unlisted(404),),
        told={
            "GAP-DB-OWNER-DELETION": "cascades",
        },
    ),
    Variant(
        "SlowToDelete",
        "Deletes are acknowledged at once and carried out later.",
        DBAAS,
        dbaas=SlowToDelete,
        time_scale=0.001,
    ),
    Variant(
        "Unprovisioned",
        "Nothing drives the lifecycle, as the target file says.",
        DBAAS,
        dbaas=Unprovisioned,
        describe=lambda target: dbaas_target(target, wait_active=False),
        status=4,
    ),
    Variant(
        "AtOnce",
        "Creates answer 200, IN_PROGRESS is never seen, and 403 stands for what is not yours.",
        DBAAS,
        dbaas=AtOnce,
        time_scale=0.0005,
        middleware=(bending(plainly),),
        warned=frozenset({"HTTP-FOREIGN-AS-ABSENT"}),
        told={
            "GAP-DB-CREATE-STATUS": "status-200",
        },
    ),
    Variant(
        "Open",
        "There is no authentication and one project only.",
        DBAAS,
        dbaas=Open,
        describe=open_target,
        status=4,
        told={
            "GAP-DB-AUTHENTICATION": "none",
        },
    ),
)
