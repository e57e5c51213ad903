"""Bringing a data plane and the store together when a server starts.

The store is right: what it knows is made to run, with the work it still waits for, and what it
does not know is removed. So a crash between an answer and the work behind it leaves nothing.
"""

import logging
from typing import Any

from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.seed import SEED
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER
from pgassay.reference.dbaas.seed import offer_only
from pgassay.reference.plane import Action, DataPlane, Job, submit_pending
from pgassay.reference.store import Document, Store

_log = logging.getLogger(__name__)


def clickhouse_plane(plane: DataPlane | None, behaviour: Behaviour) -> DataPlane | None:
    """Return the data plane where the clickhouse family knows its major version, else None."""
    known = behaviour.clickhouse.service.versions
    return plane if plane is not None and _major(plane) in known else None


def fit_seed(plane: DataPlane, store: Store, clickhouse: ClickhouseService) -> None:
    """Make the documents of a new store true beside a data plane.

    The first service gets a password that is not the same everywhere, as something listens now.
    """
    service = store.get(SERVICE, SEED.service)
    if service is not None and clickhouse.plane is not None:
        service["postgresVersion"] = _major(plane)
        service["password"] = clickhouse.generate_password()
        store.put(SERVICE, service["id"], service["organization"], service)


def resume(plane: DataPlane, clickhouse: ClickhouseService, dbaas: DbaasService) -> None:
    """Have the data plane run what the store has, and go on with what is under way."""
    store = dbaas.store
    offer_only(store, plane.version)
    services = store.every(SERVICE) if clickhouse.plane is not None else []
    instances = store.every(INSTANCE)
    present = set(plane.clusters())
    plane.keep([each["id"] for each in services] + [each["uuid"] for each in instances])
    for service in services:
        if service["id"] not in present and _settled(service):
            _supply(plane, clickhouse, service)
        submit_pending(plane, service)
    for instance in instances:
        if instance["uuid"] not in present and _settled(instance):
            _submit(plane, instance["uuid"], Action.PROVISION)
        submit_pending(plane, instance)
        _resume_children(plane, store, instance["uuid"])


def _resume_children(plane: DataPlane, store: Store, instance: str) -> None:
    users = {each["uuid"]: each for each in store.children(USER, instance)}
    databases = store.children(DATABASE, instance)
    for child in (*users.values(), *databases):
        submit_pending(plane, child)
    verifiers = {each["name"]: each["verifier"] for each in users.values()}
    owners = {
        each["name"]: users[each["owner"]]["name"] for each in databases if each["owner"] in users
    }
    _submit(plane, instance, Action.RECONCILE, users=verifiers, databases=owners)


def _supply(plane: DataPlane, clickhouse: ClickhouseService, service: Document) -> None:
    """Make the cluster of a service that was created without a data plane."""
    if service["postgresVersion"] != _major(plane):
        version = service["postgresVersion"]
        _log.warning("service %s says PostgreSQL %s, so it gets no cluster", service["id"], version)
        return
    setup = clickhouse.setup(service)
    if service.get("source"):
        _submit(plane, service["id"], Action.REPLICATE, source=service["source"], **setup)
    else:
        _submit(plane, service["id"], Action.PROVISION, **setup)


def _submit(plane: DataPlane, cluster: str, action: Action, **arguments: Any) -> None:
    plane.submit(Job.new(cluster, action, arguments))


def _settled(document: Document) -> bool:
    return not any("job" in step for step in document.get("pending", ()))


def _major(plane: DataPlane) -> str:
    return plane.version.partition(".")[0]
