"""The client sends what it is told to send, byte for byte."""

import socket
import threading
from pathlib import Path

import pytest

from pgassay.client import Client
from pgassay.exchange import ANONYMOUS, Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership
from pgassay.redaction import Vault
from pgassay.target.model import Family, Target


def request_line(path: str, folder: Path) -> str:
    """The first line that a server gets when the client is asked for `path`."""
    received: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with peer:
                received.append(peer.recv(65536).decode("latin-1").split("\r\n", 1)[0])
                peer.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/base"
        target = Target("scripted", url, (Family.DBAAS,), embedded=True)
        vault = Vault()
        with Journal(folder / "journal.jsonl", vault, {}) as journal:
            client = Client(target, journal, vault, Ownership(()))
            client.send(Request("GET", path, credential=ANONYMOUS))
            client.close()
        thread.join()
    return received[0]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("/a/../b", "/base/a/../b", id="dot-segments"),
        pytest.param("/a//./b;x=1", "/base/a//./b;x=1", id="empty-segment-and-parameter"),
        pytest.param("/a/%2e%2E%2f%00", "/base/a/%2e%2E%2f%00", id="encoded-already"),
        pytest.param("/a?from=b&c=%20d", "/base/a?from=b&c=%20d", id="query"),
        pytest.param("/a b\x00ä", "/base/a%20b%00%C3%A4", id="what-no-target-may-hold"),
    ],
)
def test_a_path_is_sent_as_it_is(path: str, sent: str, tmp_path: Path) -> None:
    assert request_line(path, tmp_path) == f"GET {sent} HTTP/1.1"
