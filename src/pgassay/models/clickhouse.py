"""A simple model of the clickhouse family, and machines that compare a target with it.

The model knows what the documents promise: members are merged, tags replaced and read at once,
configurations replaced or merged, copies are services of their own, a promotion makes a primary,
what is deleted stays away. After each step every service must show what the model holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hypothesis.stateful import initialize

from pgassay.deviation import NotJudged
from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status
from pgassay.exploration import First
from pgassay.families.clickhouse import ClickhouseApi, comparable, identity, result
from pgassay.families.clickhouse_copies import replica_body, server_time, with_backup
from pgassay.families.clickhouse_expectations import (
    expect_configured,
    expect_scaled,
    expect_scaling_refused,
    pair_of,
)
from pgassay.families.clickhouse_states import INVALID, READS, expect_settled, sizes, unordered
from pgassay.families.command_expectations import expect_running_again
from pgassay.models.scenario import Creations, Scenario

#: Values are few and bite: two tags that share no key, settings that overlap.
TAGS: Final[tuple[list[Json], ...]] = (
    [{"key": "a", "value": "1"}],
    [{"key": "a", "value": "2"}, {"key": "b", "value": "1"}],
    [],
)
PG: Final[tuple[dict[str, Json], ...]] = (
    {"max_connections": 101},
    {"max_connections": 102, "work_mem": "5MB"},
    {"wal_compression": "zstd"},
)
BOUNCER: Final[tuple[dict[str, Json], ...]] = (
    {"default_pool_size": "11"},
    {"default_pool_size": "12", "query_timeout": "30"},
)


@dataclass(slots=True)
class Service:
    """What a service must show; `word` names it in a story, `source` is what a replica follows."""

    word: str
    id: str
    members: dict[str, Json]
    maps: dict[str, Json]
    source: str = ""

    @property
    def primary(self) -> bool:
        """Tell whether it is a primary."""
        return self.members["isPrimary"] is True


class ServiceMachine(Scenario):
    """Act on services in any order, with every operation that the target offers.

    The base service is changed, never deleted. What else is made is at most one service, one read
    replica and one restored service, as far as the `creations` of all scenarios reach.
    """

    def __init__(self, api: ClickhouseApi, base: str, creations: Creations, first: First) -> None:
        """Start from `base`, a running service of this run; `first` keeps the first deviation."""
        super().__init__(api.client, creations, first)
        self.api, self.base = api, base
        self.services: list[Service] = []
        self.gone: list[str] = []

    @initialize()
    def start(self) -> None:
        """Begin the scenario."""
        with self.first:
            self.begin()

    def begin(self) -> None:
        """Bring the base service to a known state."""
        plain: dict[str, Json] = {"pgConfig": PG[0], "pgBouncerConfig": BOUNCER[0]}
        self.accepted(self.api.patch(self.base, {"tags": []}))
        expect_configured(
            self.api, self.api.replace_configuration(self.base, plain), self.base, plain
        )
        self.adopt("the base service", self.base)

    def at(self, at: int) -> Service:
        """One of the services."""
        return self.services[at % len(self.services)]

    def offers(self, feature: str) -> bool:
        """Tell whether the target claims a feature."""
        return self.api.client.target.features.get(feature, False)

    def may_make(self, word: str) -> bool:
        """Tell whether a service of this name may be made: there is none, and room for one."""
        there = any(service.word == word for service in self.services)
        return not there and self.creations.permitted(self.api.pool)

    def adopt(self, word: str, service: str, source: str = "", **asked: Json) -> None:
        """Take a service over as it is shown, with the members that were asked for."""
        shown = self.api.shown(service)
        known = ("name", "size", "haType", "tags", "isPrimary", "provider", "region")
        members = {name: shown.get(name) for name in known} | asked
        maps = comparable(result(self.api.configuration(service)))
        self.services.append(Service(word, service, members, maps, source))

    def accepted(self, exchange: Exchange) -> None:
        """Expect that a valid request succeeds."""
        expect_status(exchange, 200, title="a valid request is refused")

    def teardown(self) -> None:
        """Remove what the scenario created, replicas first."""
        if self.first.found is None:
            for service in sorted(self.services[1:], key=lambda each: each.primary):
                self.api.delete(service.id)

    def compare(self) -> None:
        """Expect that reads and the list show what the model holds, and nothing that is gone."""
        judged = "CH-SVC-MODEL"
        listed = {str(item.get("id")): item for item in self.api.listed()}
        for model in self.services:
            read = self.api.get(model.id)
            for shown, where in ((result(read), read), (listed.get(model.id), None)):
                for name, value in model.members.items():
                    seen = unordered(name, (shown or {}).get(name))
                    wanted = unordered(name, value)
                    expect_equal(seen, wanted, f"{name} of {model.word}", where, judged)
            read = self.api.configuration(model.id)
            what, maps = f"the configuration of {model.word}", comparable(result(read))
            expect_equal(maps, comparable(model.maps), what, read, judged)
        back = [service for service in self.gone if service in listed]
        expect_equal(back, [], "the list of deleted services", requirement="CH-SVC-DELETE-ABSENT")


def compared(
    operation: Callable[[ServiceMachine, Service, int], None],
) -> Callable[[ServiceMachine, int, int], None]:
    """Make an operation of one that acts on a service: afterwards all services are compared."""

    def whole(machine: ServiceMachine, at: int, pick: int) -> None:
        operation(machine, machine.at(at), pick)
        machine.compare()

    return whole


def _update(machine: ServiceMachine, service: Service, **members: Json) -> None:
    """Update a service; a read replica may refuse it, or show it."""
    words = ", ".join(f"{name} to {value}" for name, value in members.items())
    machine.say(f"update {words} of {service.word}")
    exchange = machine.api.patch(service.id, dict(members))
    if not service.primary and not exchange.succeeded:
        expect_rejected(exchange, "the service is a read replica")
        return
    machine.accepted(exchange)
    expect_settled(machine.api, service.id, members)
    service.members |= members


@compared
def tag(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Replace the tags."""
    _update(machine, service, tags=TAGS[pick % 3])


@compared
def rename(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Change the name; reads come to show it."""
    _update(machine, service, name=machine.api.names.words())


@compared
def resize(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Change the size, or the standbys; the replicas of a service are resized with it."""
    if pick % 2 or len(machine.api.settings.sizes) < 2 or not service.primary:
        wanted = [name for name in ("none", "async") if name != service.members["haType"]]
        _update(machine, service, haType=wanted[0])
        return
    size = next(size for size in sizes(machine.api) if size != service.members["size"])
    _update(machine, service, size=size)
    for replica in machine.services:
        if replica.source == service.id:
            expect_running_again(machine.api, replica.id)
            replica.members["size"] = machine.api.shown(replica.id).get("size")


@compared
def replace(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Replace the configuration."""
    machine.say(f"replace the configuration of {service.word}")
    body: dict[str, Json] = {"pgConfig": PG[pick % 3], "pgBouncerConfig": BOUNCER[pick % 2]}
    exchange = machine.api.replace_configuration(service.id, body)
    expect_configured(machine.api, exchange, service.id, body)
    service.maps = body


@compared
def merge(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Merge into the configuration."""
    machine.say(f"merge into the configuration of {service.word}")
    body: dict[str, Json] = {"pgConfig": PG[pick % 3], "pgBouncerConfig": BOUNCER[pick % 2]}
    merged = {name: service.maps.get(name, {}) | body[name] for name in body}
    exchange = machine.api.merge_configuration(service.id, body)
    expect_configured(machine.api, exchange, service.id, merged)
    service.maps = merged


@compared
def change_nothing(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Send an empty update, and one that must be refused."""
    attempt = INVALID[pick % len(INVALID)]
    machine.say(f"send an empty update of {service.word}, and one with a fault: {attempt.what}")
    machine.api.patch(service.id, {})
    if attempt.offered(machine.api):
        expect_rejected(attempt.send(machine.api, service.id), attempt.what)


@compared
def change_password(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Change the password of a primary."""
    if machine.offers("password") and service.primary:
        machine.say(f"change the password of {service.word}")
        body = {"password": machine.api.names.password()} if pick % 2 else {}
        machine.accepted(machine.api.set_password(service.id, body))


@compared
def restart(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Restart a service, which comes to run again."""
    if machine.offers("state_commands"):
        machine.say(f"restart {service.word}")
        machine.accepted(machine.api.command(service.id, {"command": "restart"}))
        expect_running_again(machine.api, service.id)


@compared
def switch_over(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Switch a service over; without a standby that may be refused, and does nothing."""
    if machine.offers("state_commands"):
        machine.say(f"switch {service.word} over, whose haType is {service.members['haType']}")
        exchange = machine.api.command(service.id, {"command": "switchover"})
        if not exchange.succeeded and (not service.primary or service.members["haType"] == "none"):
            expect_rejected(exchange, "there is no standby")
            return
        machine.accepted(exchange)
        expect_running_again(machine.api, service.id)


@compared
def promote(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Promote a service: a read replica becomes a primary, a primary stays one."""
    if machine.offers("state_commands"):
        machine.say(f"promote {service.word}")
        exchange = machine.api.command(service.id, {"command": "promote"})
        if service.primary:
            return
        machine.accepted(exchange)
        expect_settled(machine.api, service.id, {"isPrimary": True}, "CH-STATE-PROMOTE")
        service.members["isPrimary"], service.source = True, ""


@compared
def read_everything(machine: ServiceMachine, service: Service, pick: int) -> None:
    """Read all that a service shows of itself, which changes nothing."""
    machine.say(f"read all that {service.word} shows")
    now = server_time(machine.api.get(service.id))
    window = {"from_date": f"{now:%Y-%m-%dT00:00:00.000Z}", "to_date": f"{now:%FT%T.000Z}"}
    for read in READS:
        if read.offered(machine.api):
            expect_status(read.send(machine.api, service.id), 200, title="a read is refused")
    for feature, look in (
        ("metrics", machine.api.metrics),
        ("slow_queries", machine.api.slow_queries),
    ):
        if machine.offers(feature):
            expect(
                look(service.id, window).status < 500,
                f"{feature} cannot be read",
                expected="200, or a 4xx answer where there is nothing yet",
                actual=machine.api.client.last.line if machine.api.client.last else "",
            )


def create(machine: ServiceMachine, at: int, pick: int) -> None:
    """Create a service and wait until it runs."""
    word = "the new service"
    if machine.may_make(word):
        machine.say("create a service")
        machine.adopt(word, str(machine.api.running_service(tags=TAGS[0])["id"]), tags=TAGS[0])
        machine.compare()


def replicate(machine: ServiceMachine, at: int, pick: int) -> None:
    """Make a read replica of the base service, where a backup allows it."""
    word, base = "the replica", machine.base
    if machine.offers("read_replicas") and machine.may_make(word):
        machine.say("make a read replica of the base service")
        body = replica_body(machine.api, tags=TAGS[0])
        _copy(machine, word, body, lambda: machine.api.replicate(base, body), isPrimary=False)


def restore(machine: ServiceMachine, at: int, pick: int) -> None:
    """Restore the base service to the present, where a backup allows it."""
    word, base = "the restored service", machine.base
    if machine.offers("restore") and machine.may_make(word):
        machine.say("restore the base service to the present")
        body = replica_body(machine.api, tags=TAGS[1])

        def send() -> Exchange:
            now = server_time(machine.api.get(base))
            return machine.api.restore(base, body | {"restoreTarget": f"{now:%FT%TZ}"})

        _copy(machine, word, body, send, isPrimary=True)


def delete(machine: ServiceMachine, at: int, pick: int) -> None:
    """Delete a service that the scenario made, and wait until it is gone."""
    if len(machine.services) > 1:
        service = machine.services.pop(1 + at % (len(machine.services) - 1))
        machine.say(f"delete {service.word}")
        machine.accepted(machine.api.delete(service.id))
        machine.api.wait_gone(service.id)
        machine.gone.append(service.id)
        machine.compare()


def _copy(
    machine: ServiceMachine,
    word: str,
    body: dict[str, Json],
    send: Callable[[], Exchange],
    **members: Json,
) -> None:
    try:
        exchange = with_backup(machine.api, send)
    except NotJudged:
        return  # there is no backup yet, which is no fault
    machine.accepted(exchange)
    copy = identity(exchange)
    machine.api.wait_running(copy, f"{word.removeprefix('the ')} to running")
    source = machine.base if members["isPrimary"] is False else ""
    machine.adopt(word, copy, source, name=body["name"], tags=body["tags"], **members)
    machine.compare()


ServiceMachine.OPERATIONS = (
    tag,
    merge,
    resize,
    replicate,
    rename,
    read_everything,
    replace,
    change_nothing,
    change_password,
    restart,
    create,
    promote,
    restore,
    switch_over,
    delete,
)


class ScalingMachine(Scenario):
    """Change the CDC scaling in any order; what is refused must not disturb what was accepted."""

    def __init__(self, api: ClickhouseApi, first: First) -> None:
        """`first` keeps the first deviation."""
        super().__init__(api.client, Creations(0), first)
        self.api = api


def scale(machine: ScalingMachine, at: int, pick: int) -> None:
    """Scale to a documented pair, which takes effect."""
    cores = (1, 2, 3, 12, 16)[pick % 5]
    machine.say(f"scale to {cores} cores")
    expect_scaled(machine.api, pair_of(cores))


def mismatch(machine: ScalingMachine, at: int, pick: int) -> None:
    """Ask for a pair that does not fit; nothing changes."""
    cores, memory = ((1, 8), (2, 4), (2, 12), (24, 8), (1, 96), (24, 12))[pick % 6]
    machine.say(f"ask for {cores} cores and {memory} GiB")
    body = pair_of(cores) | {"replicaMemoryGb": memory}
    expect_scaling_refused(machine.api, body, "the memory is not four times the cores")


def scale_twice(machine: ScalingMachine, at: int, pick: int) -> None:
    """Ask for a pair and at once for another one; the last one that is accepted takes effect."""
    # Not to the present pair, or nobody could tell when all has come to pass.
    last = 7 if machine.api.scaling_pair() == pair_of(8) else 8
    machine.say(f"scale to {5 + pick % 2} cores and at once to {last}")
    pairs = (pair_of(5 + pick % 2), pair_of(last))
    answers = [machine.api.scale(pair) for pair in pairs]
    wanted = pairs[1] if answers[1].succeeded else pairs[0]
    waited = machine.api.wait_scaling(wanted)
    expect_equal(waited.value, wanted, "the CDC pair", requirement="CH-CDC-LAST")


ScalingMachine.OPERATIONS = (scale, mismatch, scale_twice)
