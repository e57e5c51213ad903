"""The vocabulary of load scenarios: what one arrival can do with resources."""

import copy
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pgassay.exchange import Exchange, Json
from pgassay.target.model import Family
from pgassay.traffic.adapter import Adapter, Condition, Resource, Start
from pgassay.traffic.clickhouse import ClickhouseAdapter
from pgassay.traffic.dbaas import DbaasAdapter
from pgassay.traffic.ledger import GONE, Ledger
from pgassay.traffic.pauses import pauses
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.progress import Progress
from pgassay.traffic.recorder import Recorder
from pgassay.traffic.samples import Outcome
from pgassay.traffic.session import Session


def adapter_of(plan: LoadPlan) -> Adapter:
    """Return the adapter of the plan's family."""
    if plan.family is Family.CLICKHOUSE:
        return ClickhouseAdapter(plan.target.clickhouse)
    return DbaasAdapter(plan.target.dbaas)


class Traffic:
    """What all arrivals of a run share."""

    def __init__(self, session: Session, adapter: Adapter) -> None:
        """Start with an empty ledger; `stopping` tells arrivals to come to an end."""
        self.session = session
        self.adapter = adapter
        self.plan = session.plan
        self.ledger = Ledger(self.plan.nonce, adapter, session.recorder.census)
        self.stopping = False
        self.progress = Progress()
        self.neighbours: list[Traffic] = []  # that of other tenants
        self.parts: dict[str, Traffic] = {}  # that of what a resource holds, by its identifier
        self._random = random.Random(f"{self.plan.seed}/{self.plan.worker}/polls")
        self._choices = random.Random(f"{self.plan.seed}/{self.plan.worker}/choices")
        self._numbers = itertools.count(1)

    @property
    def recorder(self) -> Recorder:
        """Where the requests of all tenants are recorded."""
        return self.session.recorder

    @property
    def all(self) -> "list[Traffic]":
        """This traffic and that of the other tenants."""
        return [self, *self.neighbours]

    def stop(self, *, stopping: bool) -> None:
        """Tell the arrivals of all tenants to come to an end, or not to."""
        for each in self.all:
            for one in (each, *each.parts.values()):
                one.stopping = stopping

    def part(self, owner: str, adapter: Adapter) -> "Traffic":
        """The traffic of what the resource `owner` holds: a ledger of its own, all else shared."""
        found = self.parts.get(owner)
        if found is None:
            found = self.parts[owner] = copy.copy(self)
            found.adapter, found.ledger = adapter, Ledger(self.plan.nonce, adapter)
            found.neighbours, found.parts = [], {}
        return found

    def choose(self, weights: Mapping[str, float]) -> str:
        """Draw a name by its weight, from the seed."""
        (name,) = self._choices.choices(list(weights), list(weights.values()))
        return name

    def below(self, number: int) -> int:
        """Draw a number from 0 to below `number`, from the seed."""
        return self._choices.randrange(number)

    def next_name(self) -> str:
        """Return the name of the next resource, known before it is sent, to be looked for."""
        return self.adapter.name(self.plan.nonce, next(self._numbers))

    def pauses(self) -> Iterator[float]:
        """The pauses between the polls of one wait, in seconds, without end."""
        return pauses(self.plan.target.timing.poll, self._random)


@dataclass(slots=True)
class Arrival:
    """One arrival at work; `due` is when its next request is meant to leave (clock's time).

    What is not `measured` (setup, cleanup) is journalled and counted, and yields no samples.
    `background` tells that it is the quiet tenant's turn. `suffix` is added to the names of its
    operations.
    """

    traffic: Traffic
    number: int = 0
    due: float | None = None
    measured: bool = True
    background: bool = False
    suffix: str = ""

    @property
    def family(self) -> Family:
        """The family under load."""
        return self.traffic.plan.family

    def create(self) -> Resource | None:
        """Create a resource without waiting for it; None where no usable answer came."""
        traffic, adapter = self.traffic, self.traffic.adapter
        name = traffic.next_name()
        exchange = self.call("create", "POST", adapter.collection(), adapter.creation(name))
        value = adapter.value(exchange)
        identifier = adapter.identity(value) if value is not None else ""
        if value is None or not identifier:
            return None
        return Resource(identifier, name, value, self.start(exchange))

    def wait_active(self, resource: Resource) -> bool:
        """Wait until a created resource may be used; tell whether it may."""
        budget = self.traffic.plan.target.timing.create
        condition = self.traffic.adapter.condition
        return self._wait("time_to_active", resource, resource.start, condition, budget)

    def usable(self, resource: Resource) -> bool:
        """Tell whether the resource may be used, as far as its last answer tells."""
        return self.traffic.adapter.condition(resource.value) is Condition.REACHED

    def read(self, resource: Resource) -> None:
        """Read a resource."""
        self._look("read", resource)

    def list(self) -> Exchange:
        """List all resources."""
        return self.call("list", "GET", self.traffic.adapter.collection())

    def update(self, resource: Resource, changes: Mapping[str, Json]) -> bool:
        """Change a resource and wait until it shows `changes`; tell whether it did."""
        return self._apply("update", "time_to_updated", resource, changes)

    def configure(self, resource: Resource, changes: Mapping[str, Json]) -> bool:
        """Change what needs no work, and wait until it shows `changes`; tell whether it did."""
        return self._apply("configure", "time_to_configured", resource, changes)

    def scale(self, resource: Resource, changes: Mapping[str, Json]) -> bool:
        """Scale a resource and wait until it shows `changes`; tell whether it did."""
        return self._apply("scale", "time_to_scaled", resource, changes)

    def delete(self, resource: Resource) -> None:
        """Delete a resource."""
        self.remove(resource.id)

    def remove(self, identifier: str) -> Exchange:
        """Delete the resource with this identifier."""
        path = self.traffic.adapter.path(identifier)
        return self.call("delete", "DELETE", path, expected=GONE)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        body: Json = ...,
        expected: frozenset[int] = frozenset(),
    ) -> Exchange:
        """Send a request; it counts from when it was due, or from now."""
        due, self.due = self.due, None
        ledger = self.traffic.ledger
        ticket = ledger.sending(method, path, body)
        exchange = self.traffic.session.call(
            operation + self.suffix,
            method,
            path,
            body,
            intended=due,
            measured=self.measured,
            expected=expected,
        )
        ledger.answered(ticket, exchange)
        for found in ledger.fresh():
            self.traffic.session.witness(found, exchange)
        return exchange

    def watch(
        self,
        figure: str,
        start: Start,
        look: Callable[[], Exchange],
        condition: Callable[[Exchange], Condition],
        budget: float,
    ) -> bool:
        """Poll until `condition` is no longer pending; record `figure` and tell whether it came.

        The figure is an interval: its end lies after the sending of the last look that did not see
        it (counted from the answer that started it) and before the answer of the first look that
        did (counted from the request that started it). `budget` is in seconds.
        """
        session = self.traffic.session
        lower, upper, outcome = 0.0, None, Outcome.UNFINISHED
        asked = 0.0
        self.traffic.progress.backlog += 1
        try:
            for pause in self.traffic.pauses():
                if self.traffic.stopping or session.tools.clock() - start.answered > budget:
                    return False
                self.due = session.tools.clock() + max(pause, asked)
                exchange = look()
                seen = condition(exchange)
                if seen is not Condition.PENDING:
                    upper = session.tools.clock() - start.sent
                    reached = seen is Condition.REACHED
                    outcome = Outcome.SUCCEEDED if reached else Outcome.FAILED
                    return reached
                asked = _asked_pause(exchange)
                lower = max(self.start(exchange).sent - start.answered, lower)
            return False
        finally:
            self.traffic.progress.backlog -= 1
            if self.measured:
                session.recorder.span(figure, start.sent, lower, upper, outcome)

    def start(self, exchange: Exchange) -> Start:
        """The times of an exchange that has just come back."""
        answered = self.traffic.session.tools.clock()
        return Start(answered - exchange.duration, answered)

    def drop(self, operation: str, reason: str) -> None:
        """Give this arrival up before its first request, and count that."""
        self.traffic.session.recorder.drop(operation, reason)

    def _apply(
        self,
        operation: str,
        figure: str,
        resource: Resource,
        changes: Mapping[str, Json],
    ) -> bool:
        adapter = self.traffic.adapter
        method, body = adapter.change(resource.value, changes)
        exchange = self.call(operation, method, adapter.path(resource.id), body)
        if not exchange.succeeded:
            return False

        def condition(value: Mapping[str, Json]) -> Condition:
            now = adapter.condition(value)
            shown = all(value.get(name) == wanted for name, wanted in changes.items())
            return now if shown or now is Condition.BROKEN else Condition.PENDING

        budget = self.traffic.plan.target.timing.scale
        return self._wait(figure, resource, self.start(exchange), condition, budget)

    def _wait(
        self,
        figure: str,
        resource: Resource,
        start: Start,
        condition: Callable[[Mapping[str, Json]], Condition],
        budget: float,
    ) -> bool:
        def seen(exchange: Exchange) -> Condition:
            if exchange.status in GONE:
                return Condition.BROKEN
            value = self.traffic.adapter.value(exchange)
            return Condition.PENDING if value is None else condition(value)

        return self.watch(figure, start, lambda: self._look("poll", resource), seen, budget)

    def _look(self, operation: str, resource: Resource) -> Exchange:
        """Read a resource and keep what it is now."""
        adapter = self.traffic.adapter
        exchange = self.call(operation, "GET", adapter.path(resource.id))
        resource.value = adapter.value(exchange) or resource.value
        return exchange


def _asked_pause(exchange: Exchange) -> float:
    """The seconds that a throttled client was asked to wait; 0 where none were named."""
    if exchange.status != 429:
        return 0.0
    for header in ("retry-after", "x-ratelimit-reset"):
        try:
            return max(float(exchange.headers.get(header, "")), 0.0)
        except ValueError:
            continue
    return 0.0
