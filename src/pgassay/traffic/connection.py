"""One connection to a target: HTTP/1.1, kept alive, one exchange at a time, never a second try.

The socket is read in gevent's hub as soon as bytes come, and the greenlet that waits is resumed
once the answer is complete: one switch for each exchange. Reading also while nobody waits shows at
once when the target closes an idle connection.
"""

import errno
import os
import socket
import ssl
from typing import Any, Final

from gevent import get_hub, getcurrent
from gevent.monkey import get_original

from pgassay.traffic.endpoint import Endpoint
from pgassay.traffic.reply import Malformed, Reply
from pgassay.traffic.session import Answer

#: The socket that knows nothing of gevent: it never waits.
_Socket: Final = get_original("socket", "socket")
_CHUNK: Final = 65536
_READ, _WRITE = 1, 2
#: Names of failures, by what the system says; all others keep the system's name.
_FAILURES: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection reset",
    errno.ECONNABORTED: "connection reset",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EMFILE: "too many open files",
}
#: What a connection failed of when its deadline had come.
TIMEOUT: Final = "timeout"

Address = tuple[int, tuple[Any, ...]]


class Failed(Exception):
    """An exchange without a usable answer; the text is the class of its failure."""


class Connection:
    """A connection to `endpoint`; `usable` until either side has closed it.

    Since `rested` (monotonic seconds) nobody uses it, where that is kept.
    """

    def __init__(self, endpoint: Endpoint, address: Address) -> None:
        """Nothing is sent before `open`; `address` is the family and address to connect to."""
        family, self._address = address
        self._endpoint = endpoint
        self._socket = _Socket(family, socket.SOCK_STREAM)
        self._socket.settimeout(0)  # never waits
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hub = get_hub()
        self._reader = self._hub.loop.io(self._socket.fileno(), _READ)
        self._reply = Reply()
        self._waiter: Any = None
        self._failure = ""
        self._received = 0
        self._tls: ssl.SSLObject | None = None
        if endpoint.tls is not None:
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._reading = False  # whether what comes belongs to an answer
        self.usable = True
        self.rested = 0.0

    def open(self) -> None:
        """Connect, and agree on TLS; raises `Failed`."""
        try:
            _check(self._socket.connect_ex(self._address))
            self._await_writable()
            _check(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        except OSError as error:
            raise self._fail(error) from error
        except BaseException:
            self.close()
            raise
        self._reader.start(self._on_readable)
        if self._endpoint.tls is not None:
            self._shake_hands(self._endpoint.tls)

    def exchange(self, message: bytes) -> Answer:
        """Send one request and return its answer; raises `Failed`."""
        reply = self._reply
        reply.expect()
        self._received, self._reading = 0, True
        try:
            sent = self._send(message)
            if not reply.done:
                self._wait()
        except BaseException:
            self.close()
            raise
        self._reading = False
        if not reply.reusable or sent < len(message):
            self.close()
        return Answer(
            reply.status,
            reply.body,
            reply.headers,
            sent=sent,
            received=self._received,
        )

    def expire(self) -> None:
        """Give up what is waited for: its deadline has come. For the hub."""
        self._resume(TIMEOUT)

    def close(self) -> None:
        """Close the connection; it cannot be used again."""
        if self.usable:
            self.usable = False
            self._reader.stop()
            self._reader.close()
            self._socket.close()

    def _wait(self) -> None:
        """Let others run until the hub resumes this greenlet; raises `Failed` as it was told."""
        if not self._failure:
            self._waiter = getcurrent()
            try:
                self._hub.switch()
            finally:
                self._waiter = None
        if self._failure:
            self.close()
            raise Failed(self._failure)

    def _resume(self, failure: str = "") -> None:
        """Resume the greenlet that waits. For the hub."""
        self._failure = self._failure or failure
        if self._waiter is not None:
            self._waiter.switch()

    def _on_readable(self) -> None:
        """Read what has come. In the hub: nothing may wait here, and nothing may be raised."""
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._resume(_name(error))
            self._discard()
            return
        self._received += len(data)
        if self._tls is not None or self._endpoint.tls is not None:
            self._take_encrypted(data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        """Take in bytes of an answer; none of them tell that the target has closed."""
        reply = self._reply
        if not self._reading:
            self._discard()
            return
        try:
            complete = reply.feed(data) if data else reply.end()
        except Malformed:
            self._resume("not HTTP")
            return
        if complete:
            self._resume()
        elif not data:
            self._resume("truncated" if reply.begun else "connection closed")

    def _discard(self) -> None:
        """Close a connection on which something came that nobody waits for."""
        if self._waiter is None:
            self.close()

    def _send(self, message: bytes) -> int:
        """Send all of `message`; return how many bytes left."""
        if self._tls is not None:
            self._tls.write(message)
            message = self._outgoing.read()
        total = len(message)
        sent = 0
        try:
            sent = self._socket.send(message)
        except BlockingIOError:
            pass
        except OSError as error:
            raise self._fail(error) from error
        while sent < total and not self._reply.done:
            self._await_writable()
            try:
                sent += self._socket.send(message[sent : sent + _CHUNK])
            except BlockingIOError:
                continue
            except OSError as error:
                if not self._reply.done:
                    raise self._fail(error) from error
        return sent

    def _await_writable(self) -> None:
        watcher = self._hub.loop.io(self._socket.fileno(), _WRITE)
        watcher.start(self._resume)
        try:
            self._wait()
        finally:
            watcher.stop()
            watcher.close()

    def _fail(self, error: OSError) -> Failed:
        self.close()
        return Failed(self._failure or _name(error))

    def _shake_hands(self, context: ssl.SSLContext) -> None:
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=self._endpoint.host)
        try:
            while not self._shaken(tls):
                self._flush()
                self._wait()
            self._flush()
        except ssl.SSLError as error:
            self.close()
            raise Failed(_name(error)) from error
        except OSError as error:
            raise self._fail(error) from error
        except BaseException:
            self.close()
            raise
        self._tls = tls

    def _flush(self) -> None:
        # What a handshake sends is small: it fits into the socket's buffer.
        if self._outgoing.pending:
            self._socket.send(self._outgoing.read())

    @staticmethod
    def _shaken(tls: ssl.SSLObject) -> bool:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def _take_encrypted(self, data: bytes) -> None:
        """Take in bytes below TLS."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        if self._tls is None:
            self._resume("" if data else "connection closed")
            return
        try:
            while plain := self._tls.read(_CHUNK):
                self._take(plain)
            self._take(b"")
        except ssl.SSLWantReadError:
            return
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            self._take(b"")
        except ssl.SSLError as error:
            self._resume(_name(error))
            self._discard()


def _check(status: int) -> None:
    """Raise OSError for a status of connecting that is neither success nor on its way."""
    if status not in {0, errno.EINPROGRESS, errno.EWOULDBLOCK}:
        raise OSError(status, os.strerror(status))


def _name(error: OSError) -> str:
    """The class of a failure: few, so that they can be counted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "TLS: certificate refused"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or 'broken'}".replace("_", " ").lower().replace("tls", "TLS")
    number = error.errno or 0
    return _FAILURES.get(number) or errno.errorcode.get(number, type(error).__name__)
