"""The bodies that clients send, typed strictly: no coercion, unknown members are ignored."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from pgassay.reference.dbaas.errors import invalid

SIZES = ("cpu", "ram", "disk_size", "nodes_number", "sync_replica_number")


class InstanceCreation(msgspec.Struct, frozen=True):
    """Body of an instance create. The minimal documented body omits the sizes."""

    name: str
    version: str
    description: str = ""
    cpu: int = 1
    ram: int = 1024
    disk_size: int = 10
    nodes_number: int = 1
    sync_replica_number: int = 0
    project_id: str | UnsetType = UNSET


class InstanceReplacement(msgspec.Struct, frozen=True):
    """Body of an instance update: a complete representation (RFC 9110, 9.3.4).

    The sizes are required: resetting an omitted disk size to a default would be a shrink.
    An omitted version keeps the current one, as versions cannot be changed.
    """

    name: str
    cpu: int
    ram: int
    disk_size: int
    nodes_number: int
    sync_replica_number: int
    description: str = ""
    version: str | UnsetType = UNSET
    project_id: str | UnsetType = UNSET


class UserCreation(msgspec.Struct, frozen=True):
    """Body of a user create."""

    name: str
    password: str
    description: str = ""
    project_id: str | UnsetType = UNSET

    def __repr__(self) -> str:
        """Leave the password out, so that no traceback or log shows it."""
        return f"UserCreation(name={self.name!r})"


class DatabaseCreation(msgspec.Struct, frozen=True):
    """Body of a database create; `owner` refers to a user of the same instance."""

    name: str
    owner: str
    description: str = ""
    project_id: str | UnsetType = UNSET


Model = TypeVar("Model", bound=msgspec.Struct)


def parse(model: type[Model], body: Mapping[str, Any]) -> Model:
    """Read `body` as `model`; ApiError 400 names every missing or mistyped member."""
    values, problems = {}, []
    for member in msgspec.structs.fields(model):
        if member.name not in body:
            if member.required:
                problems.append(f"{member.name}: is required")
            continue
        try:
            values[member.name] = msgspec.convert(body[member.name], member.type, strict=True)
        except msgspec.ValidationError as error:
            problems.append(f"{member.name}: {error}")
    if problems:
        raise invalid(problems)
    return model(**values)
