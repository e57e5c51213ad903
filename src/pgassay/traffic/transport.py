"""Send requests over kept connections; as many as are in flight, the one used last first.

A request never waits for a connection: where none is free, another one is opened. Whatever goes
wrong becomes an answer with a failure.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

import gevent.socket
from gevent import get_hub

from pgassay.exchange import Request
from pgassay.traffic.connection import TIMEOUT, Address, Connection, Failed
from pgassay.traffic.endpoint import Endpoint
from pgassay.traffic.session import Answer

#: A connection that nobody used for longer is not used again, in seconds. Servers commonly close
#: idle ones after 5 s, and a request that crosses the closing is lost: no failure of the target's.
_FRESH: Final = 4.0


class Transport:
    """The connections of one process to a target; `limit` seconds for each whole exchange."""

    def __init__(self, endpoint: Endpoint, limit: float) -> None:
        """Nothing is opened before the first request."""
        self._endpoint = endpoint
        self._limit = limit
        self._idle: list[Connection] = []
        self._deadlines: dict[Connection, float] = {}
        self._loop = get_hub().loop
        self._timer: Any = None
        self._fields: dict[int, tuple[Mapping[str, str], bytes]] = {}
        self._addresses: list[Address] = []
        #: How many connections were opened.
        self.opened = 0

    def __call__(self, operation: str, request: Request) -> Answer:
        """Send `request` once, and return what came back within the limit."""
        message = self._endpoint.message(request, self._header_fields(request.headers))
        connection = None
        try:
            connection = self._take()
            answer = connection.exchange(message)
        except Failed as failed:
            failure = str(failed)
            return Answer(0, failure=failure, timed_out=failure == TIMEOUT)
        finally:
            if connection is not None:
                del self._deadlines[connection]
        if connection.usable:
            connection.rested = time.monotonic()
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close all connections that are not in use."""
        while self._idle:
            self._idle.pop().close()
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _take(self) -> Connection:
        """Return a free connection, or a fresh one; its time is running."""
        stale = time.monotonic() - _FRESH
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.rested > stale:
                self._watch(connection)
                return connection
            connection.close()
        return self._open()

    def _open(self) -> Connection:
        """Connect to the first address that lets; raises `Failed`."""
        failed = Failed("host unknown")
        for address in self._addresses or self._resolved():
            try:
                connection = Connection(self._endpoint, address)
            except OSError as error:
                failed = Failed(f"no socket: {error.strerror}")
                continue
            self._watch(connection)
            try:
                connection.open()
            except Failed as error:
                del self._deadlines[connection]
                failed = error
                continue
            except BaseException:
                del self._deadlines[connection]
                raise
            self.opened += 1
            self._addresses = [address]
            return connection
        raise failed

    def _resolved(self) -> list[Address]:
        try:
            found = gevent.socket.getaddrinfo(
                self._endpoint.host, self._endpoint.port, type=gevent.socket.SOCK_STREAM
            )
        except OSError as error:
            raise Failed("host unknown") from error
        return [(family, address) for family, _, _, _, address in found]

    def _header_fields(self, headers: Mapping[str, str]) -> bytes:
        # A session has two sets of headers for all its requests; the mapping is kept with the
        # bytes, so that its identity stays its own.
        known = self._fields.get(id(headers))
        if known is None:
            known = headers, self._endpoint.fields(headers)
            self._fields[id(headers)] = known
        return known[1]

    def _watch(self, connection: Connection) -> None:
        """Let the exchange on `connection` end within the limit."""
        # All have the same limit: they come due in the order in which they began.
        self._deadlines[connection] = time.monotonic() + self._limit
        if self._timer is None:
            self._timer = self._loop.timer(self._limit)
            self._timer.start(self._expire)

    def _expire(self) -> None:
        """End what is over its limit, and look again when the next one would be. In the hub."""
        self._timer.stop()
        self._timer.close()
        self._timer = None
        now = time.monotonic()
        due = [item for item, deadline in self._deadlines.items() if deadline <= now]
        for connection in due:
            connection.expire()
        if self._deadlines and self._timer is None:
            self._timer = self._loop.timer(max(next(iter(self._deadlines.values())) - now, 0.001))
            self._timer.start(self._expire)
