"""Greenlets that wait for work: starting one for each arrival would cost as much as a request."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import gevent
from gevent import get_hub, getcurrent
from gevent.event import Event

_Job: TypeAlias = tuple[Callable[..., object], tuple[Any, ...]]

#: libev's highest priority: what is this idle is run in each turn of the loop.
_FIRST: Final = 2


def pause(seconds: float) -> None:
    """Let others run for `seconds`; for none, a whole turn of the loop, in which sockets are read.

    `gevent.sleep(0)` alone lets run what is ready, and comes back before answers are looked for.
    """
    if seconds > 0:
        gevent.sleep(seconds)
    else:
        # The sockets are looked at before the first of these ends, and read before the second.
        gevent.idle(_FIRST)
        gevent.sleep(0)


class Hands:
    """A pool in which functions run beside each other, as many as there are."""

    def __init__(self) -> None:
        """Start without any greenlet; those that have worked are used again."""
        self._hub = get_hub()
        self._idle: list[gevent.Greenlet] = []
        self._all: set[gevent.Greenlet] = set()
        self._busy = 0
        self._rest: Event | None = None

    def spawn(self, function: Callable[..., object], *arguments: Any) -> None:
        """Start `function` soon, without waiting for it."""
        self._busy += 1
        if self._idle:
            self._hub.loop.run_callback(self._idle.pop().switch, (function, arguments))
        else:
            self._all.add(gevent.spawn(self._work, (function, arguments)))

    def join(self, timeout: float | None = None) -> None:
        """Wait until all have ended, at most `timeout` seconds."""
        if self._busy:
            self._rest = Event()
            self._rest.wait(timeout)
            self._rest = None

    def kill(self) -> None:
        """End what is still running, and all that waits."""
        gevent.killall(list(self._all))
        self._all.clear()
        self._idle.clear()
        self._busy = 0

    def _work(self, job: _Job) -> None:
        me = getcurrent()
        try:
            while True:
                function, arguments = job
                function(*arguments)
                self._ended()
                self._idle.append(me)
                # The next `spawn` switches here with the next job.
                job = self._hub.switch()
        except gevent.GreenletExit:
            self._all.discard(me)

    def _ended(self) -> None:
        self._busy -= 1
        if not self._busy and self._rest is not None:
            self._rest.set()
