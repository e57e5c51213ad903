"""What request bodies are made of: names and types. Values are judged by the rules."""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from pgassay.reference.http import bad_request

_Model = TypeVar("_Model")

# Members that are not listed are ignored: official clients send some that the published
# document does not have.


class Tag(Struct, omit_defaults=True):
    """A tag of a service (`ResourceTagsV1`)."""

    key: str
    value: str | UnsetType = UNSET


class CreateRequest(Struct, rename="camel"):
    """`PostgresServicePostRequest`."""

    name: str
    provider: str
    region: str
    size: str
    postgres_version: str | UnsetType = UNSET
    ha_type: str | UnsetType = UNSET
    tags: list[Tag] | UnsetType = UNSET
    pg_config: dict[str, Any] | UnsetType = UNSET
    pg_bouncer_config: dict[str, Any] | UnsetType = UNSET


class UpdateRequest(Struct, rename="camel"):
    """`PostgresServicePatchRequest`; what is left out stays as it is (RFC 7396)."""

    name: str | UnsetType = UNSET
    size: str | UnsetType = UNSET
    ha_type: str | UnsetType = UNSET
    tags: list[Tag] | UnsetType = UNSET


class CopyRequest(Struct, rename="camel"):
    """What the requests for a read replica and for a restored service share."""

    name: str
    tags: list[Tag] | UnsetType = UNSET
    pg_config: dict[str, Any] | UnsetType = UNSET
    pg_bouncer_config: dict[str, Any] | UnsetType = UNSET


class ReplicaRequest(CopyRequest, rename="camel"):
    """`PostgresServiceReadReplicaRequest`."""


class RestoreRequest(CopyRequest, rename="camel", kw_only=True):
    """`PostgresServiceRestoreRequest`."""

    restore_target: str


class PasswordRequest(Struct):
    """`PostgresServiceSetPassword`; without a password one is generated."""

    password: str | UnsetType = UNSET


class CommandRequest(Struct):
    """`PostgresServiceSetState`; the document does not require the command it is about."""

    command: str


class ConfigurationRequest(Struct, rename="camel"):
    """`postgresInstanceConfig`."""

    pg_config: dict[str, Any]
    pg_bouncer_config: dict[str, Any]


class ScalingRequest(Struct, rename="camel"):
    """`ClickPipesCdcScalingPatchRequest`; memory is a `number` there, so 8.0 is 8."""

    replica_cpu_millicores: int | UnsetType = UNSET
    replica_memory_gb: int | float | UnsetType = UNSET


def convert(body: Any, model: type[_Model]) -> _Model:
    """Give a JSON value its model; ApiError 400 naming the member when names or types differ."""
    try:
        return msgspec.convert(body, model)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        raise bad_request(f"request body{path.rstrip('`')}: {reason}") from None
