"""The wire: bytes leave as they are, and whatever comes back is read and written down."""

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.client import Client
from pgassay.deviation import NoAnswer, NotTestable
from pgassay.exchange import Exchange, Request
from pgassay.journal import Journal, read
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.reference.authority import derive_authority, issue_server_certificate
from pgassay.target.model import Credential, Family, Limits, Scheme, Target, Timing
from pgassay.wire import CLOSED, HUNG_UP, Message, Plain, Step

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
GET = Request.of("GET", "/v1/x", family="dbaas")
POST = Request.of("POST", "/v1/postgres/instances", json_body={"name": "n"}, family="dbaas")
CREATED = b'HTTP/1.1 201 Created\r\nContent-Length: 27\r\n\r\n{"uuid": "u1", "name": "n"}'


class Stage:
    """A server that answers each thing it receives, on so many connections, and a client for it."""

    def __init__(self, folder: Path, *answers: bytes, connections: int = 1) -> None:
        self.received: list[bytes] = []
        self.seen: list[Exchange] = []
        self._plays = [answers[number::connections] for number in range(connections)]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = Target(
            "scripted",
            f"http://127.0.0.1:{self._listener.getsockname()[1]}/base",
            (Family.DBAAS,),
            {"main": Credential(Scheme.BEARER, token="a-secret-token")},
            timing=Timing(request=0.3),
            embedded=True,
        )
        self.context: ssl.SSLContext | None = None
        self.path = folder / "journal.jsonl"
        self.ownership = Ownership(collections("/v1/postgres"))

    def observe(self, redacted: Exchange) -> None:
        self.seen.append(redacted)

    def secured(self, peer: socket.socket) -> socket.socket:
        return self.context.wrap_socket(peer, server_side=True) if self.context else peer

    def play(self) -> None:
        for answers in self._plays:
            accepted, _ = self._listener.accept()
            with accepted, contextlib.suppress(ssl.SSLError), self.secured(accepted) as peer:
                for answer in answers:
                    self.received.append(peer.recv(1 << 20))
                    peer.sendall(answer)

    def __enter__(self) -> Client:
        self._thread = threading.Thread(target=self.play)
        self._thread.start()
        vault = Vault()
        self._client = Client(
            self.target, Journal(self.path, vault, {}), vault, self.ownership, (self,)
        )
        return self._client

    def __exit__(self, *raised: object) -> None:
        self._client.close()
        self._client.journal.close()
        self._thread.join()
        self._listener.close()

    def journalled(self, kind: str) -> list[dict[str, object]]:
        return [entry for entry in read(self.path) if entry["kind"] == kind]


Open = Callable[..., Stage]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    return lambda *answers, **more: Stage(tmp_path, *answers, **more)


def test_a_message_leaves_in_its_form_below_the_base_url(opened: Open) -> None:
    def odd(request: Plain) -> list[bytes]:
        return [request.without(b"accept").adding(b"X-A : 1").head.replace(b"\r\n", b"\n")]

    stage = opened(OK)
    with stage as client:
        client.converse(Message(GET, odd))
    [sent] = stage.received
    assert sent.startswith(b"GET /base/v1/x HTTP/1.1\nHost: 127.0.0.1:")
    assert sent.endswith(b"\nX-A : 1\n\n")
    assert b"Authorization: Bearer a-secret-token\n" in sent
    assert b"Accept:" not in sent


def test_everything_is_journalled_before_and_after_without_secrets(opened: Open) -> None:
    stage = opened(CREATED)
    with stage as client:
        client.converse(Message(POST, lambda request: [request.head, request.body]))
    [intent], [exchange] = stage.journalled("intent"), stage.journalled("exchange")
    assert intent["raw"] == exchange["raw"]
    assert str(intent["raw"]).startswith("POST /base/v1/postgres/instances HTTP/1.1\r\n")
    assert "a-secret-token" not in stage.path.read_text("utf-8")
    assert [each.status for each in stage.seen] == [201]
    assert stage.ownership.owns("/v1/postgres/instances/u1")


def test_pipelined_requests_leave_together_and_are_answered_in_order(opened: Open) -> None:
    second = OK.replace(b"{}", b"[]")
    stage = opened(OK + second)
    with stage as client:
        conversation = client.converse(Message(GET), Message(GET), at_once=True)
    assert len(stage.received) == 1
    assert [each.body for each in conversation.exchanges] == [b"{}", b"[]"]
    assert [each.sequence for each in conversation.exchanges] == [1, 2]


def test_a_second_request_waits_for_the_first_answer(opened: Open) -> None:
    stage = opened(OK, OK)
    with stage as client:
        conversation = client.converse(Message(GET), Message(GET))
    assert [each.status for each in conversation.exchanges] == [200, 200]
    assert len(stage.received) == 2


def test_a_body_waits_for_an_interim_answer(opened: Open) -> None:
    def waiting(request: Plain) -> list[bytes | Step]:
        return [request.head, Step.LISTEN, request.body]

    stage = opened(b"HTTP/1.1 100 Continue\r\n\r\n", OK)
    with stage as client:
        reply = client.converse(Message(POST, waiting)).reply
    assert (reply.interim, reply.status) == ((100,), 200)
    assert stage.received[1] == POST.body


def test_a_final_answer_makes_an_end_of_sending(opened: Open) -> None:
    def waiting(request: Plain) -> list[bytes | Step]:
        return [request.head, Step.LISTEN, request.body]

    stage = opened(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
    with stage as client:
        assert client.converse(Message(POST, waiting)).reply.status == 417
    assert len(stage.received) == 1


def test_a_connection_can_be_closed_in_the_middle_of_a_message(opened: Open) -> None:
    stage = opened(b"")
    with stage as client:
        talk = client.converse(Message(POST, lambda request: [request.head[:30], Step.HANG_UP]))
    assert talk.exchange.failure == HUNG_UP
    assert stage.received == [b"POST /base/v1/postgres/instanc"]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"", CLOSED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "without sending complete message"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n{}", "malformed"),
        (b"<html>", "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "malformed"),
    ],
    ids=["closed", "cut", "chunk", "html", "lengths"],
)
def test_a_bad_answer_is_an_exchange_with_a_failure(
    opened: Open, answer: bytes, failure: str
) -> None:
    stage = opened(answer)
    with stage as client:
        conversation = client.converse(Message(GET))
        assert client.silent == 0
    assert failure in str(conversation.exchange.failure)
    assert stage.seen[0].failure == conversation.exchange.failure


def test_what_comes_after_the_answer_and_the_end_are_seen(opened: Open) -> None:
    stage = opened(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n{}")
    with stage as client:
        conversation = client.converse(Message(GET), linger=5)
    assert (conversation.rest, conversation.closed) == (b"{}", True)


def test_fields_are_kept_in_their_order_and_spelling(opened: Open) -> None:
    stage = opened(b"HTTP/1.1 200 OK\r\nX-a: 1\r\ndate: d\r\nx-A: 2\r\nContent-Length: 0\r\n\r\n")
    with stage as client:
        reply = client.converse(Message(GET)).reply
    assert reply.fields[:3] == (("X-a", "1"), ("date", "d"), ("x-A", "2"))
    assert reply.values("x-a") == ["1", "2"]
    assert reply.headers["x-a"] == "1, 2"


@pytest.mark.parametrize("content", [gzip.compress(b"{}"), b"{}"], ids=["gzip", "a-lie"])
def test_monitors_see_a_body_without_its_content_coding(opened: Open, content: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(content)
    stage = opened(head + content)
    with stage as client:
        conversation = client.converse(Message(GET))
    assert conversation.exchange.body == b"{}"
    assert conversation.reply.octets == content


def test_a_silent_server_ends_as_no_answer(opened: Open) -> None:
    stage = opened(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"")
    with stage as client:
        with pytest.raises(NoAnswer, match=r"no complete answer in 0\.3 s"):
            client.converse(Message(GET), Message(GET))
        assert client.silent == 1
    assert [each.answered for each in stage.seen] == [False, False]


def test_a_server_out_of_reach_ends_as_no_answer(opened: Open) -> None:
    stage = opened()
    with stage as client:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client.target = replace(client.target, base_url=closed)
        with pytest.raises(NoAnswer, match="refused"):
            client.converse(Message(GET))
        socket.create_connection(stage._listener.getsockname()).close()


@pytest.mark.parametrize("verified", [False, True])
def test_a_certificate_is_verified_unless_the_target_file_says_not(
    opened: Open, tmp_path: Path, verified: bool
) -> None:
    stage = opened(OK)
    certificate = issue_server_certificate(
        derive_authority(b"secret", "root", time.time()), ["127.0.0.1"], time.time()
    )
    (tmp_path / "server.pem").write_text(certificate.certificate + certificate.key)
    stage.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stage.context.load_cert_chain(tmp_path / "server.pem")
    address = stage.target.base_url.replace("http:", "https:")
    stage.target = replace(stage.target, base_url=address, verify_tls=verified)
    with stage as client:
        if verified:
            with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
                client.converse(Message(GET))
        else:
            assert client.converse(Message(GET)).exchange.status == 200


def test_limits_are_kept_before_anything_is_sent(opened: Open) -> None:
    stage = opened()
    stage.target = replace(stage.target, limits=Limits(total_resources=1))
    with stage as client:
        with pytest.raises(NotTestable, match="total_resources = 1"):
            client.converse(Message(POST), Message(POST), at_once=True)
        socket.create_connection(stage._listener.getsockname()).close()
    assert stage.journalled("intent") == []


def test_a_proxy_makes_it_not_testable(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    stage = opened()
    stage.target = replace(stage.target, embedded=False)
    with stage as client:
        with pytest.raises(NotTestable, match="a proxy stands before the target"):
            client.converse(Message(GET))
        socket.create_connection(stage._listener.getsockname()).close()


def test_a_conversation_is_held_again_when_it_was_turned_away(opened: Open) -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    stage = opened(busy, OK, connections=2)
    with stage as client:
        conversation = client.converse(Message(GET))
    assert conversation.reply.status == 200
    assert [each.status for each in stage.seen] == [429, 200]
