"""Serving an application over HTTP: in the foreground until a signal, or beside the caller."""

import asyncio
import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from pgassay.reference.app import create_app
from pgassay.reference.clock import SystemClock
from pgassay.reference.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(
    settings: Settings,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
    *,
    app: ASGIApp | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then stop within a second and return.

    Port 0 takes a free one; `on_ready` gets the base URL once requests are answered. `app`
    replaces the application that `settings` describe. OSError when the port is taken or the
    state file cannot be used. Call it in the main thread, which receives the signals.
    """
    listener = _bind(host, port)
    try:
        application = app or create_app(settings, SystemClock())
        _spare_collections()
        asyncio.run(_run(_Server(application, on_ready), listener))
    finally:
        listener.close()


@contextlib.contextmanager
def running(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an application in a thread of this process while the block runs; gives its base URL.

    OSError when the port is taken; RuntimeError when the application does not start.
    """
    listener = _bind(host, port)
    ready: list[str] = []
    settled = threading.Event()

    def note(url: str) -> None:
        ready.append(url)
        settled.set()

    server = _Server(app, note)

    def work() -> None:
        try:
            server.run(sockets=[listener])
        finally:
            settled.set()

    thread = threading.Thread(target=work, name="reference-server", daemon=True)
    thread.start()
    try:
        settled.wait()
        if not ready:
            raise RuntimeError("the application did not start")
        yield ready[0]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextlib.contextmanager
def connectable(app: ASGIApp, loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Serve an application in a running loop as soon as somebody connects; gives its base URL."""
    listener, servers = _bind("127.0.0.1", 0), list[_Server]()

    def begin() -> None:
        loop.remove_reader(listener)
        server = _Server(app, lambda _url: None)
        serving.append(loop.create_task(server.serve(sockets=[listener])))
        servers.append(server)

    async def end() -> None:
        loop.remove_reader(listener)
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*serving)

    serving: list[asyncio.Task[None]] = []
    loop.call_soon_threadsafe(loop.add_reader, listener, begin)
    try:
        yield _url(listener)
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        listener.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to its caller, and says when it answers."""

    def __init__(self, app: ASGIApp, on_ready: Callable[[str], None]) -> None:
        # Connections that are still open half a second after the signal are cut.
        # An application may bring its own reading of HTTP/1.1: faulty ones do.
        config = uvicorn.Config(
            app,
            http=getattr(getattr(app, "state", None), "protocol", "auto"),
            access_log=False,
            log_level="error",
            lifespan="on",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=0.5,  # type: ignore[arg-type]
        )
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signal handlers alone; uvicorn's would raise the signal again."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and report the address of the first socket."""
        await super().startup(sockets)
        if self.started and sockets:
            self._on_ready(_url(sockets[0]))


def _spare_collections() -> None:
    """Let the garbage collector rest: documents have no cycles, and a list makes many at once.

    With Python's own thresholds half the time of listing 10 000 services is spent on searching
    them for cycles.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


async def _run(server: _Server, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, setattr, server, "should_exit", True)  # noqa: FBT003 - it is setattr's
    await server.serve(sockets=[listener])


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off for accepted connections. Without
    # it, every answer on a kept connection waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A port whose last server just ended may be taken again at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Listening now, not at startup, settles at once whether the port is ours.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {reason}") from None
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
