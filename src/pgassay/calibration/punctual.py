"""An event loop whose timers are exact to some ten microseconds.

asyncio waits in epoll, which counts whole milliseconds and rounds up, so that every answer would
leave half a millisecond late on average; libuv, and so uvloop, counts the same. `select` counts
microseconds, but knows few file descriptors; here it waits for one alone, that of epoll.
"""

import asyncio
import select
import selectors
import sys

if sys.platform == "linux":

    class PunctualSelector(selectors.EpollSelector):
        """epoll behind a wait that is exact."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait at most `timeout` seconds; None waits without end."""
            if timeout is None or timeout > 0:
                select.select([self.fileno()], [], [], timeout)
            return super().select(0)

    def event_loop() -> asyncio.AbstractEventLoop:
        """Return a new loop."""
        return asyncio.SelectorEventLoop(PunctualSelector())

else:

    def event_loop() -> asyncio.AbstractEventLoop:
        """Return a new loop; kqueue counts nanoseconds by itself."""
        return asyncio.SelectorEventLoop()
