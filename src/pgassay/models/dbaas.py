"""A simple model of dbaas instances with users and databases, and a machine that compares.

What decides the course of a scenario is drawn: the order of the operations, and which of the
model's things each is about. Names and identifiers are not, so that a repeated scenario meets no
name of the first. After each step the instance that was touched must show what the model holds;
at the end all must.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.strategies import integers, permutations

from pgassay.exchange import Json
from pgassay.expectation import expect, expect_rejected, expect_success, same, show
from pgassay.exploration import First
from pgassay.families.dbaas import DbaasApi, identity
from pgassay.families.dbaas_expectations import expect_owned_or_gone, expect_shown, expect_updated
from pgassay.waiting import wait_until


@dataclass(slots=True)
class Instance:
    """What an instance must show: configuration, users and their names, databases and owners.

    What is in `kept` was there before the scenario and stays.
    """

    uuid: str
    adjustable: bool
    configuration: dict[str, Json]
    users: dict[str, str] = field(default_factory=dict)
    databases: dict[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()

    @classmethod
    def seen(cls, api: DbaasApi, uuid: str, *, adjustable: bool) -> "Instance":
        """Take over what the target shows."""
        users = {user: _name(api, uuid, user) for user in api.lasting(api.users(uuid))}
        databases = dict.fromkeys(api.lasting(api.databases(uuid)), "")
        kept = frozenset([*users, *databases])
        return cls(uuid, adjustable, api.representation(uuid), users, databases, kept)

    def user(self, pick: int) -> str | None:
        """One of the users; None where there is none."""
        return _nth(list(self.users), pick)

    def removable_user(self, pick: int) -> str | None:
        """One of the scenario's users."""
        return _nth([user for user in self.users if user not in self.kept], pick)

    def removable_database(self, pick: int) -> str | None:
        """One of the scenario's databases."""
        return _nth([name for name in self.databases if name not in self.kept], pick)


class DbaasMachine(RuleBasedStateMachine):
    """Act on instances, users and databases, and compare the target with the model.

    `own` is updated; `shared` gets users and databases but no updates. A scenario takes the
    operations in a drawn order, over and over: with few scenarios, rules that Hypothesis selects
    would repeat and starve. The first scenario has the order of `ACTIONS`.
    """

    def __init__(self, api: DbaasApi, shared: str, own: str, first: First) -> None:
        """Start a scenario from what the target shows now."""
        super().__init__()
        self.api = api
        self.first = first
        self.instances: list[Instance] = []
        self.steps: list[str] = []
        self.order: tuple[Action, ...] = ACTIONS
        with first:
            self.instances = [
                Instance.seen(api, own, adjustable=True),
                Instance.seen(api, shared, adjustable=False),
            ]

    @initialize(order=permutations(range(12)))
    def shuffle(self, order: list[int]) -> None:
        """Fix the order of the scenario's operations."""
        self.order = tuple(ACTIONS[index] for index in order)

    @rule(at=integers(0, 7), pick=integers(0, 7))
    def step(self, at: int, pick: int) -> None:
        """Take the next operation, to one of the instances and one of its things."""
        with self.first:
            action = self.order[len(self.steps) % len(self.order)]
            self.steps.append(action.__name__.replace("_", " "))
            instance = self.instances[at % len(self.instances)]
            action(self, instance, pick)
            if instance in self.instances:
                self.compare(instance)

    def teardown(self) -> None:
        """Compare everything once more and remove what the scenario created."""
        if self.first.found is not None:
            return  # the check's own cleaning up removes it
        with self.first:
            for instance in self.instances:
                self.compare(instance)
            for third in self.instances[2:]:
                delete_instance(self, third, 0)
            for instance in self.instances:
                while instance.removable_database(0):
                    delete_database(self, instance, 0)
                while instance.removable_user(0):
                    delete_user(self, instance, 0)

    def compare(self, instance: Instance) -> None:
        """Expect that an instance comes to show what the model holds."""
        api, uuid = self.api, instance.uuid
        self._agree(lambda: api.representation(uuid), instance.configuration, "DB-INST-GET")
        users, databases = sorted(instance.users), sorted(instance.databases)
        self._agree(lambda: api.lasting(api.users(uuid)), users, "DB-USER-LIST")
        self._agree(lambda: api.lasting(api.databases(uuid)), databases, "DB-DB-LIST")

    def _agree(self, look: Callable[[], Json], wanted: Json, requirement: str) -> None:
        timing = self.api.timing
        waited = wait_until(
            look, lambda seen: same(seen, wanted), budget=timing.settle, poll=timing.poll
        )
        expect(
            waited.reached,
            "the target does not show what was done to it",
            expected=show(wanted),
            actual=f"{show(waited.value)} after: {', '.join(self.steps)}",
            requirement=requirement,
        )


Action: TypeAlias = Callable[[DbaasMachine, Instance, int], None]


def create_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid user is added."""
    body = machine.api.user_creation()
    exchange = machine.api.create_user(instance.uuid, body)
    expect_shown(exchange, {"name": body["name"]}, "DB-USER-CREATE")
    instance.users[identity(exchange)] = body["name"]


def create_user_again(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A second user of the same name is refused."""
    user = instance.user(pick)
    if user and machine.api.settings.unique_names:
        exchange = machine.api.create_user(instance.uuid, name=instance.users[user])
        expect_rejected(exchange, "the name is taken", requirement="DB-USER-NAME-UNIQUE")


def create_invalid_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """An invalid user is refused."""
    names = machine.api.names
    aspect, changes = (
        ("NAME-RESERVED", {"name": f"pg_{names.identifier()}"}),
        ("NAME-LENGTH", {"name": names.identifier_of(64)}),
        ("PASSWORD-LENGTH", {"password": names.password(7)}),
    )[pick % 3]
    exchange = machine.api.create_user(instance.uuid, **changes)
    expect_rejected(exchange, f"{aspect} is violated", requirement=f"DB-USER-{aspect}")


def create_database(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid database is added."""
    owner = instance.user(pick)
    if owner:
        body = machine.api.database_creation(instance.uuid, owner)
        exchange = machine.api.create_database(instance.uuid, body=body)
        expect_shown(exchange, {"owner": body["owner"]}, "DB-DB-CREATE")
        instance.databases[identity(exchange)] = owner


def create_database_of_a_stranger(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A database of another instance's user is refused."""
    other = next(each for each in reversed(machine.instances) if each is not instance)
    stranger = other.user(pick)
    if stranger:
        exchange = machine.api.create_database(instance.uuid, stranger)
        reason = "the owner is a user of another instance"
        expect_rejected(exchange, reason, requirement="DB-DB-OWNER-VALID")


def update_instance(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid update takes effect."""
    member, two = (("cpu", (2, 3)), ("ram", (2048, 4096)), ("nodes_number", (3, 4)))[pick % 3]
    value = two[instance.configuration.get(member) == two[0]]
    if instance.adjustable:
        expect_updated(machine.api, instance.uuid, "DB-INST-UPDATE", **{member: value})
        instance.configuration[member] = value


def grow_disk(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A disk grows."""
    if instance.adjustable:
        size = machine.api.number(instance.uuid, "disk_size") + 1
        expect_updated(machine.api, instance.uuid, "DB-INST-DISK-GROW", disk_size=size)
        instance.configuration["disk_size"] = size


def shrink_disk(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A disk does not shrink."""
    size = machine.api.number(instance.uuid, "disk_size")
    exchange = machine.api.update(instance.uuid, disk_size=size - 1)
    reason = f"a disk of {size} GB must not shrink"
    expect_rejected(exchange, reason, requirement="DB-INST-DISK-NO-SHRINK")


def create_instance(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A third instance appears, with a user and a database of its own."""
    if len(machine.instances) == 2:
        created = machine.api.active_instance()
        third = Instance.seen(machine.api, str(created["uuid"]), adjustable=True)
        machine.instances.append(third)
        create_user(machine, third, 0)
        create_database(machine, third, 0)
        machine.compare(third)


def delete_instance(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """The third instance disappears with all that it has."""
    if len(machine.instances) > 2:
        api, third = machine.api, machine.instances.pop()
        expect_success(api.delete(third.uuid), requirement="DB-INST-DELETE")
        api.wait_absent(api.path(third.uuid), "DB-INST-DELETE")
        for kind, children in (("users", third.users), ("databases", third.databases)):
            for child in children:
                api.wait_absent(api.path(third.uuid, kind, child), "DB-INST-DELETE-CASCADE")


def delete_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A user is removed; one who owns databases may be kept, or leaves none without owner."""
    user, api = instance.removable_user(pick), machine.api
    owned = [name for name, owner in instance.databases.items() if owner == user]
    exchange = api.delete_user(instance.uuid, user) if user else None
    if not user or exchange is None or (owned and exchange.rejected):
        return
    expect_success(exchange, requirement="DB-USER-DELETE")
    api.wait_absent(api.path(instance.uuid, "users", user), "DB-USER-DELETE")
    del instance.users[user]
    for database in owned:
        expect_owned_or_gone(api, instance.uuid, database, "DB-DB-OWNER-REMOVED")
        if api.database(instance.uuid, database).rejected:
            del instance.databases[database]


def delete_database(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A database is removed."""
    database, api = instance.removable_database(pick), machine.api
    if database:
        exchange = api.delete_database(instance.uuid, database)
        expect_success(exchange, requirement="DB-DB-DELETE")
        api.wait_absent(api.path(instance.uuid, "databases", database), "DB-DB-DELETE")
        del instance.databases[database]


#: Every operation, in an order in which each finds something to act on.
ACTIONS: Final[tuple[Action, ...]] = (
    create_user,
    create_user_again,
    create_invalid_user,
    create_database,
    create_database_of_a_stranger,
    grow_disk,
    shrink_disk,
    update_instance,
    create_instance,
    delete_user,
    delete_database,
    delete_instance,
)


def _name(api: DbaasApi, instance: str, user: str) -> str:
    shown = api.user(instance, user).json()
    return str(shown.get("name")) if isinstance(shown, dict) else ""


def _nth(things: list[str], pick: int) -> str | None:
    return things[pick % len(things)] if things else None
