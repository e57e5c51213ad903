"""Requests are sent once over kept connections, and whatever goes wrong has a name."""

import datetime as dt
import ipaddress
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import gevent
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pgassay.exchange import Request
from pgassay.traffic.endpoint import Endpoint
from pgassay.traffic.hands import Hands
from pgassay.traffic.session import Answer
from pgassay.traffic.transport import Transport

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LIMIT = 10.0  # a test that works comes nowhere near it
HOLD, CLOSE, RESET = object(), object(), object()


class Server:
    """Answers each request of each connection by its script: bytes, and what follows upon them."""

    def __init__(self, *scripts: list[object], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.end = threading.Event()
        self._scripts = list(scripts)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """End all connections."""
        self.end.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                script = self._scripts[min(self.connections, len(self._scripts) - 1)]
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection, script))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, script: list[object]) -> None:
        with suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                for step in script:
                    if step is HOLD:
                        self.end.wait()
                    elif step is CLOSE:
                        return
                    elif step is RESET:
                        linger = struct.pack("ii", 1, 0)
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        return
                    elif not self._read(connection):
                        return
                    elif isinstance(step, bytes):
                        connection.sendall(step)
                    elif isinstance(step, tuple):
                        for part in step:
                            connection.sendall(part)
                self._read(connection)

    def _read(self, connection: socket.socket) -> bool:
        """Read one request with its body."""
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(65536)
            if not part:
                return False
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return True


Serve = Callable[..., tuple[Server, Transport]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers with scripts, and a transport to each."""
    started: list[tuple[Server, Transport]] = []

    def start(
        *scripts: list[object],
        tls: ssl.SSLContext | None = None,
        verify: bool = True,
        limit: float = LIMIT,
    ) -> tuple[Server, Transport]:
        server = Server(*scripts, tls=tls)
        url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/api/"
        started.append((server, Transport(Endpoint.of(url, verify=verify), limit)))
        return started[-1]

    yield start
    for server, transport in started:
        transport.close()
        server.close()


def get(transport: Transport, path: str = "/ping") -> Answer:
    return transport("ping", Request("GET", path, {"Accept": "application/json"}))


def test_requests_go_over_one_kept_connection(serve: Serve) -> None:
    server, transport = serve([FINE, FINE, FINE])
    answers = [get(transport) for _ in range(3)]
    assert [(answer.status, answer.body, answer.failure) for answer in answers] == [
        (200, b"ok", None)
    ] * 3
    assert server.connections == transport.opened == 1
    expected = b"GET /api/ping HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: application/json\r\n\r\n"
    assert server.requests == [expected % server.port] * 3
    assert {answer.sent for answer in answers} == {len(server.requests[0])}
    assert {answer.received for answer in answers} == {len(FINE)}


@pytest.mark.parametrize(
    ("parts", "status", "body"),
    [
        pytest.param(tuple(FINE[i : i + 1] for i in range(len(FINE))), 200, b"ok", id="bytewise"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n",
            200,
            b"okay!",
            id="chunked",
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + FINE,
            200,
            b"ok",
            id="after interim answers",
        ),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", id="no content"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
            302,
            b"",
            id="a redirect is an answer",
        ),
    ],
)
def test_answers_are_read_in_every_framing(
    serve: Serve, parts: object, status: int, body: bytes
) -> None:
    server, transport = serve([parts, FINE])
    answer = get(transport)
    assert (answer.status, answer.body, answer.failure) == (status, body, None)
    assert "a" not in answer.headers
    assert get(transport).body == b"ok"
    assert server.connections == 1


def test_a_body_may_end_with_the_connection(serve: Serve) -> None:
    server, transport = serve([b"HTTP/1.1 200 OK\r\n\r\nall of it", CLOSE], [FINE])
    assert get(transport).body == b"all of it"
    assert get(transport).body == b"ok"
    assert server.connections == 2


def test_header_fields_are_found_by_names_in_lower_case(serve: Serve) -> None:
    _, transport = serve(
        [b"HTTP/1.1 429 No\r\nRetry-After:  2 \r\nVary: a\r\nvary: b\r\nContent-Length: 0\r\n\r\n"]
    )
    headers = get(transport).headers
    assert dict(headers) == {"retry-after": "2", "vary": "a, b", "content-length": "0"}
    assert headers.get("x-ratelimit-reset", "") == ""


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        pytest.param([None, CLOSE], "connection closed", id="closed"),
        pytest.param([None, RESET], "connection reset", id="reset"),
        pytest.param([FINE[:-1], CLOSE], "truncated", id="truncated body"),
        pytest.param([FINE[:20], CLOSE], "truncated", id="truncated head"),
        pytest.param([b"SSH-2.0-OpenSSH_9.2\r\n"], "not HTTP", id="not HTTP"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"], "not HTTP", id="broken head"
        ),
    ],
)
def test_a_failure_has_the_name_of_its_class_and_is_not_tried_again(
    serve: Serve, script: list[object], failure: str
) -> None:
    server, transport = serve(script)
    answer = get(transport)
    assert (answer.status, answer.failure, answer.timed_out) == (0, failure, False)
    assert len(server.requests) == server.connections == 1


def test_nobody_there_is_a_failure_with_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    transport = Transport(Endpoint.of(f"http://127.0.0.1:{port}"), LIMIT)
    assert get(transport).failure == "connection refused"

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(gevent.socket, "getaddrinfo", unknown)
    transport.close()
    transport = Transport(Endpoint.of("http://nowhere.invalid"), LIMIT)
    assert get(transport).failure == "host unknown"


@pytest.mark.parametrize("before", [None, FINE[:10], FINE[:-1]])
def test_the_limit_is_one_for_the_whole_exchange(serve: Serve, before: bytes | None) -> None:
    _, transport = serve([before, HOLD], limit=0.05)
    answer = get(transport)
    assert (answer.status, answer.failure, answer.timed_out) == (0, "timeout", True)


def test_each_exchange_has_its_own_limit(serve: Serve) -> None:
    _, transport = serve([None, HOLD], limit=0.05)
    answers: list[Answer] = []
    hands = Hands()
    for _ in range(3):
        hands.spawn(lambda: answers.append(get(transport)))
    hands.join(LIMIT)
    assert [answer.failure for answer in answers] == ["timeout"] * 3


def test_a_connection_that_the_target_closed_meanwhile_is_not_used(serve: Serve) -> None:
    server, transport = serve([FINE, CLOSE], [FINE])
    assert get(transport).body == b"ok"
    (idle,) = transport._idle
    with gevent.Timeout(LIMIT):
        while idle.usable:
            gevent.sleep(0)
    assert get(transport).body == b"ok"
    assert len(server.requests) == server.connections == 2


def test_a_connection_that_rested_for_long_is_not_used(serve: Serve) -> None:
    """The target may be about to close it: what crosses that gets no answer."""
    server, transport = serve([FINE, FINE], [FINE])
    assert get(transport).body == b"ok"
    (idle,) = transport._idle
    idle.rested -= 4.1
    assert get(transport).body == b"ok"
    assert not idle.usable
    assert server.connections == transport.opened == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(FINE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), id="announced"),
        pytest.param(FINE.replace(b"1.1", b"1.0"), id="HTTP/1.0"),
        pytest.param(FINE + b"HTTP/1.1 200 OK\r\n", id="more than was asked for"),
        pytest.param(FINE + b"?", id="rubbish after it"),
    ],
)
def test_a_connection_that_cannot_be_kept_is_closed(serve: Serve, answer: bytes) -> None:
    server, transport = serve([answer], [FINE])
    assert get(transport).body == b"ok"
    assert get(transport).body == b"ok"
    assert server.connections == 2


def test_requests_at_the_same_time_wait_for_no_connection(serve: Serve) -> None:
    server, transport = serve([FINE, FINE])
    answers: list[Answer] = []
    hands = Hands()
    for _ in range(5):
        hands.spawn(lambda: answers.append(get(transport)))
    hands.join(LIMIT)
    assert [answer.body for answer in answers] == [b"ok"] * 5
    assert server.connections == transport.opened == 5


def test_a_large_body_is_sent_whole(serve: Serve) -> None:
    server, transport = serve([FINE])
    body = bytes(range(256)) * 20_000
    request = Request("PUT", "/x", {"Content-Type": "application/octet-stream"}, body)
    answer = transport("put", request)
    assert (answer.status, answer.sent) == (200, len(server.requests[0]))
    assert server.requests[0].partition(b"\r\n\r\n")[2] == body


def test_nothing_in_a_path_can_add_to_a_request(serve: Serve) -> None:
    server, transport = serve([FINE])
    get(transport, "/a b\r\nX-Evil: 1/ü%20?q=1&r=[2]")
    line = server.requests[0].split(b"\r\n")[0]
    assert line == b"GET /api/a%20b%0D%0AX-Evil:%201/%C3%BC%20?q=1&r=[2] HTTP/1.1"


def test_a_greenlet_that_is_ended_leaves_no_connection_behind(serve: Serve) -> None:
    server, transport = serve([None, HOLD])
    hands = Hands()
    hands.spawn(get, transport)
    with gevent.Timeout(LIMIT):
        while not server.requests:
            gevent.sleep(0)
    hands.kill()
    assert not transport._idle
    assert not transport._deadlines


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_tls_connections_are_kept_as_well(serve: Serve, tls: ssl.SSLContext) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    server, transport = serve([FINE, large, FINE], tls=tls, verify=False)
    assert [len(get(transport).body) for _ in range(3)] == [2, 300_000, 2]
    assert server.connections == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(
    serve: Serve, tls: ssl.SSLContext
) -> None:
    server, transport = serve([FINE], tls=tls)
    assert get(transport).failure == "TLS: certificate refused"
    assert server.requests == []


def test_a_server_that_speaks_no_tls_is_a_failure_with_a_name(serve: Serve) -> None:
    server = Server([None])
    transport = Transport(Endpoint.of(f"https://127.0.0.1:{server.port}"), 0.2)
    try:
        assert (get(transport).failure or "").startswith(("TLS: ", "timeout"))
    finally:
        transport.close()
        server.close()


@pytest.mark.parametrize("script", [[FINE, CLOSE], [FINE[:-1], CLOSE]])
def test_the_end_of_a_tls_connection_is_told(
    serve: Serve, tls: ssl.SSLContext, script: list[object]
) -> None:
    _, transport = serve(script, [FINE], tls=tls, verify=False)
    whole = script[0] == FINE
    assert get(transport).failure == (None if whole else "truncated")


def test_work_is_done_by_hands_that_are_used_again() -> None:
    hands = Hands()
    seen: list[object] = []

    def work(number: int) -> None:
        gevent.sleep(0)
        seen.append(gevent.getcurrent())

    for _ in range(3):
        for number in range(4):
            hands.spawn(work, number)
        hands.join(LIMIT)
    assert len(seen) == 12
    assert len(set(seen)) == 4
    hands.spawn(gevent.sleep, LIMIT)
    hands.join(0.01)
    hands.kill()
    hands.join(LIMIT)
