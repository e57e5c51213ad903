"""The sockets of the calibration server: HTTP/1.1 over asyncio, with nothing in between."""

import asyncio
import gc
import os
import signal
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import httptools

from pgassay.calibration.api import Answer, Request
from pgassay.calibration.punctual import event_loop
from pgassay.calibration.service import Planned, Service

#: Bodies of this API are a few hundred bytes; a longer one ends its connection.
_LIMIT: Final = 1 << 20
_BACKLOG: Final = 1024
#: A connection that is closed so sends a reset (RFC 9293, section 3.5; SO_LINGER of 0 seconds).
_RESET: Final = struct.pack("ii", 1, 0)
_HEAD: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_JSON: Final = b"Content-Type: application/json\r\n"


class Connection(asyncio.Protocol):
    """One connection: requests in, answers out in their order, each at its moment."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self._service = service
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._path = b""
        self._body = b""
        self._waiting: deque[Planned] = deque()
        self._last = 0.0
        self._keep = True  # whether the client wants the connection for a further request

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Count what can no longer be answered."""
        self._transport = None
        for planned in self._waiting:
            self._service.truth.abandoned(planned.operation)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if self._transport is not None:
                self._transport.write(encoded(Answer(400)))
                self._transport.close()

    def on_message_begin(self) -> None:
        """Forget the request before."""
        self._path = self._body = b""

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        self._path += url

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body
        if len(self._body) > _LIMIT and self._transport is not None:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Let the request take effect, and wait for the moment of its answer."""
        method = self._parser.get_method().decode("ascii")
        path = self._path.partition(b"?")[0].decode("ascii", "replace")
        planned = self._service.plan(Request(method, path, self._body, self._loop.time()))
        self._waiting.append(planned)
        # The parser knows it here alone: between messages it says no.
        self._keep = self._parser.should_keep_alive()
        # Answers leave in the order of the requests (RFC 9112, section 9.3.2).
        self._last = max(planned.due, self._last)
        if self._last <= self._loop.time():
            self._answer()
        else:
            self._loop.call_at(self._last, self._answer)

    def _answer(self) -> None:
        """Send the oldest answer that waits; its time is kept once the kernel has it."""
        if self._transport is None or not self._waiting:
            return
        planned = self._waiting.popleft()
        status = planned.answer.status
        if status:
            self._transport.write(encoded(planned.answer))
        else:
            _reset(self._transport)
        if planned.operation:
            self._service.truth.answered(
                planned.operation, status, planned.arrived, planned.due, self._loop.time()
            )
        if not self._keep and not self._waiting:
            self._transport.close()


def encoded(answer: Answer) -> bytes:
    """The bytes of an answer."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    head = _HEAD[answer.status] + lines.encode("ascii")
    if answer.status == HTTPStatus.NO_CONTENT:
        return head + b"\r\n"
    return head + _JSON + b"Content-Length: %d\r\n\r\n" % len(answer.body) + answer.body


def _reset(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


async def listen(service: Service, host: str, port: int) -> asyncio.Server:
    """Start to listen; port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(service, loop), host, port, backlog=_BACKLOG)


def address(server: asyncio.Server) -> str:
    """The base URL of a server that listens."""
    host, port = server.sockets[0].getsockname()[:2]
    return f"http://{host}:{port}"


def run(service: Service, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until standard input ends or a signal comes; `announce` is told the base URL."""
    # A collection would be a stall that no law knows of, and hardly anything here is circular.
    gc.disable()
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(_serve(service, host, port, announce))


async def _serve(service: Service, host: str, port: int, announce: Callable[[str], None]) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = await listen(service, host, port)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    waiting = threading.Thread(target=_wait_for_end, args=(loop, ended), daemon=True)
    waiting.start()
    announce(address(server))
    await ended.wait()
    server.close()


def _wait_for_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Read standard input to its end; a loop that is closed by then has ended anyway."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(ended.set)
