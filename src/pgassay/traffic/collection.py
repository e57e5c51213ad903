"""Bring the files of a remote worker into the master's folder, piece by piece.

The master asks for each piece and asks again where none comes: nothing has to be remembered by the
worker, and a file is whole when its length is.
"""

from collections.abc import Callable
from pathlib import Path

from gevent.queue import Empty, Queue

from pgassay.traffic.orders import Fetch, Order, Piece

#: Seconds after which a piece is asked for again, and how often before the worker is given up.
_PATIENCE = 5.0
_ATTEMPTS = 6


class Uncollected(Exception):
    """A file could not be fetched; the text says which."""


class Collection:
    """The files of one worker at a time."""

    def __init__(self, folder: Path, send: Callable[[str, Order], None]) -> None:
        """Files go to `folder`."""
        self._folder = folder
        self._send = send
        self._from = ""
        self._pieces: Queue[Piece] = Queue()

    def receive(self, client: str, piece: Piece) -> None:
        """Take a piece; what was not asked for is passed over."""
        if client == self._from:
            self._pieces.put(piece)

    def collect(self, client: str, files: dict[str, int], prefix: str) -> None:
        """Fetch the files of a worker whose names begin with `prefix`; raises `Uncollected`."""
        self._from = client
        try:
            for name, size in sorted(files.items()):
                # The name comes from the network, and becomes a path.
                if name.startswith(prefix) and Path(name).name == name:
                    self._fetch(client, name, size)
        finally:
            self._from = ""

    def _fetch(self, client: str, name: str, size: int) -> None:
        partial = self._folder / f"{name}.partial"
        with partial.open("wb") as file:
            while file.tell() < size:
                file.write(self._piece(client, name, file.tell()))
        partial.replace(self._folder / name)

    def _piece(self, client: str, name: str, offset: int) -> bytes:
        for _ in range(_ATTEMPTS):
            self._send(client, Fetch(name, offset))
            try:
                while True:
                    piece: Piece = self._pieces.get(timeout=_PATIENCE)
                    if (piece.name, piece.offset) == (name, offset) and piece.data:
                        return piece.data
            except Empty:
                continue
        raise Uncollected(f"{name} could not be fetched")
