"""Expectations of the dbaas family that several checks share.

Each refusal is proven: the state is the same afterwards, and a valid request of the same kind has
gone through in this run.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pgassay.deviation import Blocked, Deviation
from pgassay.exchange import Exchange, Json
from pgassay.expectation import (
    expect,
    expect_equal,
    expect_member,
    expect_refusal,
    expect_rejected,
    expect_success,
    same,
    show,
)
from pgassay.families.dbaas import DbaasApi, items, refers_to, uuids
from pgassay.values.identifiers import Shape
from pgassay.values.numbers import RANGES, NumberRange
from pgassay.waiting import wait_until

#: Members that an answer may leave out or show in another style; they are compared elsewhere.
_UNCOMPARED: Final = frozenset({"password", "project_id"})
_REFERENCES: Final = frozenset({"version", "owner"})


def expect_creation_refused(api: DbaasApi, rule: str, **changes: Json) -> Exchange:
    """Expect that an instance with `changes` is refused because of `rule` and leaves nothing."""
    body = api.creation(**changes)
    return expect_refusal(
        lambda: api.create(body),
        rule=rule,
        twin=api.proof_of_creation,
        untouched=lambda: api.instances_named(body.get("name")),
        untouched_requirement="DB-INST-REJECT-UNTOUCHED",
    )


def expect_update_refused(api: DbaasApi, instance: str, rule: str, **changes: Json) -> Exchange:
    """Expect that an update with `changes` is refused because of `rule` and changes nothing."""
    api.proof_of_update(instance)
    return expect_refusal(
        lambda: api.update(instance, **changes),
        rule=rule,
        twin=lambda: api.proof_of_update(instance),
        untouched=lambda: api.representation(instance),
        untouched_requirement="DB-INST-REJECT-UNTOUCHED",
    )


def expect_user_refused(api: DbaasApi, instance: str, rule: str, **changes: Json) -> Exchange:
    """Expect that a user with `changes` is refused because of `rule`, and that none is added."""
    return expect_refusal(
        lambda: api.create_user(instance, **changes),
        rule=rule,
        twin=lambda: api.proof_of_user(instance),
        untouched=lambda: api.lasting(api.users(instance)),
        untouched_requirement="DB-USER-REJECT-UNTOUCHED",
    )


def expect_database_refused(
    api: DbaasApi, instance: str, owner: str, rule: str, /, **changes: Json
) -> Exchange:
    """Expect that a database with `changes` is refused because of `rule`, and none is added."""
    return expect_refusal(
        lambda: api.create_database(instance, owner, **changes),
        rule=rule,
        twin=lambda: api.proof_of_database(instance, owner),
        untouched=lambda: api.lasting(api.databases(instance)),
        untouched_requirement="DB-DB-REJECT-UNTOUCHED",
    )


def expect_untouched(attempt: Callable[[], Exchange], look: Callable[[], Json]) -> None:
    """Expect that what `look` sees survives a refused `attempt`; blocked where it is accepted."""
    before = look()
    exchange = attempt()
    if not exchange.rejected:
        raise Blocked(f"the invalid request was not refused: {exchange.line}")
    after = look()
    expect(
        same(before, after),
        "a refused request changed state",
        expected=show(before),
        actual=show(after),
        exchange=exchange,
    )


def expect_shown(exchange: Exchange, body: Mapping[str, Json], requirement: str = "") -> None:
    """Expect an answer with a thing that has the values of the creation's `body`."""
    expect_success(exchange, requirement=requirement)
    for name in body.keys() - _UNCOMPARED:
        shown = expect_member(exchange.json(), name, exchange, requirement)
        if name in _REFERENCES:
            expect_reference(shown, str(body[name]), name, exchange, requirement)
        else:
            expect_equal(shown, body[name], f"member `{name}`", exchange, requirement)


def expect_reference(
    shown: Json, sent: str, what: str, exchange: Exchange | None = None, requirement: str = ""
) -> None:
    """Expect that a reference names what the one that was sent names, in either style."""
    expect(
        refers_to(shown, sent.rstrip("/").rsplit("/", 1)[-1]),
        f"member `{what}` refers to something else",
        expected=sent,
        actual=show(shown),
        exchange=exchange,
        requirement=requirement,
    )


def expect_listed(exchange: Exchange, uuid: str, requirement: str = "") -> None:
    """Expect a list with exactly one member of this uuid."""
    expect_success(exchange, requirement=requirement)
    count = uuids(exchange).count(uuid)
    expect(
        count == 1,
        "the list does not have it exactly once",
        expected=f"one member with uuid {uuid}",
        actual=f"{count} of {len(items(exchange))} members",
        exchange=exchange,
        requirement=requirement,
    )


def expect_unlisted(exchange: Exchange, uuid: str, requirement: str = "") -> None:
    """Expect a list without a member of this uuid."""
    expect_success(exchange, requirement=requirement)
    expect(
        uuid not in uuids(exchange),
        "the list has what it must not have",
        expected=f"no member with uuid {uuid}",
        actual="a member with that uuid",
        exchange=exchange,
        requirement=requirement,
    )


def expect_absent(exchange: Exchange, what: str, requirement: str = "") -> None:
    """Expect that something cannot be read: any 4xx."""
    expect(
        exchange.rejected,
        f"{what} can be read",
        expected="404",
        actual=exchange.line,
        exchange=exchange,
        requirement=requirement,
    )


def expect_updated(api: DbaasApi, instance: str, requirement: str = "", **changes: Json) -> Json:
    """Expect that an update is accepted and that the settled instance comes to show it."""
    exchange = api.update(instance, **changes)
    expect_success(exchange, requirement=requirement)
    waited = api.wait_members(instance, changes)
    if not waited.reached:
        raise Deviation(
            "an accepted update does not take effect",
            f"{show(changes)} within {api.timing.scale:g} s",
            show(waited.value),
            requirement,
            exchange,
        )
    return waited.value


def expect_refused_or_kept(api: DbaasApi, instance: str, what: str, **changes: Json) -> None:
    """Expect that an update is refused and changes nothing, or comes to be shown as it was sent."""
    before = api.representation(instance)
    exchange = api.update(instance, **changes)
    if exchange.rejected:
        expect_equal(api.representation(instance), before, "the instance", exchange)
        return
    expect_success(exchange)
    waited = api.wait_members(instance, changes)
    expect(
        waited.reached,
        f"{what}: accepted, but not kept",
        expected=show(changes),
        actual=show(waited.value),
        exchange=exchange,
    )


def expect_owned_or_gone(
    api: DbaasApi, instance: str, database: str, requirement: str = ""
) -> None:
    """Expect that a database comes to be gone, or to have an owner who can be read."""

    def owned_or_gone() -> bool:
        shown = api.database(instance, database)
        if not shown.succeeded:
            return shown.rejected
        owner = str(expect_member(shown.json(), "owner", shown, "DB-DB-GET"))
        return api.user(instance, owner.rstrip("/").rsplit("/", 1)[-1]).succeeded

    waited = wait_until(owned_or_gone, bool, budget=api.timing.delete, poll=api.timing.poll)
    expect(
        waited.reached,
        "a database is left without its owner",
        expected="no database, or one whose owner exists",
        actual="a database whose owner cannot be read",
        requirement=requirement,
    )


def expect_user_name_judged(api: DbaasApi, instance: str, shape: Shape) -> None:
    """Expect that a drawn user name is accepted and kept, or refused, as its shape says."""
    name = shape.name(api.names)
    exchange = api.create_user(instance, name=name)
    if shape.fault:
        expect_rejected(exchange, shape.fault, requirement=f"DB-USER-{shape.aspect}")
    else:
        expect_shown(exchange, {"name": name}, f"DB-USER-{shape.aspect}")


def expect_database_name_judged(api: DbaasApi, instance: str, owner: str, shape: Shape) -> None:
    """Expect that a drawn database name is accepted and kept, or refused, as its shape says."""
    name = shape.name(api.names)
    exchange = api.create_database(instance, owner, name=name)
    if shape.fault:
        expect_rejected(exchange, shape.fault, requirement=f"DB-DB-{shape.aspect}")
    else:
        expect_shown(exchange, {"name": name}, f"DB-DB-{shape.aspect}")


def expect_number_refused(api: DbaasApi, numbers: NumberRange, value: Json) -> None:
    """Expect that an instance with a number outside its range is refused."""
    exchange = api.create(**numbers.changes(value))
    expect_rejected(exchange, numbers.rule, requirement=f"DB-INST-{numbers.area}-RANGE")


def expect_accepted(api: DbaasApi, numbers: NumberRange, value: int) -> None:
    """Expect that an instance with a number inside its range is created with it."""
    exchange = api.specimen(numbers.needs, **{numbers.member: value}).exchange
    expect_shown(exchange, {numbers.member: value})


def expect_numbers_accepted(api: DbaasApi, drawn: Mapping[str, int]) -> None:
    """Expect that an instance with numbers inside their ranges is created with them."""
    exchange = api.create(**drawn)
    for numbers in RANGES:
        judged = f"DB-INST-{numbers.area}-RANGE"
        expect_shown(exchange, {numbers.member: drawn[numbers.member]}, judged)
