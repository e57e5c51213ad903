"""Loads carried out in virtual time: arrivals run beside each other, and waiting takes no time."""

import heapq
import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from unittest import mock

from greenlet import getcurrent, greenlet

from pgassay.exchange import Request
from pgassay.reference.app import create_app
from pgassay.reference.clickhouse.seed import SEED
from pgassay.reference.settings import Credentials, Settings
from pgassay.reference.stand import Stand, standing
from pgassay.target.model import ClickhouseSettings, Credential, Family, Scheme, Target, Timing
from pgassay.traffic import record
from pgassay.traffic.execution import Execution
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.session import Answer, Tools, Transport

#: When virtual time begins, in seconds since the Unix epoch.
START = 1_780_000_000.0


class VirtualTime:
    """A clock, and the greenlets that wait on it; the next one goes on when its time has come."""

    def __init__(self) -> None:
        self.seconds = START
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, Any]] = []
        self._hub = getcurrent()
        self._live: set[Any] = set()

    def now(self) -> float:
        """What the clock shows; a reference server goes by it, too."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let others run for `seconds`."""
        self._wake(getcurrent(), seconds)
        self._hub.switch()

    def spawn(self, function: Callable[..., None], *arguments: Any) -> object:
        """Start `function` beside the others, once this one waits."""
        started = greenlet(lambda: self._run(function, arguments), self._hub)
        self._live.add(started)
        self._wake(started, 0.0)
        return started

    def join(self, timeout: float) -> None:
        """Wait until all that was spawned has ended, at most `timeout` seconds."""
        until = self.seconds + timeout
        while self._live and self.seconds < until:
            self.sleep(min(0.005, until - self.seconds))

    def kill(self) -> None:
        """Let what was spawned never go on."""
        self._waiting = [entry for entry in self._waiting if entry[2] not in self._live]
        self._live.clear()

    def run(self, function: Callable[[], None]) -> None:
        """Run `function` and all that it spawns, to the end."""
        self._wake(greenlet(function, self._hub), 0.0)
        while self._waiting:
            moment, _, waiting = heapq.heappop(self._waiting)
            self.seconds = max(moment, self.seconds)
            waiting.switch()

    def _run(self, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            function(*arguments)
        finally:
            self._live.discard(getcurrent())

    def _wake(self, waiting: Any, seconds: float) -> None:
        heapq.heappush(self._waiting, (self.seconds + seconds, next(self._numbers), waiting))


class Program:
    """What a scenario file derives from where there is no Locust."""

    abstract = True
    first_operation: ClassVar[str] = "create"

    def prepare(self, arrival: Any) -> None: ...

    def arrive(self, arrival: Any) -> None: ...

    def restore(self, arrival: Any) -> None: ...


def scenario(path: Path) -> Program:
    """An instance of the scenario that the program at `path` defines."""
    stand_in = ModuleType("pgassay.traffic.dispatcher")
    stand_in.Dispatcher = Program  # type: ignore[attr-defined]
    specification = importlib.util.spec_from_file_location(f"virtual_{path.stem}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    with mock.patch.dict(sys.modules, {"pgassay.traffic.dispatcher": stand_in}):
        specification.loader.exec_module(module)
    (found,) = [
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Program) and member is not Program
    ]
    made: Program = found()
    return made


def carry_out(
    plan: LoadPlan,
    time: VirtualTime,
    transport: Transport,
    program: Program | None = None,
    credentials: Mapping[str, Credential] | None = None,
) -> LoadRecord:
    """Carry out a plan in virtual time, and return its record."""
    given = credentials or {}
    first, *others = (
        given.get(f"{plan.family}.{name}") or Credential(Scheme.NONE) for name in plan.tenants
    )
    tools = Tools(transport, time.sleep, time.now)
    chosen = program or scenario(Path(plan.program))
    execution = Execution(chosen, plan, first, tools, time, others)
    time.run(execution.run)
    found = record.read(Path(plan.output))
    assert found is not None
    assert not found.crash, found.crash
    return found


class Reference:
    """The reference server in virtual time; `target` describes it, with the credentials."""

    def __init__(self, stand: Stand, time: VirtualTime, credentials: Credentials) -> None:
        self._stand = stand
        self._time = time
        self.latency = 0.004
        self.target = Target(
            "reference",
            "http://127.0.0.1",
            (Family.CLICKHOUSE, Family.DBAAS),
            _credentials(credentials),
            clickhouse=ClickhouseSettings(service_id=SEED.scalable_service),
            timing=Timing(create=5, scale=5, delete=5, cdc=5, config=5, poll=0.05, settle=0.2),
        )

    def send(self, operation: str, request: Request) -> Answer:
        """Answer a request, half a latency after it left, and come back with the other half."""
        self._time.sleep(self.latency / 2)
        length = {"Content-Length": str(len(request.body))} if request.body else {}
        sent = {"Host": "127.0.0.1", **length, **request.headers}
        headers = [(name.encode(), value.encode()) for name, value in sent.items()]
        status, answered, body = self._stand.answer(
            request.method, request.path.encode(), headers, request.body or b"", 10.0
        )
        self._time.sleep(self.latency / 2)
        named = {name.decode().lower(): value.decode() for name, value in answered}
        return Answer(status, body, named)


@contextmanager
def reference(time: VirtualTime) -> Iterator[Reference]:
    """A fresh reference of both families that goes by `time`."""
    credentials = Credentials.generate()
    with standing(create_app(Settings(credentials), time), time) as stand:
        yield Reference(stand, time, credentials)


def _credentials(credentials: Credentials) -> dict[str, Credential]:
    found = {}
    for name in ("main", "other_tenant"):
        key, token = credentials.key(name), credentials.token(name)
        found[f"clickhouse.{name}"] = Credential(
            Scheme.BASIC, username=key.key_id, password=key.secret
        )
        found[f"dbaas.{name}"] = Credential(Scheme.BEARER, token=token.token)
    return found
