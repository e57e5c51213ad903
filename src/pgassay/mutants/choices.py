# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults where the documents leave a choice: a server takes none of those that there are."""

from collections.abc import Mapping
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.configuration import Parameters
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-VALUE-KEPT")
class MinusOneBecomesZero(ClickhouseService):
    """The number -1 is accepted where it is special, and 0 is kept."""

    def is_special(self, name: str, value: Any) -> bool:
        return type(value) is int and value == -1

    def configure(self, document: Document, postgres: Parameters, pooler: Parameters) -> Document:
        kept = {name: 0 if self.is_special(name, value) else value
                for name, value in postgres.items()}  # fmt: skip
        return super().configure(document, kept, pooler)


@FAULTS.dbaas("DB-VALUE-KEPT")
class EmptyNameIgnored(DbaasService):
    """An update to the empty name is accepted, and the old name stays."""

    def update_instance(self, caller: Caller, identifier: str, body: Mapping[str, Any]) -> Document:
        if body.get("name") == "":
            body = {**body, "name": self.instance(caller, identifier)["name"]}
        return super().update_instance(caller, identifier, body)


@FAULTS.dbaas("DB-VALUE-KEPT")
class NameLostWithTheDescription(DbaasService):
    """An instance without a description is created without its name."""

    def create_instance(self, caller: Caller, body: Mapping[str, Any]) -> Document:
        if "description" not in body:
            body = {**body, "name": "unnamed"}
        return super().create_instance(caller, body)


@FAULTS.dbaas("DB-VALUE-KEPT")
class VersionChangeIgnored(DbaasService):
    """An update to another version is accepted, and the old one goes on running."""

    def check_version_kept(self, current: Document, reference: Any) -> None:
        return


@FAULTS.clickhouse("HTTP-IDENTIFIER-MALFORMED")
class NilUuidFindsAService(ClickhouseService):
    """The nil UUID leads to a service of the organization."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        if not service_id.strip("0-"):
            return self.services(organization)[0]
        return super().find_service(organization, service_id)
