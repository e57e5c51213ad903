"""Expectations of instances that are not settled: the rules hold, and what was accepted comes."""

from collections.abc import Callable, Mapping
from typing import Final

from pgassay.deviation import NotTestable
from pgassay.exchange import Json
from pgassay.expectation import expect, expect_equal, expect_rejected, same, show
from pgassay.families.dbaas import WRITABLE, DbaasApi
from pgassay.waiting import wait_until

#: Changes that break one limit each.
_BEYOND: Final[tuple[tuple[str, dict[str, Json]], ...]] = (
    ("cpu is below 1", {"cpu": 0}),
    ("cpu is above 128", {"cpu": 129}),
    ("ram is below 512 MB", {"ram": 511}),
    ("disk_size is above 1 TB", {"disk_size": 1025}),
    ("nodes_number is above 16", {"nodes_number": 17}),
    ("sync_replica_number is above 15", {"nodes_number": 16, "sync_replica_number": 16}),
)


def expect_all_updates_refused(api: DbaasApi, instance: str, answer: Json) -> None:
    """Expect that updates beyond a limit are refused, and that the instance keeps its values.

    `answer` is the last one that showed it: full updates are made from that.
    """
    shown = answer if isinstance(answer, dict) else {}
    present = {name: shown[name] for name in WRITABLE if name in shown}
    for rule, change in (*_BEYOND, ("the disk shrinks", {"disk_size": 9})):
        exchange = api.update(instance, **present | change)
        expect_rejected(exchange, rule, requirement="DB-INST-STATUS-VALIDATION")
    after = api.representation(instance)
    expect_equal(
        {name: after.get(name) for name in present if name in after},
        {name: present[name] for name in present if name in after},
        "the instance after refused updates",
        requirement="DB-INST-STATUS-VALIDATION",
    )


def expect_children_validated(api: DbaasApi, instance: str) -> None:
    """Expect that a user and a database that break a rule are refused, and leave nothing."""
    judged = "DB-INST-STATUS-CHILDREN"
    before = (api.lasting(api.users(instance)), api.lasting(api.databases(instance)))
    for rule, user in (
        ("the name is reserved", {"name": f"pg_{api.names.identifier()}"}),
        ("the name has 64 characters", {"name": api.names.identifier_of(64)}),
        ("the password has 7 characters", {"password": api.names.password(7)}),
    ):
        expect_rejected(api.create_user(instance, **user), rule, requirement=judged)
    database = api.create_database(instance, api.absent_uuid())
    expect_rejected(database, "there is no such owner", requirement=judged)
    after = (api.lasting(api.users(instance)), api.lasting(api.databases(instance)))
    expect_equal(list(after), list(before), "users and databases", requirement=judged)


def expect_no_shrink(api: DbaasApi, instance: str, size: int, *smaller: int) -> None:
    """Expect that a disk of `size` GB takes none of the `smaller` sizes, now or once settled."""
    judged = "DB-INST-DISK-NO-SHRINK"
    for settled in (False, True):
        if settled and api.settings.wait_active:
            api.wait_active(api.path(instance), "instance update to ACTIVE")
        for less in smaller:
            exchange = api.update(instance, disk_size=less)
            rule = f"a disk of {size} GB must not shrink to {less} GB"
            expect_rejected(exchange, rule, requirement=judged)
        shown = api.number(instance, "disk_size")
        # While it grows, reads may still show the size before.
        expect(
            shown == size or not settled,
            "a disk has another size than it was given",
            expected=f"{size}",
            actual=f"{shown}",
            requirement=judged,
        )


def expect_active_with(
    api: DbaasApi, instance: str, wanted: Mapping[str, Json], requirement: str = ""
) -> None:
    """Expect that the instance becomes ACTIVE with the `wanted` members, and goes on so."""
    looks = 0

    def held(shown: Json) -> bool:
        nonlocal looks
        there = isinstance(shown, dict) and all(same(shown.get(m), wanted[m]) for m in wanted)
        looks = looks + 1 if there and (idle or shown.get("status") == "ACTIVE") else 0
        return looks >= 3

    idle = not api.settings.wait_active
    waited = wait_until(
        lambda: api.get(instance).json(), held, budget=api.timing.scale, poll=api.timing.poll
    )
    expect(
        waited.reached,
        "the instance does not become ACTIVE with what was asked for",
        expected=f"ACTIVE with {show(dict(wanted))} within {api.timing.scale:g} s",
        actual=show(waited.value),
        requirement=requirement,
    )


def expect_deleted_for_good(api: DbaasApi, instance: str, meanwhile: Callable[[], object]) -> None:
    """Expect that a delete makes a busy instance disappear, and that it does not come back.

    A delete may be refused until the instance is settled. `meanwhile` waits for as long as the
    instance would have been busy.
    """
    exchange = api.delete(instance)
    if not exchange.succeeded:
        expect_rejected(exchange, "the instance is busy", requirement="DB-INST-DELETE-BUSY")
        if not api.settings.wait_active:
            raise NotTestable("the delete of a busy instance is refused, and it stays busy")
        api.wait_active(api.path(instance), "instance update to ACTIVE")
        api.delete(instance)
    api.wait_absent(api.path(instance), "DB-INST-DELETE-BUSY")
    meanwhile()
    after = api.get(instance)
    expect_rejected(after, "the instance was deleted", requirement="DB-INST-DELETE-NO-RESURRECTION")
