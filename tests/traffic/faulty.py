"""A small server of either family in this process, on a clock of its own, with faults to choose."""

import itertools
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pgassay.exchange import Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, collections
from pgassay.target.model import ClickhouseSettings, Credential, Family, Scheme, Target, Timing
from pgassay.traffic.lifecycle import Arrival, Traffic, adapter_of
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.session import Answer, Session, Tools

NONCE = "0a1b2c3da"
ORGANIZATION = "11111111-1111-4111-8111-111111111111"


@dataclass
class Held:
    """One resource; `views` is what coming reads show instead of what it is."""

    value: dict[str, Any]
    fault: str = ""
    back_at: float = 0.0
    views: list[dict[str, Any]] = field(default_factory=list)


class World:
    """The server and the clock. Every `every`-th creation is struck by `fault`."""

    def __init__(
        self, family: Family, fault: str = "", every: int = 3, *, lists: bool = True
    ) -> None:
        self.family, self.fault, self.every, self.lists = family, fault, every, lists
        self.now = 1000.0
        self.held: dict[str, Held] = {}
        self.struck: set[str] = set()
        self.requests: Counter[str] = Counter()
        self._ids = itertools.count(1)
        clickhouse = family is Family.CLICKHOUSE
        self.identity, self.state = ("id", "state") if clickhouse else ("uuid", "status")
        self.new, self.ready = ("creating", "running") if clickhouse else ("NEW", "ACTIVE")

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def send(self, operation: str, request: Request) -> Answer:
        """Answer a request."""
        self.now += 0.001
        method, path = request.method, request.path
        self.requests[method] += 1
        body = json.loads(request.body or b"null")
        if path.endswith(("/postgres", "/instances")):
            return self._create(body) if method == "POST" else self._list()
        if path.endswith("/versions"):
            return Answer(200, b'[{"uuid": "v1"}]')
        one = self.held.get(path.rsplit("/", 1)[1])
        if one is None or self.now < one.back_at:
            return self._answer(404, None)
        return {"GET": self._read, "DELETE": self._delete}.get(
            method, lambda held: self._change(held, body)
        )(one)

    def _create(self, body: dict[str, Any]) -> Answer:
        number = next(self._ids)
        fault = self.fault if number % self.every == 0 else ""
        identifier = f"r{number}"
        if fault == "duplicate id":
            identifier = f"r{number - 1}"
        value = {**body, self.identity: identifier, self.state: self.new, "tags": []}
        if fault:
            self.struck.add(identifier)
        if fault != "lost create":
            self.held[identifier] = Held(value, fault)
        if fault == "phantom":
            twin = f"t{number}"
            self.held[twin] = Held({**value, self.identity: twin})
        if fault == "mute":
            return Answer(0, failure="timeout", timed_out=True)
        return self._answer(200 if self.family is Family.CLICKHOUSE else 201, value)

    def _list(self) -> Answer:
        if not self.lists:
            return self._answer(405, None)
        shown = []
        for one in self.held.values():
            if self.now >= one.back_at and one.fault != "list gap":
                shown += [one.value] * (2 if one.fault == "list repeat" else 1)
        return self._answer(200, shown)

    def _read(self, one: Held) -> Answer:
        if one.views:
            return self._answer(200, one.views.pop(0))
        shown = dict(one.value)
        one.value[self.state] = self.ready  # the first look finds it new, the next one ready
        return self._answer(200, shown)

    def _change(self, one: Held, body: dict[str, Any]) -> Answer:
        before = dict(one.value)
        one.value |= body
        if one.fault == "stale read":
            one.views = [before]
        if one.fault == "backward state":
            one.views = [{**one.value, self.state: self.new}]
        return self._answer(200, one.value)

    def _delete(self, one: Held) -> Answer:
        identifier = one.value[self.identity]
        if one.fault == "resurrected delete":
            one.fault, one.back_at = "", self.now + 0.05
        elif one.fault != "deaf":
            del self.held[identifier]
        return self._answer(200 if self.family is Family.CLICKHOUSE else 204, None)

    def _answer(self, status: int, value: Any) -> Answer:
        shown = value if self.family is Family.DBAAS else {"status": status, "result": value}
        body = b"" if status == 204 else json.dumps(shown).encode()
        return Answer(status, body, {"content-type": "application/json"})


def traffic(world: World, journal: Journal, watch: Any = None) -> Traffic:
    """Arrivals of one run on `world`, whose journal is `journal`."""
    timing = Timing(create=5.0, scale=5.0, delete=2.0, poll=0.02, settle=0.3)
    target = Target(
        "world",
        "http://127.0.0.1",
        (world.family,),
        timing=timing,
        clickhouse=ClickhouseSettings(organization_id=ORGANIZATION),
    )
    plan = LoadPlan(
        world.family, "s", "", 1.0, 1.0, 1.0, 1, 1, 1, "0a1b2c3d", NONCE, target, "", ""
    )
    ownership = Ownership(collections(target.dbaas.prefix))
    tools = Tools(world.send, world.sleep, lambda: world.now)
    session = Session(plan, Credential(Scheme.NONE), tools, journal, ownership)
    found = Traffic(session, adapter_of(plan))
    found.adapter.prepare(session)
    return found


def live(found: Traffic, number: int, *, clean: bool = True) -> None:
    """Let `number` resources live their lives side by side."""
    clickhouse = found.plan.family is Family.CLICKHOUSE
    change = {"tags": [{"key": "k"}]} if clickhouse else {"description": "changed"}
    arrivals = [Arrival(found, one) for one in range(number)]
    made = [(arrival, arrival.create()) for arrival in arrivals]
    alive = [(arrival, one) for arrival, one in made if one is not None]
    for arrival, one in alive:
        arrival.wait_active(one)
        arrival.list()
        arrival.update(one, change)
        arrival.read(one)
    for arrival, one in alive if clean else ():
        arrival.delete(one)
