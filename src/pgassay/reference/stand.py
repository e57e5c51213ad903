"""A server without a network between it and its caller; over HTTP only once somebody connects."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from email.utils import formatdate
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from pgassay.reference.clock import Clock
from pgassay.reference.server import connectable

Headers = Sequence[tuple[bytes, bytes]]


class Stand:
    """An application whose requests run in an event loop of their own, as a server's would.

    `url` is its address for who insists on a connection: it is served there from the first one on.
    """

    def __init__(
        self, app: ASGIApp, clock: Clock, loop: asyncio.AbstractEventLoop, url: str
    ) -> None:
        self._app = app
        self._clock = clock
        self._loop = loop
        self.url = url

    def answer(
        self, method: str, target: bytes, headers: Headers, body: bytes, seconds: float
    ) -> tuple[int, Headers, bytes]:
        """Return status, headers and body of the answer to a request.

        TimeoutError when it takes longer than `seconds`.
        """
        asked = _answer(self._app, _scope(method, target, headers), body, self._clock)
        future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise


@contextlib.contextmanager
def standing(app: ASGIApp, clock: Clock) -> Iterator[Stand]:
    """Keep an application, which goes by `clock`, ready in a thread while the block runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="reference-stand", daemon=True)
    thread.start()
    try:
        with connectable(app, loop) as url:
            yield Stand(app, clock, loop, url)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _scope(method: str, target: bytes, headers: Headers) -> Scope:
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }


async def _answer(
    app: ASGIApp, scope: Scope, body: bytes, clock: Clock
) -> tuple[int, Headers, bytes]:
    """Ask the application, and add what a server adds: the date, no body to HEAD."""
    sent: list[Message] = []
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return unread.pop() if unread else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers = list(start["headers"])
    if not any(name.lower() == b"date" for name, _ in headers):
        headers.append((b"date", formatdate(clock.now(), usegmt=True).encode()))
    parts = (message.get("body", b"") for message in sent[1:])
    return start["status"], headers, b"" if scope["method"] == "HEAD" else b"".join(parts)
