"""The calibration server over loopback: HTTP, punctuality's record, resets, and its end."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from pgassay.calibration.truth import Report, Samples


class Peer:
    """The server's process and one connection to it."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pgassay.calibration", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.address = self.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(self.address, timeout=10)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        self.connection.request(method, path, None if body is None else json.dumps(body))
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def report(self) -> Report:
        return msgspec.json.decode(self.ask("GET", "/_truth")[1], type=Report)

    def end(self) -> int:
        self.connection.close()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return self.process.wait(10)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """A server whose reads take 20 ms and whose every third deletion is reset."""
    running = Peer("--law", "get=constant:service=0.02", "--fault", "delete=reset:every=3")
    yield running
    assert running.end() == 0


def test_the_first_line_is_the_address_and_the_end_of_input_ends_it() -> None:
    """Whoever starts the server reads its URL and closes its input to end it."""
    started = Peer()
    assert started.url.startswith("http://127.0.0.1:")
    assert started.end() == 0


def test_counts_and_times_are_the_servers_own(peer: Peer) -> None:
    """Each request is on record with its time, and a look at the truth is none."""
    before = peer.report()
    created = json.loads(
        peer.ask("POST", "/v1/postgres/instances", {"name": "a", "version": "v"})[1]
    )
    for _ in range(5):
        assert peer.ask("GET", f"/v1/postgres/instances/{created['uuid']}")[0] == 200
    after = peer.report()
    assert after.received("create") - before.received("create") == 1
    assert after.received("get") - before.received("get") == 5
    assert after.answered("get", 200) - before.answered("get", 200) == 5
    samples = msgspec.json.decode(peer.ask("GET", "/_truth/get")[1], type=Samples)
    assert min(samples.service) >= 0.02
    assert after.existing == before.existing + 1


def test_a_reset_ends_the_connection_without_an_answer(peer: Peer) -> None:
    """One in three deletions breaks its connection, and is counted with status 0."""
    broken = 0
    for _ in range(3):
        try:
            peer.ask("DELETE", "/v1/postgres/instances/none")
        except ConnectionResetError:
            broken += 1
            peer.connection.close()
    assert broken == peer.report().answered("delete", 0) == 1


def test_a_wait_of_one_connection_does_not_hold_another(peer: Peer) -> None:
    """A slow read and a ping at once: the ping is answered first."""
    host, _, port = peer.address.partition(":")
    with socket.create_connection((host, int(port)), 10) as slow:
        slow.sendall(b"GET /v1/postgres/instances/none HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.ask("GET", "/ping")[0] == 200
        assert slow.recv(64).startswith(b"HTTP/1.1 404")


def test_answers_of_one_connection_keep_the_order_of_its_requests(peer: Peer) -> None:
    """Requests sent ahead are answered in turn, though the second would be ready first."""
    host, _, port = peer.address.partition(":")
    with socket.create_connection((host, int(port)), 10) as ahead:
        ahead.sendall(
            b"GET /v1/postgres/instances/none HTTP/1.1\r\nHost: x\r\n\r\n"
            b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        got = b"".join(iter(lambda: ahead.recv(4096), b""))
    assert got.index(b" 404 ") < got.index(b" 200 ")


def test_what_is_no_http_is_refused(peer: Peer) -> None:
    """A line that is no request gets 400 and the end of the connection."""
    host, _, port = peer.address.partition(":")
    with socket.create_connection((host, int(port)), 10) as other:
        other.sendall(b"what is this?\r\n\r\n")
        assert other.recv(64).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("arguments", [("--law", "quick"), ("--fault", "lost")])
def test_a_wrong_option_is_one_message_and_status_2(arguments: tuple[str, ...]) -> None:
    """A law or fault that does not exist is named; nothing is served."""
    command: list[Any] = [sys.executable, "-m", "pgassay.calibration", *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr
