"""A connection of its own, on which both directions are watched at once."""

import re
import selectors
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import SplitResult

from pgassay.clock import clock
from pgassay.wire.message import Step
from pgassay.wire.reply import HUNG_UP, Reading, Reply

#: Bytes that are handed to the operating system at once.
_SLICE: Final = 65536
#: A final status, behind any number of interim answers (RFC 9110, section 15.2).
_FINAL: Final = re.compile(
    rb"(?:HTTP/1\.\d 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)*HTTP/1\.\d [2-9]"
)
_NOT_WAITED_FOR: Final = Reply(failure="an answer before this one did not come", silent=True)


class Wire:
    """A TCP or TLS connection, on which one side may be silent for `seconds` at most."""

    def __init__(self, base: SplitResult, context: ssl.SSLContext | None, seconds: float) -> None:
        """Connect to the server of a URL, over TLS where there is a `context`."""
        self._seconds = seconds
        self._buffer = b""
        self._failure = ""
        self.closed = False
        try:
            self._socket = _connected(base, context, seconds)
        except OSError as error:
            self._socket = socket.socket()
            self._failure = f"{type(error).__name__}: {error}"

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def send(self, pieces: Iterable[bytes | Step], *, regardless: bool = False) -> bool:
        """Send pieces until one of them gets a final answer; tell whether the connection is up.

        `regardless` goes on in spite of answers: they belong to earlier requests. Raises
        `TimeoutError` when the server was silent.
        """
        for piece in pieces:
            if piece is Step.HANG_UP:
                self.close()
                return False
            if isinstance(piece, bytes):
                self._write(piece, regardless)
            else:
                self._hear(self._deadline())
            if self.closed or (_FINAL.match(self._buffer) and not regardless):
                break
        return True

    def converse(
        self, spoken: Sequence[tuple[str, Sequence[bytes | Step]]], *, at_once: bool = False
    ) -> Iterator[Reply]:
        """Send requests, given by their methods and pieces, and yield the reply to each.

        Each waits for the reply before it; `at_once` sends all before it listens (pipelining).
        """
        every = [piece for _, pieces in spoken for piece in pieces]
        silence = self._begin(every if at_once else [])
        for method, pieces in spoken:
            sent_at, started = clock().time(), clock().now()
            reply = silence or self._exchange(method, [] if at_once else pieces)
            silence = _NOT_WAITED_FOR if reply.silent else None
            duration = clock().now() - started
            yield replace(reply, sent_at=sent_at, started=started, duration=duration)

    def _begin(self, pieces: Sequence[bytes | Step]) -> Reply | None:
        """Send what does not wait for answers; return what went wrong."""
        if self._failure:
            return Reply(failure=self._failure, silent=True)
        try:
            self.send(pieces, regardless=True)
        except TimeoutError as error:
            return Reply(failure=str(error), silent=True)
        return None

    def _exchange(self, method: str, pieces: Sequence[bytes | Step]) -> Reply:
        try:
            up = self.send(pieces)
        except TimeoutError as error:
            return Reply(failure=str(error), silent=True)
        return self.reply(method) if up else Reply(failure=HUNG_UP)

    def reply(self, method: str) -> Reply:
        """Read the answer to a request."""
        reading, deadline = Reading(method), self._deadline()
        reading.feed(self._buffer)
        self._buffer = b""
        while not reading.done:
            try:
                self._wait(selectors.EVENT_READ, deadline)
            except TimeoutError:
                return reading.failed(f"no complete answer in {self._seconds:g} s", silent=True)
            self._pull()
            reading.feed(self._buffer, ended=self.closed)
            self._buffer = b""
        self._buffer = reading.rest
        return reading.reply

    def listen(self, seconds: float) -> bytes:
        """Wait for the server to close, so long at most; return what it sent since."""
        deadline = time.monotonic() + seconds
        try:
            self._pull()
            while not self.closed:
                self._wait(selectors.EVENT_READ, deadline)
                self._pull()
        except TimeoutError:
            pass
        return self._buffer

    def _hear(self, deadline: float) -> None:
        while not self._buffer and not self.closed:
            self._wait(selectors.EVENT_READ, deadline)
            self._pull()

    def _write(self, data: bytes, regardless: bool) -> None:  # noqa: FBT001 - passed on
        deadline, left = self._deadline(), memoryview(data)
        while left and not self.closed:
            ready = self._wait(selectors.EVENT_READ | selectors.EVENT_WRITE, deadline)
            if ready & selectors.EVENT_READ:
                self._pull()
                if _FINAL.match(self._buffer) and not regardless:
                    return
            if ready & selectors.EVENT_WRITE:
                left = left[self._push(left[:_SLICE]) :]

    def _push(self, data: memoryview) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError:
            # Whoever closes its side may have answered before.
            self._pull()
            self.closed = True
            return 0

    def _pull(self) -> None:
        """Take what has arrived."""
        try:
            while data := self._socket.recv(_SLICE):
                self._buffer += data
            self.closed = True
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            self.closed = True

    def _wait(self, events: int, deadline: float) -> int:
        left = deadline - time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, events)
            ready = selector.select(left) if left > 0 else []
        if not ready:
            raise TimeoutError(f"the server was silent for {self._seconds:g} s")
        return ready[0][1]

    def _deadline(self) -> float:
        return time.monotonic() + self._seconds


def _connected(base: SplitResult, context: ssl.SSLContext | None, seconds: float) -> socket.socket:
    host, port = base.hostname or "", base.port or (443 if context else 80)
    connection = socket.create_connection((host, port), timeout=seconds)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if context:
        connection = context.wrap_socket(connection, server_hostname=host)
    connection.settimeout(0.0)
    return connection
