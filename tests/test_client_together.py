"""Requests that are sent together leave together, within the limits, and none is lost."""

import json
import selectors
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from pgassay.client import LARGEST, Client
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS, Exchange, Request
from pgassay.journal import Journal, read
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.target.model import Family, Limits, Target

USERS = "/v1/postgres/instances/i/users"
CREATE = Request("POST", "/v1/postgres/instances", body=b"{}", credential=ANONYMOUS)
READ = Request("GET", USERS, credential=ANONYMOUS)

Handler = Callable[[httpx.Request], httpx.Response]


def created(_request: httpx.Request) -> httpx.Response:
    """Answer as if each request made another resource."""
    return httpx.Response(201, json={"uuid": str(uuid4())})


class Meeting:
    """An observer that knows how many threads were in it at once."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.seen: list[int] = []

    def observe(self, redacted: Exchange) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.seen.append(redacted.sequence)
        self.inside -= 1


@contextmanager
def client_of(
    folder: Path,
    handler: Handler | None = None,
    *,
    url: str = "http://scripted",
    limits: Limits | None = None,
    observer: Meeting | None = None,
) -> Iterator[Client]:
    target = Target("scripted", url, (Family.DBAAS,), limits=limits or Limits(), embedded=True)
    vault = Vault()
    with Journal(folder / "journal.jsonl", vault, {}) as journal:
        client = Client(
            target,
            journal,
            vault,
            Ownership(collections("/v1/postgres")),
            (observer,) if observer else (),
            httpx.MockTransport(handler) if handler else None,
        )
        yield client
        client.close()


def statuses(exchanges: list[Exchange]) -> list[int]:
    return [exchange.status for exchange in exchanges]


def order_of_arrival(listener: socket.socket, connections: int) -> list[str]:
    """Answer one request on each of so many connections; tell what happened, in order."""
    happened: list[str] = []
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while happened.count("request") < connections:
            ready = [key.fileobj for key, _ in selector.select()]
            with suppress(BlockingIOError):
                while True:
                    selector.register(listener.accept()[0], selectors.EVENT_READ)
                    happened.append("connection")
            for peer in ready:
                if isinstance(peer, socket.socket) and peer is not listener:
                    happened.append("request")
                    selector.unregister(peer)
                    with peer:
                        peer.recv(65536)
                        peer.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    return happened


def test_nothing_is_sent_before_every_connection_stands(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=32) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with ThreadPoolExecutor(1) as server, client_of(tmp_path, url=url) as client:
            happened = server.submit(order_of_arrival, listener, 20)
            assert statuses(client.send_together([READ, CREATE] * 10)) == [204] * 20
    assert happened.result() == ["connection"] * 20 + ["request"] * 20


def test_requests_are_under_way_at_the_same_time(tmp_path: Path) -> None:
    meeting = threading.Barrier(20)

    def met(_request: httpx.Request) -> httpx.Response:
        meeting.wait(10)
        return httpx.Response(200)

    with client_of(tmp_path, met) as client:
        exchanges = client.send_together([READ] * 20)
    assert max(each.started for each in exchanges) < min(each.ended for each in exchanges)


def test_exchanges_are_recorded_one_by_one(tmp_path: Path) -> None:
    observer = Meeting()
    with client_of(tmp_path, created, observer=observer) as client:
        client.send_together([CREATE] * 20)
        assert (client.requests, client.ownership.live) == (20, 20)
    assert (observer.most, sorted(observer.seen)) == (1, list(range(1, 21)))


def test_answers_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    requests = [Request("GET", f"/{number}", credential=ANONYMOUS) for number in range(20)]
    with client_of(tmp_path, lambda _: httpx.Response(200)) as client:
        exchanges = client.send_together(requests)
    assert [each.request.path for each in exchanges] == [each.path for each in requests]


def test_every_intent_is_journalled_before_the_first_request_leaves(tmp_path: Path) -> None:
    journalled: list[int] = []

    def count(_request: httpx.Request) -> httpx.Response:
        entries = (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        journalled.append(sum(json.loads(line)["kind"] == "intent" for line in entries))
        return httpx.Response(200)

    with client_of(tmp_path, count) as client:
        client.send_together([CREATE] * 5)
    assert journalled == [5] * 5


@pytest.mark.parametrize(
    "limits", [Limits(total_resources=4), Limits(concurrent_resources=4)], ids=["total", "live"]
)
def test_what_would_overshoot_a_limit_is_not_sent_at_all(tmp_path: Path, limits: Limits) -> None:
    with client_of(tmp_path, created, limits=limits) as client:
        client.send(CREATE)
        with pytest.raises(NotTestable, match="resources = 4"):
            client.send_together([CREATE] * 4)
        assert client.requests == 1
        assert statuses(client.send_together([CREATE] * 3 + [READ] * 5)) == [201] * 8


@pytest.mark.parametrize(
    ("limits", "room"),
    [
        pytest.param(Limits(), (20, 20), id="none"),
        pytest.param(Limits(total_resources=8), (20, 6), id="total-with-one-in-reserve"),
        pytest.param(Limits(total_resources=20, concurrent_resources=3), (20, 3), id="at-once"),
        pytest.param(Limits(requests_per_second=10), (10, 10), id="pace"),
        pytest.param(Limits(total_resources=1), (20, 0), id="used-up"),
    ],
)
def test_the_limits_tell_how_many_requests_there_is_room_for(
    tmp_path: Path, limits: Limits, room: tuple[int, int]
) -> None:
    with client_of(tmp_path, created, limits=limits) as client:
        client.send(CREATE)
        assert (client.room(20), client.room(20, costly=True)) == room


def test_threads_do_not_overshoot_a_limit_either(tmp_path: Path) -> None:
    meeting = threading.Barrier(4)

    def met(request: httpx.Request) -> httpx.Response:
        meeting.wait(10)
        return created(request)

    def attempt(client: Client) -> bool:
        try:
            return client.send(CREATE).succeeded
        except NotTestable:
            return False

    limits = Limits(total_resources=4)
    with client_of(tmp_path, met, limits=limits) as client, ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(attempt, [client] * 20)) == 4


def test_a_pace_that_allows_no_burst_makes_it_not_testable(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=10)
    with client_of(tmp_path, created, limits=limits) as client:
        with pytest.raises(NotTestable, match="requests_per_second = 10 does not let 11 requests"):
            client.send_together([READ] * 11)
        assert client.requests == 0


def test_a_burst_has_a_second_to_itself(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=1000)
    with client_of(tmp_path, created, limits=limits) as client:
        before = client.send(READ)
        together = client.send_together([READ] * 3)
    assert min(exchange.started for exchange in together) > before.ended + 0.9


def test_a_request_that_cannot_leave_does_not_hold_the_others(tmp_path: Path) -> None:
    def half(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ConnectError("refused")
        return httpx.Response(200)

    with client_of(tmp_path, half) as client:
        outcomes = client.send_together([READ, CREATE, READ])
        assert client.silent < 2
    assert statuses(outcomes) == [200, 0, 200]


def test_a_burst_without_any_answer_counts_as_one_silence(tmp_path: Path) -> None:
    def silent(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("nothing came")

    with client_of(tmp_path, silent) as client:
        assert statuses(client.send_together([READ] * 20)) == [0] * 20
        assert client.silent == 1


def test_what_a_rate_limit_turned_away_is_sent_again(tmp_path: Path) -> None:
    turned_away: list[int] = []

    def limited(_request: httpx.Request) -> httpx.Response:
        if len(turned_away) < 2:
            turned_away.append(1)
            return httpx.Response(429, headers={"Retry-After": "0"})
        return httpx.Response(200)

    with client_of(tmp_path, limited) as client:
        assert statuses(client.send_together([READ] * 5)) == [200] * 5


def test_an_interrupted_burst_loses_nothing(tmp_path: Path) -> None:
    leader = threading.main_thread().ident
    assert leader is not None
    received: list[int] = []

    def interrupted(request: httpx.Request) -> httpx.Response:
        received.append(len(received))
        if len(received) == 1:
            signal.pthread_kill(leader, signal.SIGINT)
        return httpx.Response(201, json={"uuid": f"u{request.headers['number']}"})

    with client_of(tmp_path, interrupted) as client:
        with pytest.raises(KeyboardInterrupt):
            client.send_together(
                [replace(CREATE, headers={"number": str(number)}) for number in range(20)]
            )
        assert client.ownership.live == len(received)
    kinds = Counter(entry["kind"] for entry in read(tmp_path / "journal.jsonl"))
    assert (kinds["intent"], kinds["created"]) == (20, len(received))


def test_a_thread_may_act_for_another_check_than_the_run(tmp_path: Path) -> None:
    with client_of(tmp_path, created) as client, ThreadPoolExecutor(1) as other:

        def own() -> tuple[str, str]:
            with client.acting_for("own"):
                inside = client.send(READ).check
            return inside, client.send(READ).check

        with client.acting_for("check"):
            assert other.submit(own).result() == ("own", "check")
            assert client.send_together([READ])[0] is client.last
            assert client.last is not None
            assert client.last.check == "check"


def test_more_than_there_are_connections_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with client_of(tmp_path, created) as client, pytest.raises(ValueError, match="1 to 50"):
        client.send_together([READ] * (LARGEST + 1))
