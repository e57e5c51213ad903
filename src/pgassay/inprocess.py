"""Requests to a server that runs in this process: everything of HTTP but the network."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import httpx

from pgassay.departure import READY

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
#: Answers a request, given by method, target, headers, body and the seconds that it may take, with
#: status, headers and body; raises `TimeoutError`.
Answering: TypeAlias = Callable[[str, bytes, Headers, bytes, float], tuple[int, Headers, bytes]]


class InProcess(httpx.BaseTransport):
    """Carry each request to a function that answers it."""

    def __init__(self, answering: Answering) -> None:
        """Carry requests to `answering`."""
        self._answering = answering

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer; raises `httpx.ReadTimeout` where it takes too long."""
        extensions = request.extensions
        if trace := extensions.get("trace"):
            trace(READY, {})
        target = extensions.get("target") or request.url.raw_path
        body = request.read()
        seconds = extensions["timeout"]["read"]
        try:
            status, headers, content = self._answering(
                request.method, target, request.headers.raw, body, seconds
            )
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer within {seconds:g} s") from error
        return httpx.Response(status, headers=list(headers), stream=httpx.ByteStream(content))
