"""The only way out for Schemathesis: its HTTP library ends at the run's client.

Its transport is given sessions of `requests` whose every address leads to one adapter. The base
URL that it knows belongs to nobody (RFC 2606), so that nothing can pass beside the adapter.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Any, Final
from unittest.mock import patch

import requests
from requests.adapters import BaseAdapter
from schemathesis.core import SCHEMATHESIS_TEST_CASE_HEADER
from schemathesis.engine import context
from schemathesis.transport.requests import REQUESTS_TRANSPORT
from urllib3 import HTTPHeaderDict, HTTPResponse

from pgassay.client import Client
from pgassay.deviation import NoAnswer, NotTestable
from pgassay.exchange import ANONYMOUS, Exchange, Request
from pgassay.fuzzing.guard import Guard
from pgassay.run.session import SILENCE
from pgassay.target.model import Family

_PROBE: Final = "X-Schemathesis-Probe"
#: What HTTP lets into a header (RFC 9110, section 5.5), as far as clients can send it.
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)?")
#: Set by the libraries on their own account; the client sets its own.
_HOP: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)


class Door(BaseAdapter):
    """Turn prepared requests into exchanges of the run, and exchanges into responses."""

    def __init__(
        self, client: Client, family: Family, guard: Guard, refusable: Callable[[Request], bool]
    ) -> None:
        """Send through `client` what `guard` allows.

        `refusable` tells which requests the document has refused: they should create nothing.
        """
        super().__init__()
        self._client = client
        self._family = family
        self._guard = guard
        self._refusable = refusable
        credential = client.target.credential("main", family)
        self._main = dict(credential.headers) if credential else {}
        #: The latest exchange of each case, by Schemathesis's identifier.
        self.exchanges: dict[str, Exchange] = {}
        #: Creations that were not sent because there were enough.
        self.withheld = 0
        #: Why requests could not be sent.
        self.reasons: set[str] = set()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the interface of requests
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send one request; raises `requests.ConnectionError` when no answer came."""
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        case = headers.pop(SCHEMATHESIS_TEST_CASE_HEADER, "")
        path, method = str(request.path_url), str(request.method)
        if headers.pop(_PROBE, None) is not None or not _sendable(headers):
            # Neither NUL in headers nor control characters in paths get past HTTP clients.
            return _response(request, 400, {}, b"")
        if not self._guard.allows(method, path):
            self._guard.held_back += 1
            return _response(request, 403, {}, b"")
        own = self._request(method, path, headers, request.body)
        if self._costs(own) and not self._guard.make_room():
            self.withheld += 1
            return _response(request, 429, {}, b"")
        if self._client.silent >= SILENCE:
            raise requests.exceptions.ConnectionError("the target is silent", request=request)
        try:
            exchange = self._client.send(own)
        except NoAnswer as error:
            raise requests.exceptions.ConnectionError(str(error), request=request) from error
        except NotTestable as error:
            self.reasons.add(str(error))
            return _response(request, 429, {}, b"")
        self.exchanges[case] = exchange
        self._guard.note(exchange)
        return _response(request, exchange.status, exchange.headers, exchange.body)

    def close(self) -> None:
        """Keep everything: the client owns the connections."""

    def session(self) -> requests.Session:
        """A session whose every address leads here."""
        session = requests.Session()
        session.trust_env = False
        session.headers = {}
        for prefix in list(session.adapters):
            session.mount(prefix, self)
        return session

    def _costs(self, request: Request) -> bool:
        return self._guard.creates(request.method, request.path) and not self._refusable(request)

    def _request(self, method: str, path: str, headers: dict[str, str], body: Any) -> Request:
        given = {name.lower(): value for name, value in headers.items()}
        main = all(given.get(name.lower()) == value for name, value in self._main.items())
        dropped = _HOP | ({name.lower() for name in self._main} if main else set())
        kept = {name: value for name, value in headers.items() if name.lower() not in dropped}
        content = body.encode() if isinstance(body, str) else body
        return Request(
            method, path, kept, content, "main" if main else ANONYMOUS, str(self._family)
        )


@contextlib.contextmanager
def only_through(door: Door) -> Iterator[None]:
    """Lead everything that Schemathesis sends through `door` while the block runs."""
    original: Callable[..., Any] = REQUESTS_TRANSPORT.send

    def send(case: Any, *, session: requests.Session | None = None, **options: Any) -> Any:
        return original(case, session=door.session(), **options)

    def make_session(config: Any, *, operation: Any = None) -> requests.Session:
        return door.session()

    with (
        patch.object(REQUESTS_TRANSPORT, "send", send),
        patch.object(context, "make_session", make_session),
    ):
        yield


def _sendable(headers: Mapping[str, str]) -> bool:
    return all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers.items())


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    # The client decoded the body already.
    fields = HTTPHeaderDict(
        {name: value for name, value in headers.items() if name != "content-encoding"}
    )
    raw = HTTPResponse(BytesIO(body), fields, status, preload_content=False)
    response = requests.adapters.HTTPAdapter().build_response(request, raw)
    response._content = body  # noqa: SLF001 - read once, like every response that requests returns
    return response
