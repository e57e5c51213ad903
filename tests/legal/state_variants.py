"""Choices of what becomes of requests while a resource is not settled; no document makes them."""

from typing import Any

from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import conflict
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.http import ApiError
from pgassay.reference.schedule import PENDING
from pgassay.reference.store import Document

from .variant import BOTH, Variant


class Unwilling(ClickhouseService):
    """A service takes changes only while it is running and nothing is on its way."""

    def check_settled(self, document: Document) -> None:
        if document["state"] != "running" or document.get(PENDING):
            raise ApiError(409, "CONFLICT", "The service is busy")

    def update(self, document: Document, body: Any) -> None:
        if document["isPrimary"]:
            self.check_settled(document)
        super().update(document, body)

    def command(self, document: Document, body: Any) -> None:
        self.check_settled(document)
        super().command(document, body)

    def scale(self, document: Document, body: Any) -> Document:
        if document.get(PENDING):
            raise ApiError(409, "CONFLICT", "A change is on its way")
        return super().scale(document, body)


class Willing(DbaasService):
    """A busy instance takes updates, and is not deleted before it is settled."""

    def check_idle(self, current: Document) -> None:
        pass

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        if self.instance(caller, identifier)["status"] in {Status.NEW, Status.IN_PROGRESS}:
            raise conflict("the instance is busy")
        super().delete_instance(caller, identifier)


VARIANTS = (
    Variant(
        "BusyOtherwise",
        "Busy services refuse changes, busy instances take them and refuse their delete.",
        BOTH,
        clickhouse=Unwilling,
        dbaas=Willing,
        time_scale=0.001,
    ),
)
