"""Visit sizes: let a target hold so many resources, and time each operation while it does.

The sizes are visited in their order, each bigger than the one before, and then backwards, as
resources are deleted again. At each, operations come one after the other and in turn, so that what
disturbs the machine disturbs all of them alike. A visit leaves the number of resources as it was:
for each one that is created another is deleted.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from pgassay.exchange import Exchange, Json
from pgassay.target.model import Family
from pgassay.traffic import labour, whole_file
from pgassay.traffic.adapter import Condition, Unprepared
from pgassay.traffic.labour import Spawner
from pgassay.traffic.ledger import GONE
from pgassay.traffic.lifecycle import Arrival, Traffic
from pgassay.traffic.plan import LoadPlan

#: In the order in which they are timed.
OPERATIONS: Final = ("create", "read", "update", "list", "delete")
#: So many requests are in flight while resources are created and deleted in bulk.
TOGETHER: Final = 16
#: Rounds of each visit that are not counted: connections and caches get warm.
_WARM_UP: Final = 3
#: Listing a hundred thousand resources may take a second: at most so long in each visit, in
#: seconds, but at least so many.
_LISTING: Final = 60.0
_LISTINGS: Final = 10
#: So many refusals in a row end the growth of a population.
_PATIENCE: Final = 50


class Visit(msgspec.Struct):
    """The seconds of each operation's good answers while `resources` existed, in their order.

    `deleted` tells that there had been more. `refused` counts what was not answered well.
    """

    resources: int
    deleted: bool
    seconds: dict[str, list[float]] = msgspec.field(default_factory=dict)
    refused: dict[str, int] = msgspec.field(default_factory=dict)


def change(family: Family, number: int) -> Mapping[str, Json]:
    """A change that needs no new machine, so that its time is the control plane's own."""
    if family is Family.CLICKHOUSE:
        return {"tags": [{"key": "pgassay", "value": f"changed-{number}"}]}
    return {"description": f"changed {number} times by pgassay"}


class Visits:
    """The visits of one load process."""

    def __init__(self, traffic: Traffic, pool: Spawner | None = None) -> None:
        """Sizes and samples are the plan's; after each visit all goes to the plan's `place`."""
        self._traffic = traffic
        self._pool = pool
        self._path = place(traffic.plan)
        self._arrival = Arrival(traffic, measured=False)
        self._ids: list[str] = []
        self._numbers = random.Random(f"{traffic.plan.seed}/visits")
        self._visits: list[Visit] = []

    def run(self) -> None:
        """Visit all sizes, up and down, and delete everything; raises `Unprepared`."""
        sizes = self._traffic.plan.existing
        # The monitors would keep hundreds of thousands of answers, and judge them for minutes.
        self._traffic.session.watch = None
        try:
            for size in sizes:
                self._grow(size)
                self._visit(size, deleted=False)
            for size in reversed(sizes[:-1]):
                self._shrink(size)
                self._visit(size, deleted=True)
        finally:
            self._shrink(0)

    def _visit(self, size: int, *, deleted: bool) -> None:
        if self._traffic.stopping:
            return
        visit = Visit(size, deleted)
        for number in range(-_WARM_UP, self._traffic.plan.samples):
            if self._traffic.stopping:
                break
            self._tell("timing at", size)
            for operation, exchange in self._round(visit, number):
                if number < 0:
                    continue
                if exchange.succeeded:
                    visit.seconds.setdefault(operation, []).append(exchange.duration)
                else:
                    visit.refused[operation] = visit.refused.get(operation, 0) + 1
        self._visits.append(visit)
        write(self._visits, self._path)

    def _round(self, visit: Visit, number: int) -> Iterator[tuple[str, Exchange]]:
        """Each operation once; an update only of a resource that is ready for it."""
        created = self._create()
        yield "create", created
        identifier = self._numbers.choice(self._ids)
        read = self._plain("read", self._traffic.adapter.path(identifier))
        yield "read", read
        value = self._traffic.adapter.value(read)
        if value is not None and self._traffic.adapter.condition(value) is Condition.REACHED:
            yield "update", self._update(identifier, value, number)
        listings = visit.seconds.get("list", [])
        if len(listings) < _LISTINGS or sum(listings) < _LISTING:
            yield "list", self._plain("list", self._traffic.adapter.collection())
        yield "delete", self._delete()

    def _grow(self, size: int) -> None:
        """Create resources, many at a time, until there are `size`, and wait for the last one."""
        refused = pending = 0

        def create() -> None:
            nonlocal refused, pending
            self._tell("growing to", size)
            pending += 1
            try:
                exchange = self._create()
            finally:
                pending -= 1
            if exchange.succeeded:
                refused = 0
                return
            refused += 1
            if refused >= _PATIENCE:
                raise Unprepared(
                    f"{refused} creations in a row were refused with {len(self._ids)} resources; "
                    f"the last one: {exchange.line}"
                )

        self._together(create, lambda: len(self._ids) + pending < size)
        if not self._traffic.stopping:
            self._await(lambda value: value is None or self._ready(value), self._ids[-1])

    def _shrink(self, size: int) -> None:
        """Delete resources, many at a time, until `size` are left, and wait for the last one."""
        last = ""

        def delete() -> None:
            nonlocal last
            self._tell("shrinking to", size)
            last = self._ids[-1]
            self._delete()

        self._together(delete, lambda: len(self._ids) > size, stoppable=size > 0)
        if last and not self._traffic.stopping:
            self._await(lambda value: value is None, last)

    def _together(
        self, function: Callable[[], None], wanted: Callable[[], bool], *, stoppable: bool = True
    ) -> None:
        """Do something as long as it is wanted, many at a time where there is a pool."""

        def step() -> bool:
            going = wanted() and not (stoppable and self._traffic.stopping)
            if going:
                function()
            return going

        labour.repeat(step, self._pool, TOGETHER)

    def _tell(self, doing: str, size: int) -> None:
        """Let those who watch know: sizes take minutes, and no arrivals tell how far it is."""
        there = f", {len(self._ids):,} there" if len(self._ids) != size else ""
        self._traffic.progress.stage = f"{doing} {size:,} resources{there}"

    def _await(self, seen: Callable[[Mapping[str, Json] | None], bool], identifier: str) -> None:
        """Look at a resource until it is as wanted, for as long as a creation may take."""
        tools, timing = self._traffic.session.tools, self._traffic.plan.target.timing
        until = tools.clock() + max(timing.create, timing.delete)
        for pause in self._traffic.pauses():
            read = self._plain("read", self._traffic.adapter.path(identifier))
            if seen(self._traffic.adapter.value(read)) or tools.clock() + pause > until:
                return
            tools.sleep(pause)

    def _ready(self, value: Mapping[str, Json]) -> bool:
        return self._traffic.adapter.condition(value) is not Condition.PENDING

    def _create(self) -> Exchange:
        adapter = self._traffic.adapter
        body = adapter.creation(self._traffic.next_name())
        exchange = self._arrival.call("create", "POST", adapter.collection(), body)
        value = adapter.value(exchange)
        if value is not None and adapter.identity(value):
            self._ids.append(adapter.identity(value))
        return exchange

    def _delete(self) -> Exchange:
        """Delete a resource, drawn at random; one that cannot be is left to the cleanup."""
        place = self._numbers.randrange(len(self._ids))
        self._ids[place], self._ids[-1] = self._ids[-1], self._ids[place]
        identifier = self._ids.pop()
        path = self._traffic.adapter.path(identifier)
        return self._arrival.call("delete", "DELETE", path, expected=GONE)

    def _update(self, identifier: str, value: Mapping[str, Json], number: int) -> Exchange:
        adapter = self._traffic.adapter
        changes = change(self._traffic.plan.family, number + _WARM_UP)
        method, body = adapter.change(value, changes)
        return self._arrival.call("update", method, adapter.path(identifier), body)

    def _plain(self, operation: str, path: str) -> Exchange:
        # Past the ledger: it reads each listing as a whole, which takes longer than the target.
        return self._traffic.session.call(operation, "GET", path, measured=False)


def place(plan: LoadPlan) -> Path:
    """The file that the visits of a load go to."""
    return Path(plan.output).with_suffix(".visits.json")


def write(visits: list[Visit], path: Path) -> None:
    """Write what was measured in one step."""
    whole_file.write(path, msgspec.json.encode(visits) + b"\n")


def read(path: Path) -> list[Visit]:
    """Read what was measured; nothing where there is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Visit])
    except (OSError, msgspec.DecodeError):
        return []
