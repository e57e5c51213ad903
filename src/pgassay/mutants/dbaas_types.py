# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in how the dbaas family reads bodies: types bent into shape, absent members made up."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pgassay.mutants.mutant import Faults
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import invalid
from pgassay.reference.dbaas.models import InstanceReplacement
from pgassay.reference.dbaas.resources import USER, VERSION, Caller
from pgassay.reference.dbaas.versions import EVERYWHERE
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]


class _Coercing(DbaasService):
    """Reads one number of an instance whatever its JSON type is."""

    member: ClassVar[str]

    def create_instance(self, caller: Caller, body: Body) -> Document:
        return super().create_instance(caller, self.coerced(body))

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        return super().update_instance(caller, identifier, self.coerced(body))

    def coerced(self, body: Body) -> Body:
        """Return the body with a whole number wherever Python finds one."""
        try:
            return {**body, self.member: int(body[self.member])}
        except (LookupError, TypeError, ValueError):
            return body


@FAULTS.dbaas("DB-INST-CPU-TYPE")
class CpuCoerced(_Coercing):
    """A cpu of "4", 4.0 or true is read as a number."""

    member = "cpu"


@FAULTS.dbaas("DB-INST-RAM-TYPE")
class RamCoerced(_Coercing):
    """A ram of "1024" or 1024.0 is read as a number."""

    member = "ram"


@FAULTS.dbaas("DB-INST-DISK-TYPE")
class DiskCoerced(_Coercing):
    """A disk_size of "20" or 20.0 is read as a number."""

    member = "disk_size"


@FAULTS.dbaas("DB-INST-NODES-TYPE")
class NodesCoerced(_Coercing):
    """A nodes_number of "1", 1.0 or true is read as a number."""

    member = "nodes_number"


@FAULTS.dbaas("DB-INST-SYNC-TYPE")
class SyncReplicasCoerced(_Coercing):
    """A sync_replica_number of "0", 0.0 or false is read as a number."""

    member = "sync_replica_number"


@FAULTS.dbaas("DB-INST-NAME-TYPE")
class InstanceNameCoerced(DbaasService):
    """An instance name may be any JSON value; its text becomes the name."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        return super().create_instance(caller, _as_text(body))


@FAULTS.dbaas("DB-USER-NAME-REQUIRED")
class UserNameMadeUp(DbaasService):
    """A user without a name gets one."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_user(caller, instance_id, {"name": "made_up", **body})


@FAULTS.dbaas("DB-USER-PASSWORD-REQUIRED")
class PasswordMadeUp(DbaasService):
    """A user without a password gets one that nobody is told."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_user(caller, instance_id, {"password": self.timestamp(), **body})


@FAULTS.dbaas("DB-DB-NAME-REQUIRED")
class DatabaseNameMadeUp(DbaasService):
    """A database without a name gets one."""

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        return super().create_database(caller, instance_id, {"name": "made_up", **body})


@FAULTS.dbaas("DB-DB-OWNER-REQUIRED")
class OwnerMadeUp(DbaasService):
    """A database without an owner is given to the instance's first user."""

    def create_database(self, caller: Caller, instance_id: str, body: Body) -> Document:
        users = self.listed(USER, instance_id)
        first = {"owner": users[0]["uuid"]} if users else {}
        return super().create_database(caller, instance_id, {**first, **body})


@FAULTS.dbaas("DB-INST-VERSION-REQUIRED")
class VersionMadeUp(DbaasService):
    """An instance without a version runs some version."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        some = self.listed(VERSION, EVERYWHERE)[0]["uuid"]
        return super().create_instance(caller, {"version": some, **body})


@FAULTS.dbaas("DB-INST-VERSION-EXISTS")
class VersionUnchecked(DbaasService):
    """An instance may be created with a version that does not exist."""

    def selected_version(self, reference: str) -> str:
        return reference.rpartition("/")[2]


@FAULTS.dbaas("DB-INST-UPDATE-VALIDATION")
class UpdateUnlimited(DbaasService):
    """The limits on sizes hold for creation only; an update may exceed them."""

    def validate(self, model: Any, rules: Any) -> None:
        if not isinstance(model, InstanceReplacement):
            super().validate(model, rules)


@FAULTS.dbaas("DB-MANIFEST-PROJECT")
class ProjectOfUserRefused(DbaasService):
    """A user that names its project is refused."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        if "project_id" in body:
            raise invalid(["project_id: unknown member"])
        return super().create_user(caller, instance_id, body)


@FAULTS.dbaas("DB-INST-CREATE")
class EveryCreationRefused(DbaasService):
    """No instance can be created, however right the request is."""

    def create_instance(self, caller: Caller, body: Body) -> Document:
        raise invalid(["try again later"])


def _as_text(body: Body) -> Body:
    return {**body, "name": str(body["name"])} if "name" in body else body
