"""References between resources: URI paths such as `/v1/types/postgres/versions/<uuid>`.

Written with the prefix `/v1/types/postgres`, as the document does; read with that prefix, with
`/v1/postgres` (the prefix of its endpoint list), or as a bare uuid.
"""

import re

PREFIX = "/v1/types/postgres"

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_VERSION = re.compile(rf"(?:/v1/(?:types/)?postgres/versions/)?(?P<version>{_UUID})")
_USER = re.compile(
    rf"(?:/v1/(?:types/)?postgres/instances/(?P<instance>{_UUID})/users/)?(?P<user>{_UUID})"
)


def version_uri(version: str) -> str:
    """Return the reference to a version."""
    return f"{PREFIX}/versions/{version}"


def instance_uri(instance: str) -> str:
    """Return the reference to an instance."""
    return f"{PREFIX}/instances/{instance}"


def user_uri(instance: str, user: str) -> str:
    """Return the reference to a user of an instance."""
    return f"{PREFIX}/instances/{instance}/users/{user}"


def read_version(reference: str) -> str | None:
    """Return the uuid that a version reference names, or None when it is none."""
    match = _VERSION.fullmatch(reference)
    return match["version"].lower() if match else None


def read_user(reference: str, instance: str) -> str | None:
    """Return the uuid of a user of `instance`, or None when the text names no such user."""
    match = _USER.fullmatch(reference)
    if match is None or (match["instance"] or instance).lower() != instance:
        return None
    return match["user"].lower()
