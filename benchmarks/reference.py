"""Print how fast and how small the reference server is, beside a bare application.

    python benchmarks/reference.py [--rounds 25] [--seconds 0.2] [--folder .] [--assert]

The bare application is Starlette with one route for each request, which answers a constant JSON
of the same size; it is served with the same settings by a process of its own. What is compared is
measured in turns, and the medians of the turns are shown: other work on the machine then disturbs
both sides alike. The load comes from this process, over several connections at once.
"""

import argparse
import base64
import json
import multiprocessing
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pgassay.reference import SEED, Credentials, Settings, SystemClock, create_app, serve
from pgassay.reference.clickhouse.backend import ORGANIZATION
from pgassay.reference.clickhouse.rules import ClickhouseRules
from pgassay.reference.clickhouse.service import ClickhouseService

CREDENTIALS = Credentials.generate()
SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
SERVICE = f"{SERVICES}/{SEED.service}"
CREATION = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
CONNECTIONS = 8
MANY = 100_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure and its bound: at least `wanted` when `least`, else at most."""

    name: str
    measured: float
    wanted: float
    least: bool

    @property
    def ratio(self) -> float:
        """How the figure stands to its bound."""
        return self.measured / self.wanted

    @property
    def met(self) -> bool:
        """Tell whether the bound is kept."""
        return self.ratio >= 1 if self.least else self.ratio <= 1

    def line(self) -> str:
        """Return a row of the table."""
        bound = f"{'>=' if self.least else '<='} {self.wanted:.2f}"
        verdict = "" if self.met else "  MISSED"
        return f"{self.name:<52} {self.measured:>10.2f} {bound:>13} {self.ratio:>6.2f}{verdict}"


@dataclass(frozen=True, slots=True)
class Rate:
    """Answers, the seconds that they took, and the server's processor time in seconds."""

    count: int
    passed: float
    processor: float

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.count / self.passed


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own: where it listens, and who it is."""

    address: tuple[str, int]
    process: int

    def rate(self, request: bytes, seconds: float) -> Rate:
        """Ask the same for `seconds` over all connections at once."""
        with ExitStack() as stack:
            ready = stack.enter_context(selectors.DefaultSelector())
            for _ in range(CONNECTIONS):
                opened = stack.enter_context(socket.create_connection(self.address))
                ready.register(opened, selectors.EVENT_READ, opened)
                opened.sendall(request)
            count, started, used = 0, time.perf_counter(), self.processor()
            while (passed := time.perf_counter() - started) < seconds:
                for key, _ in ready.select():
                    read_answer(key.data)
                    key.data.sendall(request)
                    count += 1
            return Rate(count, passed, self.processor() - used)

    def processor(self) -> float:
        """Return the seconds of processor time that the server has used (proc(5))."""
        text = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii")
        ticks = text.rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def ask(self, request: bytes) -> tuple[bytes, float]:
        """Send one request; return the body of its answer and the seconds that it took."""
        with socket.create_connection(self.address) as opened:
            sent = time.perf_counter()
            opened.sendall(request)
            return read_answer(opened), time.perf_counter() - sent


def read_answer(opened: socket.socket) -> bytes:
    """Read one answer; return its body. SystemExit when it is not a success."""
    data = opened.recv(262144)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"the server answered {data[:200]!r}")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    pieces, size = [body], len(body)
    while size < length:
        pieces.append(opened.recv(262144))
        size += len(pieces[-1])
    return b"".join(pieces)


def message(method: str, path: str, body: object = None) -> bytes:
    """Return a whole request of the main key."""
    key = CREDENTIALS.key("main")
    basic = base64.b64encode(f"{key.key_id}:{key.secret}".encode()).decode()
    content = b"" if body is None else json.dumps(body).encode()
    fields = [f"{method} {path} HTTP/1.1", "Host: reference", f"Authorization: Basic {basic}"]
    if content:
        fields += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*fields, "", ""]).encode() + content


READ, LIST = message("GET", SERVICE), message("GET", SERVICES)
CREATE = message("POST", SERVICES, CREATION)


@contextmanager
def serving(work: Callable[..., None], *arguments: object) -> Iterator[Served]:
    """Run a server in a process of its own; `work` gets a pipe to tell its URL, and arguments."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, *arguments), daemon=True)
    process.start()
    try:
        parts = urlsplit(here.recv())
        yield Served((parts.hostname or "", parts.port or 0), process.pid or 0)
    finally:
        process.terminate()
        process.join()


def reference(pipe: Connection, services: int, state: Path | None = None) -> None:
    """Serve the reference, with so many services more than a new store has."""
    settings = Settings(CREDENTIALS, time_scale=1, state=state)
    app = create_app(settings, SystemClock())
    clickhouse = ClickhouseService(settings, app.state.store, SystemClock(), ClickhouseRules())
    organization = app.state.store.get(ORGANIZATION, SEED.organization)
    with app.state.store.transaction():
        for _ in range(services):
            clickhouse.create(organization, CREATION)
    serve(settings, "127.0.0.1", 0, pipe.send, app=app)


def bare(pipe: Connection, read: int, created: int) -> None:
    """Serve constant answers of so many bytes."""

    def constant(size: int) -> Callable[[Request], Awaitable[Response]]:
        text = json.dumps({"result": "x" * (size - len('{"result": ""}'))}).encode()

        async def answer(request: Request) -> Response:
            return Response(text, media_type="application/json")

        return answer

    services = "/v1/organizations/{organization}/postgres"
    app = Starlette(
        routes=[
            Route(services + "/{service}", constant(read)),
            Route(services, constant(created), methods=["POST"]),
        ]
    )
    serve(Settings(CREDENTIALS), "127.0.0.1", 0, pipe.send, app=app)


def resident(process: int) -> int:
    """Return the resident memory of a process in bytes (proc(5))."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def latencies(seconds: float, *servers: Served) -> list[float]:
    """Ask every server in turns, one request at a time; return median times in microseconds."""
    taken: list[list[float]] = [[] for _ in servers]
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(s.address)) for s in servers]
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            for connection, times in zip(opened, taken, strict=True):
                sent = time.perf_counter()
                connection.sendall(READ)
                read_answer(connection)
                times.append(time.perf_counter() - sent)
    return [statistics.median(times) * 1e6 for times in taken]


def in_turns(rounds: int, *measures: Callable[[], Rate]) -> list[list[Rate]]:
    """Take every measure in each round; return what each took."""
    taken = [[measure() for measure in measures] for _ in range(rounds)]
    return [list(rates) for rates in zip(*taken, strict=True)]


def median(rates: Iterable[Rate]) -> float:
    """Return the median of answers per second."""
    return statistics.median(rate.per_second for rate in rates)


def per_processor(rates: Sequence[Rate]) -> float:
    """Return answers per second of processor time, which other work on the machine leaves alone."""
    return sum(rate.count for rate in rates) / sum(rate.processor for rate in rates)


def compare(
    name: str, share: float, ours: Sequence[Rate], theirs: Sequence[Rate]
) -> Iterator[Figure]:
    """Judge the reference's rates by those of the bare application."""
    for unit, rate in (("s", median), ("s of processor time", per_processor)):
        constant = rate(theirs)
        print(f"{name}, bare application, requests/{unit}: {constant:.0f}")
        yield Figure(f"{name}, requests/{unit}", rate(ours), share * constant, least=True)


def rates(rounds: int, seconds: float) -> Iterator[Figure]:
    """Compare reads and creations with the bare application's constant answers."""
    with serving(reference, 100) as ours:
        sizes = (len(ours.ask(READ)[0]), len(ours.ask(CREATE)[0]))
        with serving(bare, *sizes) as theirs:
            for name, request, share in (("GET of one", READ, 0.5), ("create", CREATE, 0.25)):
                taken = in_turns(
                    rounds,
                    partial(ours.rate, request, seconds),
                    partial(theirs.rate, request, seconds),
                )
                yield from compare(name, share, *taken)


def sizes(rounds: int, seconds: float) -> Iterator[Figure]:
    """Compare a large store with a small one: memory and the time of a read."""
    with serving(reference, 100) as small, serving(reference, MANY) as large:
        memory = (resident(large.process) - resident(small.process)) / (MANY - 100)
        yield Figure(f"memory per service, {MANY} services, bytes", memory, 2048, least=False)
        few, many = latencies(rounds * seconds, small, large)
        yield Figure(f"GET with {MANY} services, us", many, 1.2 * few, least=False)


def listing(rounds: int) -> Iterator[Figure]:
    """Time the list of ten thousand services."""
    with serving(reference, 10_000) as server:
        used = server.processor()
        times = [server.ask(LIST)[1] for _ in range(rounds)]
        used = (server.processor() - used) / rounds
        yield Figure("list of 10000 services, s", statistics.median(times), 0.15, least=False)
        yield Figure("list of 10000 services, s of processor time", used, 0.15, least=False)


def durable(rounds: int, seconds: float, folder: Path) -> Iterator[Figure]:
    """Compare creations that outlive a power cut with what the disk can do."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        state = Path(scratch) / "state"
        with serving(reference, 0, state) as server:
            created, synced = in_turns(
                rounds,
                lambda: server.rate(CREATE, seconds),
                lambda: flushes(Path(scratch) / "plain", seconds),
            )
        print(f"plain write and fsync on this disk, times/s: {median(synced):.0f}")
        wanted = min(1000, median(synced))
        yield Figure("durable create, requests/s", median(created), wanted, least=True)


def flushes(path: Path, seconds: float) -> Rate:
    """Write 4 KiB and wait for the disk, again and again."""
    with path.open("wb", buffering=0) as file:
        count, started = 0, time.perf_counter()
        while (passed := time.perf_counter() - started) < seconds:
            file.write(bytes(4096))
            os.fsync(file.fileno())
            count += 1
        return Rate(count, passed, 0)


def measured(options: argparse.Namespace) -> Iterator[Figure]:
    """Yield every figure."""
    yield from rates(options.rounds, options.seconds)
    yield from listing(options.rounds)
    yield from durable(options.rounds, options.seconds, options.folder)
    yield from sizes(options.rounds, options.seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=25, help="turns that medians are taken of")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of one measurement")
    parser.add_argument("--folder", type=Path, default=Path(), help="where the state file goes")
    parser.add_argument("--assert", action="store_true", dest="strict", help="exit 1 on a miss")
    options = parser.parse_args(arguments)
    figures = []
    for figure in measured(options):
        figures.append(figure)
        print(figure.line(), flush=True)
    return int(options.strict and not all(figure.met for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
