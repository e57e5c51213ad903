"""A small dbaas server whose truth is known: its faults are chosen, and it counts for itself."""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Stub:
    """The state of the server. Every request is counted before anything can go wrong with it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.requests: Counter[str] = Counter()
        self.instances: dict[str, dict[str, Any]] = {}
        self.stall_at = 0  # the listing of this number stops the whole server
        self.stall_seconds = 0.0
        self.lose_every = 0  # every so many creations are acknowledged and forgotten
        self.mute_every = 0  # every so many creations take effect and are not answered
        self.drop_every = 0  # every so many updates take effect and are not answered
        self.throttle_every = 0  # every so many creations are refused with 429
        self.created = threading.Semaphore(0)
        self.url = ""

    def count(self, operation: str) -> int:
        """Count a request of `operation`, and return its number."""
        self.requests[operation] += 1
        return self.requests[operation]


class Handler(BaseHTTPRequestHandler):
    """The operations that load needs, on a state shared by all connections."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stub: Stub

    def do_GET(self) -> None:
        """List the versions or the instances, or read one."""
        with self.stub.lock:
            if self.path.endswith("/versions"):
                self.stub.count("versions")
                self._answer(200, {"versions": [{"uuid": "v1"}]})
            elif self.path.endswith("/instances"):
                if self.stub.count("list") == self.stub.stall_at:
                    time.sleep(self.stub.stall_seconds)
                self._answer(200, list(self.stub.instances.values()))
            else:
                self.stub.count("read")
                self._answer_instance()

    def do_POST(self) -> None:
        """Create an instance."""
        body = self._body()
        with self.stub.lock:
            number = self.stub.count("create")
            instance = {**body, "uuid": str(uuid.uuid4()), "status": "ACTIVE"}
            throttled = _each(number, self.stub.throttle_every)
            if not throttled and not _each(number, self.stub.lose_every):
                self.stub.instances[instance["uuid"]] = instance
        self.stub.created.release()
        if _each(number, self.stub.mute_every):
            self.close_connection = True
        elif throttled:
            self._answer(429, {"error": "TOO_MANY_REQUESTS"})
        else:
            self._answer(201, instance)

    def do_PUT(self) -> None:
        """Change an instance."""
        body = self._body()
        with self.stub.lock:
            number = self.stub.count("update")
            if self._key() in self.stub.instances:
                self.stub.instances[self._key()] |= body
            if _each(number, self.stub.drop_every):
                self.close_connection = True
            else:
                self._answer_instance()

    def do_DELETE(self) -> None:
        """Delete an instance at once."""
        with self.stub.lock:
            self.stub.count("delete")
            found = self.stub.instances.pop(self._key(), None)
            self._answer(204 if found else 404, None)

    def _key(self) -> str:
        return self.path.rsplit("/", 1)[1]

    def _body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return found

    def _answer_instance(self) -> None:
        found = self.stub.instances.get(self._key())
        self._answer(200 if found else 404, found)

    def _answer(self, status: int, body: object) -> None:
        content = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def _each(number: int, every: int) -> bool:
    return bool(every) and number % every == 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A running stub; its `url` is the base URL."""
    yield from _running("127.0.0.1")


@pytest.fixture
def public_stub() -> Iterator[Stub]:
    """A stub that answers at every address of this machine; `url` names the loopback."""
    yield from _running("")


def _running(address: str) -> Iterator[Stub]:
    state = Stub()
    server = _Server((address, 0), type("BoundHandler", (Handler,), {"stub": state}))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()
