"""When requests leave: each at once, or several together."""

import threading
from contextlib import suppress
from typing import Final

from pgassay.clock import clock

#: The event of httpcore's `trace` extension at which a connection stands open, with TLS, and
#: nothing of the request was sent.
READY: Final = "http11.send_request_headers.started"
#: Requests that are ready wait no longer than this for the others, in seconds.
_LONGEST: Final = 10.0


class Departure:
    """The leaving of one request; `gate` is shared by those that leave together.

    `at` is the moment in monotonic seconds before which nothing of the request was sent.
    """

    def __init__(self, gate: threading.Barrier | None = None) -> None:
        """A request without `gate` leaves as soon as it can."""
        self._gate = gate
        self.at = clock().now()

    def trace(self, event: str, _details: object) -> None:
        """Hold the request when its connection stands, until the others are as far."""
        if self._gate is not None and event == READY:
            with suppress(threading.BrokenBarrierError):
                self._gate.wait(_LONGEST)
            self.at = clock().now()

    def over(self) -> None:
        """Let the others go, which must not wait for a request that failed before it left."""
        if self._gate is not None:
            self._gate.abort()
