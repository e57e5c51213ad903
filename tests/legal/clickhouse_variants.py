"""Choices that the ClickHouse Cloud documents leave open, or contradict each other in."""

from dataclasses import replace
from typing import Any

from starlette.middleware import Middleware

from pgassay.reference import Readings
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.metrics import Window
from pgassay.reference.clickhouse.models import CreateRequest
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError
from pgassay.reference.schedule import plan
from pgassay.reference.store import Document
from pgassay.target.model import ClickhouseSettings, Target

from .variant import BOTH, CLICKHOUSE, Translating, Variant


def clickhouse_target(target: Target, **settings: Any) -> Target:
    return replace(target, clickhouse=replace(target.clickhouse, **settings))


def texts(parameters: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in parameters.items()}


class Restless(ClickhouseService):
    """A service is unavailable before it runs, and restarts while it is resized."""

    def create(self, organization: Document, body: Any) -> Document:
        document = super().create(organization, body)
        soon = self.due(self.rules.durations.creating / 2)
        plan(document, soon, {"state": "unavailable"})
        self.save(document)
        return document

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        machine = [step for step in document.get("pending", ()) if "size" in step["set"]]
        if machine and document["state"] == "running":
            document["state"] = "restarting"
            plan(document, machine[-1]["at"], {"state": "running"})
            self.save(document)


class Redacting(ClickhouseService):
    """Credentials are shown on creation only."""

    def redacts(self, organization: Document) -> bool:
        return True


class OtherForms(Redacting):
    """Identifiers of version 8, times with nine digits, configured numbers as text.

    One certificate after a line of text; series begin with the bucket that holds from_date.
    """

    def certificates(self, document: Document) -> str:
        return f"The root of {document['hostname']}\n{self.root(document, 1).pem}"

    def buckets(self, document: Document, window: Window, size: int) -> list[int]:
        wider = Window(window.start - (size - 1) * 1_000_000, window.end)
        return super().buckets(document, wider, size)

    def new_document(self, organization: Document, request: CreateRequest) -> Document:
        document = super().new_document(organization, request)
        random, created = document["id"], document["createdAt"]
        later = {"id": f"{random[:14]}8{random[15:]}"}
        return document | later | {"createdAt": created.replace("Z", "000000+00:00")}

    def configuration(self, document: Document) -> Document:
        shown = super().configuration(document)
        return {name: texts(parameters) for name, parameters in shown.items()}


class Sparse(ClickhouseService):
    """Optional members are missing, lists begin with the newest service, deletes are immediate."""

    def services(self, organization: Document) -> list[Document]:
        return super().services(organization)[::-1]

    def summary(self, document: Document) -> Document:
        shown = super().summary(document)
        del shown["storageSize"]
        return shown

    def delete(self, document: Document) -> None:
        super().delete(document)
        self.store.delete(SERVICE, document["id"])


class Forbidding(ClickhouseService):
    """Other tenants' organizations are forbidden, and a repeated delete is a conflict."""

    def authorize_organization(self, key: Any, organization_id: str) -> Document:
        try:
            return super().authorize_organization(key, organization_id)
        except ApiError:
            raise ApiError(403, "FORBIDDEN", organization_id) from None

    def delete(self, document: Document) -> None:
        self.check_not_deleting(document)
        super().delete(document)


class Elsewhere(Translating):
    """Serve the documented paths under another prefix only."""

    def path(self, path: str) -> str:
        if path.startswith("/cloud/v2/"):
            return "/v1/" + path.removeprefix("/cloud/v2/")
        return "/unknown"


def bare(target: Target) -> Target:
    """Return what a user has who filled in nothing but an address and the credentials."""
    main = {name: one for name, one in target.credentials.items() if name.endswith(".main")}
    return Target(
        target.name,
        target.base_url,
        target.families,
        main,
        clickhouse=ClickhouseSettings(),
        timing=target.timing,
        embedded=True,
    )


VARIANTS = (
    Variant(
        "NewerDefaults",
        "New services run version 18, a tag's key may occur twice; other tenants are forbidden, a "
        "repeated delete is a conflict.",
        CLICKHOUSE,
        readings=Readings.of(("default_version=18", "duplicate_tag_keys=keep")),
        clickhouse=Forbidding,
        time_scale=0.001,
        warned=frozenset({"CH-SVC-TAGS-UNIQUE", "CH-SVC-VERSION-DEFAULT"}),
        told={
            "GAP-CH-DEFAULT-VERSION": "version-18",
            "GAP-CH-DUPLICATE-TAG-KEYS": "kept",
            "GAP-CH-FOREIGN-ORGANIZATION": "status-403",
        },
    ),
    Variant(
        "OtherForms",
        "Identifiers of version 8, other forms of time, configured numbers as text; credentials "
        "are shown on creation only, as the newer document demands; durations have fractions.",
        CLICKHOUSE,
        readings=Readings.of(
            (
                "metrics_above_limit=widen",
                "unknown_query=not_found",
                "query_durations=fractional",
            )
        ),
        clickhouse=OtherForms,
        describe=lambda target: clickhouse_target(target, redaction="on"),
        told={
            "GAP-CH-ID-FORM": "version-8",
            "GAP-CH-NUMBERS-SHOWN": "as-text",
            "GAP-CH-DURATIONS": "fractions",
        },
    ),
    Variant(
        "RestlessStates",
        "Other documented states are seen on the way, and everything takes four times as long.",
        CLICKHOUSE,
        clickhouse=Restless,
        time_scale=0.004,
    ),
    Variant(
        "OtherPrefix",
        "Organizations are under another prefix, as the target file says.",
        CLICKHOUSE,
        middleware=(Middleware(Elsewhere),),
        describe=lambda target: clickhouse_target(target, prefix="/cloud/v2"),
        told={
            "GAP-CH-PREFIX": "elsewhere",
        },
    ),
    Variant(
        "Sparse",
        "Members that are not required are missing, lists have another order, and a deleted "
        "service answers 404 at once.",
        CLICKHOUSE,
        clickhouse=Sparse,
        time_scale=0.001,
        told={
            "GAP-CH-LIST-STORAGE-SIZE": "left-out",
        },
    ),
    Variant(
        "UndeclaredRedacting",
        "Credentials are shown on creation only, and the target file says nothing of it.",
        CLICKHOUSE,
        clickhouse=Redacting,
        describe=lambda target: clickhouse_target(target, redaction=""),
    ),
    Variant(
        "Undescribed",
        "The target file has an address and the main credentials.",
        BOTH,
        describe=bare,
        status=4,
    ),
)
