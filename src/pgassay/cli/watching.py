"""Look at a load that runs in processes of its own, for as long as a command waits for it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from pgassay.errors import UsageError
from pgassay.traffic import live
from pgassay.traffic.live import LiveView

#: The pause between two looks, in seconds.
_PAUSE: Final = 0.5
_HOST: Final = "127.0.0.1"


def announce_page(port: int) -> None:
    """Say where Locust's page will be; raises `UsageError` where the port is taken."""
    try:
        with socket.create_server((_HOST, port)):
            pass
    except OSError as error:
        raise UsageError(
            f"the page cannot be shown there: {error.strerror or error}",
            f"--web {port}",
            "a port of 127.0.0.1 that is free",
        ) from error
    click.echo(f"pgassay: the load shows at http://{_HOST}:{port}/", err=True)


@contextmanager
def live_view(
    run_folder: Path, show: Callable[[LiveView | None], None], pause: float = _PAUSE
) -> Iterator[None]:
    """Show the latest view of the load in `run_folder` until the block ends; None where none is.

    `pause` is the time between two looks, in seconds.
    """
    ended = threading.Event()

    def look() -> None:
        last: LiveView | None = None
        while not ended.wait(pause):
            view = live.read(run_folder)
            if view != last:
                last = view
                show(view)

    thread = threading.Thread(target=look, name="live view", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        show(None)
