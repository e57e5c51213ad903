"""The versions that a new store starts with."""

import uuid

from pgassay.reference.clock import Clock
from pgassay.reference.dbaas.resources import INSTANCE, VERSION
from pgassay.reference.dbaas.versions import EVERYWHERE
from pgassay.reference.settings import Settings
from pgassay.reference.store import Document, Store

#: Number, description, day it was added, whether it is deprecated.
#: The first two are the examples of section PostgreSQL Versions API.
_VERSIONS = (
    ("15.4", "PostgreSQL 15.4 with latest security patches", "2024-01-15T10:30:00Z", False),
    ("14.10", "PostgreSQL 14.10 LTS version", "2024-01-15T10:30:00Z", True),
    ("17", "PostgreSQL 17", "2024-09-26T12:00:00Z", False),
    ("18", "PostgreSQL 18", "2025-09-25T12:00:00Z", False),
)

#: When the version of a data plane counts as added.
_ADDED = "2025-09-25T12:00:00Z"


def seed(store: Store, clock: Clock, settings: Settings) -> None:
    """Add the versions to a new store."""
    for version in _VERSIONS:
        document = _document(*version)
        store.put(VERSION, document["uuid"], EVERYWHERE, document)


def offer_only(store: Store, number: str) -> None:
    """Make a version the only one that new instances may run, however the store was filled.

    Versions that instances run stay as deprecated ones; the others go.
    """
    wanted = _document(number, f"PostgreSQL {number}", _ADDED, deprecated=False)
    used = {instance["version"] for instance in store.every(INSTANCE)}
    for version in store.children(VERSION, EVERYWHERE):
        if version["uuid"] in used:
            store.put(VERSION, version["uuid"], EVERYWHERE, {**version, "deprecated": True})
        else:
            store.delete(VERSION, version["uuid"])
    store.put(VERSION, wanted["uuid"], EVERYWHERE, wanted)


def _document(number: str, description: str, added: str, deprecated: bool) -> Document:  # noqa: FBT001 - a row
    image = f"postgres:{number}"
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, image)),
        "name": f"PostgreSQL {number}",
        "description": description,
        "image": image,
        "created_at": added,
        "updated_at": added,
        "deprecated": deprecated,
    }
