"""How the server speaks on a connection, byte by byte, where a mutant may speak otherwise."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Voice:
    """A transport whose bytes pass the mutant on their way out."""

    def __init__(self, transport: asyncio.Transport, speech: "Speech") -> None:
        self._transport = transport
        self._speech = speech

    def write(self, data: bytes) -> None:
        self._transport.write(self._speech.spoken(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Speech(HttpToolsProtocol):
    """uvicorn's protocol; a mutant overrides what is heard or spoken."""

    def heard(self, data: bytes) -> bytes:
        """Return what the server reads instead of `data`."""
        return data

    def spoken(self, data: bytes) -> bytes:
        """Return what leaves instead of `data`: the head of an answer, or a piece of its body."""
        return data

    @property
    def asked(self) -> tuple[str, str]:
        """The method and the path of the request that is answered."""
        return self.cycle.scope["method"], self.cycle.scope["path"]

    def crash(self) -> bytes:
        """Answer with 500, end the connection, and leave nothing to read."""
        self.transport.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
        self.transport.close()
        return b""

    def connection_made(self, transport: Any) -> None:
        """Stand between the connection and uvicorn."""
        super().connection_made(_Voice(transport, self))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        """Read what the mutant makes of `data`."""
        if heard := self.heard(data):
            super().data_received(heard)
