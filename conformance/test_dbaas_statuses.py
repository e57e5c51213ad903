"""dbaas instances: the rules in each status, and what becomes of requests on the way."""

from typing import Any

import pytest

from pgassay.check import creates, full, requirement
from pgassay.expectation import expect_equal, expect_rejected, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import WRITABLE, identity
from pgassay.families.dbaas_expectations import expect_updated
from pgassay.families.dbaas_statuses import (
    expect_active_with,
    expect_all_updates_refused,
    expect_children_validated,
    expect_deleted_for_good,
    expect_no_shrink,
)
from pgassay.values.selection import cases

SIZES: dict[str, Any] = {"cpu": 3, "ram": 4096}
#: Members that stay as they are, and the requirement that says so.
HELD = dict.fromkeys(WRITABLE, "DB-INST-CHANGE-HOLDS") | {"status": "DB-INST-STATUS-CAUSE"}


@creates
@requirement("DB-INST-STATUS-VALIDATION", "DB-INST-STATUS-CHILDREN", "DB-INST-DISK-NO-SHRINK")
def test_a_new_instance_is_validated(dbaas: DbaasApi) -> None:
    """What breaks a rule is refused while an instance is provisioned, and changes nothing."""
    dbaas.pool.permit()
    exchange = dbaas.create()
    uuid = identity(exchange)
    expect_all_updates_refused(dbaas, uuid, exchange.json())
    expect_children_validated(dbaas, uuid)
    expect_no_shrink(dbaas, uuid, 20, 19, 10, 10)


@requirement("DB-INST-STATUS-VALIDATION", "DB-INST-STATUS-CHILDREN")
def test_an_instance_that_is_updated_is_validated(dbaas: DbaasApi) -> None:
    """What breaks a rule is refused while an update is carried out, which goes on."""
    uuid = dbaas.other_instance()
    cpu = 2 if dbaas.number(uuid, "cpu") != 2 else 3
    exchange = dbaas.update(uuid, cpu=cpu)
    expect_success(exchange, requirement="DB-INST-UPDATE")
    expect_all_updates_refused(dbaas, uuid, exchange.json())
    expect_children_validated(dbaas, uuid)
    expect_active_with(dbaas, uuid, {"cpu": cpu}, "DB-INST-STATUS-BUSY")


@requirement("DB-INST-DISK-NO-SHRINK")
def test_a_disk_does_not_shrink_during_an_update(dbaas: DbaasApi) -> None:
    """While another update is carried out a smaller disk is refused, and again."""
    uuid = dbaas.other_instance()
    size = dbaas.number(uuid, "disk_size")
    expect_success(dbaas.update(uuid, ram=2048 if dbaas.number(uuid, "ram") != 2048 else 1024))
    expect_no_shrink(dbaas, uuid, size, size - 1, size // 2, size - 1)


@requirement("DB-INST-DISK-GROW", "DB-INST-DISK-NO-SHRINK")
@pytest.mark.parametrize("settled", cases({"under-way": False, "done": True}, {"under-way"}))
def test_a_growth_is_not_taken_back(dbaas: DbaasApi, settled: bool) -> None:  # noqa: FBT001
    """A disk that grew, or is growing, does not return to an earlier size by asking again."""
    uuid = dbaas.other_instance()
    first = dbaas.number(uuid, "disk_size")
    exchange = dbaas.update(uuid, disk_size=first + 10)
    expect_success(exchange, requirement="DB-INST-DISK-GROW")
    if settled:
        dbaas.wait_members(uuid, {"disk_size": first + 10})
    expect_no_shrink(dbaas, uuid, first + 10, first + 9, first, first, (first + 10) // 2)


@requirement("DB-INST-UPDATE-LAST")
def test_the_later_of_two_updates_holds(dbaas: DbaasApi) -> None:
    """An update that is accepted while another one is carried out holds in the end."""
    uuid = dbaas.other_instance()
    first: dict[str, Any] = SIZES | {"nodes_number": 4, "description": "first"}
    last: dict[str, Any] = first | {"nodes_number": 2, "cpu": 4, "description": "last"}
    expect_success(dbaas.update(uuid, **first), requirement="DB-INST-UPDATE")
    second = dbaas.update(uuid, **last)
    if not second.succeeded:
        expect_rejected(second, "the instance is IN_PROGRESS")
    expect_active_with(dbaas, uuid, last if second.succeeded else first)


@full
@requirement("DB-INST-UPDATE-LAST", "DB-INST-CHANGE-HOLDS")
def test_updates_in_a_row_all_hold(dbaas: DbaasApi) -> None:
    """Each of three updates, one after the other, takes effect and makes the instance ACTIVE."""
    uuid = dbaas.other_instance()
    for cpu, ram in ((5, 1024), (6, 2048), (5, 3072)):
        expect_success(dbaas.update(uuid, cpu=cpu, ram=ram), requirement="DB-INST-UPDATE")
        expect_active_with(dbaas, uuid, {"cpu": cpu, "ram": ram})


@creates
@requirement("DB-INST-STATUS-BUSY")
def test_requests_do_not_disturb_a_provisioning(dbaas: DbaasApi) -> None:
    """A new instance that is updated and gets users becomes ACTIVE with all that was accepted."""
    dbaas.pool.permit()
    uuid = dbaas.request()
    update, user = dbaas.update(uuid, **SIZES), dbaas.create_user(uuid)
    for exchange in (user, update):
        if not exchange.succeeded:
            expect_rejected(exchange, "the instance is NEW")
    expect_active_with(dbaas, uuid, SIZES if update.succeeded else {"cpu": 1, "ram": 1024})
    if user.succeeded:
        _active(dbaas, uuid, "users", identity(user))


@full
@requirement("DB-INST-STATUS-BUSY")
def test_users_and_databases_come_during_an_update(dbaas: DbaasApi) -> None:
    """A user and a database that are accepted during an update are there after it."""
    uuid, cpu = dbaas.other_instance(), 7
    expect_success(dbaas.update(uuid, cpu=cpu), requirement="DB-INST-UPDATE")
    exchange = dbaas.create_user(uuid)
    if exchange.succeeded:
        owner = identity(exchange)
        database = dbaas.create_database(uuid, owner)
        expect_active_with(dbaas, uuid, {"cpu": cpu})
        expect_success(dbaas.user(uuid, owner))
        if database.succeeded:
            expect_success(dbaas.database(uuid, identity(database)))
    else:
        expect_rejected(exchange, "the instance is IN_PROGRESS")
        expect_active_with(dbaas, uuid, {"cpu": cpu})


@creates
@full
@requirement("DB-INST-DELETE-BUSY", "DB-INST-DELETE-NO-RESURRECTION")
def test_a_new_instance_is_deleted_for_good(dbaas: DbaasApi) -> None:
    """An instance that is deleted while it is provisioned never becomes ACTIVE."""
    for _ in range(2):
        dbaas.pool.permit()
    deleted, other = dbaas.request(), dbaas.request()
    expect_deleted_for_good(dbaas, deleted, lambda: _active(dbaas, other))


@full
@requirement("DB-INST-DELETE-BUSY", "DB-INST-DELETE-NO-RESURRECTION")
def test_an_instance_that_is_updated_is_deleted_for_good(
    dbaas: DbaasApi, doomed_instance: dict[str, Any]
) -> None:
    """An instance that is deleted while it is updated never becomes ACTIVE again."""
    deleted, other = doomed_instance["uuid"], dbaas.other_instance()
    for uuid in (deleted, other):
        cpu = 8 if dbaas.number(uuid, "cpu") != 8 else 9
        expect_success(dbaas.update(uuid, cpu=cpu), requirement="DB-INST-UPDATE")
    expect_deleted_for_good(dbaas, deleted, lambda: _active(dbaas, other))


@full
@requirement("DB-INST-STATUS-CAUSE", "DB-INST-CHANGE-HOLDS")
def test_an_active_instance_stays_as_it_is(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """An instance that nobody updates is read with one status and one set of values for long."""
    _active(dbaas, instance["uuid"])
    before = dbaas.get(instance["uuid"]).json()
    for _ in range(20):
        shown = dbaas.get(instance["uuid"])
        for name, judged in HELD.items():
            expect_equal(shown.json().get(name), before.get(name), name, shown, judged)


@full
@requirement("DB-INST-UPDATE")
def test_an_update_of_words_alone_takes_effect(dbaas: DbaasApi) -> None:
    """A new name and description come to be shown, and no size changes with them."""
    uuid = dbaas.other_instance()
    sizes = {name: dbaas.number(uuid, name) for name in ("cpu", "ram", "disk_size")}
    words = {"name": dbaas.names.identifier(), "description": "other words"}
    expect_updated(dbaas, uuid, "DB-INST-UPDATE", **words)
    after = {name: dbaas.number(uuid, name) for name in sizes}
    expect_equal(after, sizes, "the sizes")


def _active(dbaas: DbaasApi, *parts: str) -> None:
    """Wait until an instance, or what belongs to it, is ACTIVE where anything drives that."""
    if dbaas.settings.wait_active:
        dbaas.wait_active(dbaas.path(*parts), "what was asked of a busy instance to ACTIVE")
