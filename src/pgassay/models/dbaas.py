"""A simple model of dbaas instances with users and databases, and a machine that compares.

After each step the instance that was touched must show what the model holds; at the end all must.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis.stateful import initialize

from pgassay.exchange import Json
from pgassay.expectation import expect, expect_rejected, expect_success, same, show
from pgassay.exploration import First
from pgassay.families.dbaas import DbaasApi, identity
from pgassay.families.dbaas_expectations import expect_owned_or_gone, expect_shown, expect_updated
from pgassay.families.dbaas_statuses import expect_active_with
from pgassay.models.scenario import Creations, Scenario, nth
from pgassay.values.numbers import DISK
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
        return nth(list(self.users), pick)

    def removable_user(self, pick: int) -> str | None:
        """One of the scenario's users."""
        return nth([user for user in self.users if user not in self.kept], pick)

    def removable_database(self, pick: int) -> str | None:
        """One of the scenario's databases."""
        return nth([name for name in self.databases if name not in self.kept], pick)


class DbaasMachine(Scenario):
    """Act on instances, users and databases, and compare the target with the model.

    `own` is updated; `shared` gets users and databases but no updates. A scenario creates one
    more instance, as far as the `creations` of all scenarios reach.
    """

    def __init__(
        self, api: DbaasApi, shared: str, own: str, creations: Creations, first: First
    ) -> None:
        """Start a scenario from what the target shows now."""
        super().__init__(api.client, creations, first)
        self.api, self.own, self.shared = api, own, shared
        self.instances: list[Instance] = []
        #: Names of users that were deleted, with their instance.
        self.free: list[tuple[str, str]] = []

    @initialize()
    def start(self) -> None:
        """Begin the scenario."""
        with self.first:
            self.begin()

    def begin(self) -> None:
        """Take over what the target shows."""
        self.instances = [
            Instance.seen(self.api, self.own, adjustable=True),
            Instance.seen(self.api, self.shared, adjustable=False),
        ]

    def at(self, at: int) -> Instance:
        """One of the instances."""
        return self.instances[at % len(self.instances)]

    def word(self, instance: Instance) -> str:
        """An instance in words."""
        return ("the own instance", "the shared instance", "the third instance")[
            self.instances.index(instance)
        ]

    def teardown(self) -> None:
        """Compare everything once more and remove what the scenario created."""
        if self.first.found is not None:
            return  # the check's own cleaning up removes it
        with self.first:
            for instance in self.instances:
                self.compare(instance)
            while len(self.instances) > 2:
                delete_instance(self, 0, 0)
            for at, instance in enumerate(self.instances):
                while instance.removable_database(0):
                    delete_database(self, at, 0)
                while instance.removable_user(0):
                    delete_user(self, at, 0)

    def compare(self, instance: Instance) -> None:
        """Expect that an instance comes to show what the model holds."""
        api, uuid = self.api, instance.uuid
        self._agree(lambda: api.representation(uuid), instance.configuration)
        users, databases = sorted(instance.users), sorted(instance.databases)
        self._agree(lambda: api.lasting(api.users(uuid)), users)
        self._agree(lambda: api.lasting(api.databases(uuid)), databases)

    def _agree(self, look: Callable[[], Json], wanted: Json) -> None:
        timing = self.api.timing
        waited = wait_until(
            look, lambda seen: same(seen, wanted), budget=timing.settle, poll=timing.poll
        )
        expect(
            waited.reached,
            "the target does not show what was done to it",
            expected=show(wanted),
            actual=show(waited.value),
            requirement="DB-INST-MODEL",
        )


def compared(
    operation: Callable[[DbaasMachine, Instance, int], None],
) -> Callable[[DbaasMachine, int, int], None]:
    """Make an operation of one that acts on an instance: afterwards the instance is compared."""

    @functools.wraps(operation)
    def whole(machine: DbaasMachine, at: int, pick: int) -> None:
        instance = machine.at(at)
        operation(machine, instance, pick)
        if instance in machine.instances:
            machine.compare(instance)

    return whole


@compared
def create_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid user is added."""
    machine.say(f"add a user to {machine.word(instance)}")
    body = machine.api.user_creation()
    exchange = machine.api.create_user(instance.uuid, body)
    expect_shown(exchange, {"name": body["name"]}, "DB-USER-CREATE")
    instance.users[identity(exchange)] = body["name"]


@compared
def create_user_again(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A second user of the same name is refused."""
    user = instance.user(pick)
    if user and machine.api.settings.unique_names:
        machine.say(f"add a second user of a name to {machine.word(instance)}")
        exchange = machine.api.create_user(instance.uuid, name=instance.users[user])
        expect_rejected(exchange, "the name is taken", requirement="DB-USER-NAME-UNIQUE")


@compared
def create_user_of_a_free_name(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """The name of a deleted user can be used again."""
    names = [name for uuid, name in machine.free if uuid == instance.uuid]
    name = nth([name for name in names if name not in instance.users.values()], pick)
    if name:
        machine.say(f"add a user with the name of a deleted one to {machine.word(instance)}")
        exchange = machine.api.create_user(instance.uuid, name=name)
        expect_shown(exchange, {"name": name}, "DB-USER-NAME-UNIQUE-SCOPE")
        instance.users[identity(exchange)] = name


@compared
def create_invalid_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """An invalid user is refused."""
    names = machine.api.names
    aspect, changes = (
        ("NAME-RESERVED", {"name": f"pg_{names.identifier()}"}),
        ("NAME-LENGTH", {"name": names.identifier_of(64)}),
        ("PASSWORD-LENGTH", {"password": names.password(7)}),
    )[pick % 3]
    machine.say(f"add a user to {machine.word(instance)} that breaks {aspect}")
    exchange = machine.api.create_user(instance.uuid, **changes)
    expect_rejected(exchange, f"{aspect} is violated", requirement=f"DB-USER-{aspect}")


@compared
def create_database(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid database is added."""
    owner = instance.user(pick)
    if owner:
        machine.say(f"add a database to {machine.word(instance)}")
        body = machine.api.database_creation(instance.uuid, owner)
        exchange = machine.api.create_database(instance.uuid, body=body)
        expect_shown(exchange, {"owner": body["owner"]}, "DB-DB-CREATE")
        instance.databases[identity(exchange)] = owner


@compared
def create_database_of_a_stranger(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A database of another instance's user, or of nobody, is refused."""
    other = next(each for each in reversed(machine.instances) if each is not instance)
    stranger = other.user(pick) if pick % 2 else machine.api.absent_uuid()
    if stranger:
        machine.say(f"add a database to {machine.word(instance)} that nobody there owns")
        exchange = machine.api.create_database(instance.uuid, stranger)
        reason = "the owner is no user of the instance"
        expect_rejected(exchange, reason, requirement="DB-DB-OWNER-VALID")


@compared
def read_everything(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """Reads of versions, users and databases succeed and change nothing."""
    api, uuid = machine.api, instance.uuid
    machine.say(f"read all of {machine.word(instance)}, and the versions")
    reads = [api.get(uuid), api.versions()]
    reads += [api.user(uuid, user) for user in instance.users]
    for database, owner in instance.databases.items():
        exchange = api.database(uuid, database)
        expect_success(exchange, requirement="DB-DB-GET")
        if owner:
            sent = api.reference("instances", uuid, "users", owner)
            expect_shown(exchange, {"owner": sent}, "DB-DB-OWNER-REFERENCE")
    for exchange in reads:
        expect_success(exchange, requirement="DB-INST-GET")


@compared
def update_instance(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A valid update takes effect."""
    member, two = (("cpu", (2, 3)), ("ram", (2048, 4096)), ("nodes_number", (3, 4)))[pick % 3]
    value = two[instance.configuration.get(member) == two[0]]
    if instance.adjustable:
        machine.say(f"update {member} of {machine.word(instance)} to {value}")
        expect_updated(machine.api, instance.uuid, "DB-INST-UPDATE", **{member: value})
        instance.configuration[member] = value


@compared
def update_in_flight(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """Of two updates in a row the last one that is accepted holds."""
    if not instance.adjustable:
        return
    cpu = 6 if instance.configuration.get("cpu") in {5, 7} else 5
    machine.say(f"update cpu of {machine.word(instance)} to {cpu} and at once to {cpu + 2}")
    accepted = instance.configuration
    for value in (cpu, cpu + 2):
        wanted = instance.configuration | {"cpu": value, "description": f"in flight {value}"}
        if machine.api.update(instance.uuid, **wanted).succeeded:
            accepted = wanted
    expect_active_with(machine.api, instance.uuid, accepted, "DB-INST-UPDATE-LAST")
    instance.configuration = accepted


@compared
def grow_disk(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A disk grows, unless it is as large as disks may be."""
    size = machine.api.number(instance.uuid, "disk_size") + 1
    if instance.adjustable and size <= DISK.largest:
        machine.say(f"grow the disk of {machine.word(instance)} to {size} GB")
        expect_updated(machine.api, instance.uuid, "DB-INST-DISK-GROW", disk_size=size)
        instance.configuration["disk_size"] = size


@compared
def shrink_disk(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A disk does not shrink, by one or by half."""
    size = machine.api.number(instance.uuid, "disk_size")
    smaller = size - 1 if pick % 2 else size // 2
    machine.say(f"shrink the disk of {machine.word(instance)} to {smaller} GB")
    exchange = machine.api.update(instance.uuid, disk_size=smaller)
    reason = f"a disk of {size} GB must not shrink"
    expect_rejected(exchange, reason, requirement="DB-INST-DISK-NO-SHRINK")


def create_instance(machine: DbaasMachine, at: int, pick: int) -> None:
    """A third instance appears, with a user and a database of its own."""
    if len(machine.instances) == 2 and machine.creations.permitted(machine.api.pool):
        machine.say("create a third instance")
        created = machine.api.active_instance()
        machine.instances.append(Instance.seen(machine.api, str(created["uuid"]), adjustable=True))
        create_user(machine, 2, 0)
        create_database(machine, 2, 0)


def delete_instance(machine: DbaasMachine, at: int, pick: int) -> None:
    """The third instance disappears with all that it has."""
    if len(machine.instances) > 2:
        machine.say("delete the third instance")
        api, third = machine.api, machine.instances.pop()
        expect_success(api.delete(third.uuid), requirement="DB-INST-DELETE")
        api.wait_absent(api.path(third.uuid), "DB-INST-DELETE")
        for kind, children in (("users", third.users), ("databases", third.databases)):
            for child in children:
                api.wait_absent(api.path(third.uuid, kind, child), "DB-INST-DELETE-CASCADE")


@compared
def delete_user(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A user is removed; one who owns databases may be kept, or leaves none without owner."""
    user, api = instance.removable_user(pick), machine.api
    if not user:
        return
    owned = [name for name, owner in instance.databases.items() if owner == user]
    machine.say(f"delete a user of {machine.word(instance)} who owns {len(owned)} databases")
    exchange = api.delete_user(instance.uuid, user)
    if owned and exchange.rejected:
        return
    expect_success(exchange, requirement="DB-USER-DELETE")
    api.wait_absent(api.path(instance.uuid, "users", user), "DB-USER-DELETE")
    machine.free.append((instance.uuid, instance.users.pop(user)))
    for database in owned:
        expect_owned_or_gone(api, instance.uuid, database, "DB-DB-OWNER-REMOVED")
        if api.database(instance.uuid, database).rejected:
            del instance.databases[database]


@compared
def delete_database(machine: DbaasMachine, instance: Instance, pick: int) -> None:
    """A database is removed."""
    database, api = instance.removable_database(pick), machine.api
    if database:
        machine.say(f"delete a database of {machine.word(instance)}")
        exchange = api.delete_database(instance.uuid, database)
        expect_success(exchange, requirement="DB-DB-DELETE")
        api.wait_absent(api.path(instance.uuid, "databases", database), "DB-DB-DELETE")
        del instance.databases[database]


DbaasMachine.OPERATIONS = (
    create_user,
    create_user_again,
    create_invalid_user,
    create_database,
    create_database_of_a_stranger,
    grow_disk,
    shrink_disk,
    update_instance,
    update_in_flight,
    read_everything,
    create_instance,
    delete_user,
    create_user_of_a_free_name,
    delete_database,
    delete_instance,
)


def _name(api: DbaasApi, instance: str, user: str) -> str:
    shown = api.user(instance, user).json()
    return str(shown.get("name")) if isinstance(shown, dict) else ""
