"""The only door to a target.

Every request of the suite goes through `Client.send`: the intent is journalled before it leaves,
the exchange after it came back; what was created is registered, and the monitors see everything.
"""

import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from pgassay.deviation import NoAnswer, NotTestable
from pgassay.exchange import ANONYMOUS, Exchange, Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, Setting
from pgassay.rate_limit import pause_after
from pgassay.redaction import Vault
from pgassay.target.model import Family, Target
from pgassay.waiting import Clock, MonotonicClock

#: How often a request that was turned away with 429 (RFC 6585, section 4) is sent again.
_PATIENCE: Final = 4
_TOO_MANY: Final = 429
_DEFAULTS: Final = {"User-Agent": "pgassay", "Accept": "*/*", "Accept-Encoding": "gzip"}
#: What stands in a request target as it is (RFC 3986, section 2.2); `%` because paths come encoded.
_LEGAL: Final = "%/:?#[]@!$&'()*+,;="


class Observer(Protocol):
    """Whoever looks at the traffic without taking part in it."""

    def observe(self, redacted: Exchange) -> None:
        """Look at one exchange, from which secrets were struck out."""


class Client:
    """Send requests to one target on behalf of checks."""

    def __init__(
        self,
        target: Target,
        journal: Journal,
        vault: Vault,
        ownership: Ownership,
        observers: tuple[Observer, ...] = (),
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open the connection pool; `transport` and `clock` replace network and time in tests."""
        self.target = target
        self.ownership = ownership
        self.vault = vault
        self.journal = journal
        self._observers = observers
        self._sequence = itertools.count(1)
        self._lock = threading.Lock()
        self._check = "session"
        self._pace = _Pace(target.limits.requests_per_second)
        self._clock = clock or MonotonicClock()
        self.requests = 0
        #: Requests in a row that got no answer; the session gives up on a dead target.
        self.silent = 0
        self.last: Exchange | None = None
        # Not httpx.Client: its cookies, redirects and defaults would change what is examined.
        self._http = transport or httpx.HTTPTransport(
            verify=target.verify_tls,
            trust_env=not target.embedded,
            proxy=None if target.embedded else _proxy(target.base_url),
            # Servers commonly close idle connections after 5 s; a race with that is no finding.
            limits=httpx.Limits(max_connections=64, keepalive_expiry=2.0),
        )
        for credential in target.credentials.values():
            for secret in credential.secrets:
                vault.learn(secret)

    @property
    def check(self) -> str:
        """The check on whose behalf requests are sent now."""
        return self._check

    @contextmanager
    def acting_for(self, check: str) -> Iterator[None]:
        """Attribute the requests inside the block to `check`."""
        previous, self._check = self._check, check
        try:
            yield
        finally:
            self._check = previous

    def close(self) -> None:
        """Close the connection pool."""
        self._http.close()

    def send(
        self, request: Request, *, timeout: float | None = None, patient: bool = True
    ) -> Exchange:
        """Send `request` and return the exchange.

        A server that answers 429 did nothing: unless `patient` is False, the request is sent again
        when the server's window ends, a few times at most. Raises `NoAnswer` when no complete
        answer came, `NotTestable` when the target file has no such credential or its limits
        forbid another resource.
        """
        exchange = self._send(request, timeout)
        for _ in range(_PATIENCE if patient else 0):
            if exchange.status != _TOO_MANY:
                break
            self.await_window(exchange)
            exchange = self._send(request, timeout)
        return exchange

    def await_window(self, refused: Exchange) -> None:
        """Wait until the window ends in which the server answered 429, by its own account."""
        self._clock.sleep(pause_after(refused))

    def _send(self, request: Request, timeout: float | None) -> Exchange:
        headers = self._headers(request)
        self._guard(request)
        self._pace.wait()
        with self._lock:
            sequence = next(self._sequence)
            self.requests += 1
        full = Request(
            request.method, request.path, headers, request.body, request.credential, request.family
        )
        check = self._check
        self.vault.learn_request(full)
        self.journal.intent(sequence, check, full)
        exchange = self._exchange(sequence, check, full, timeout)
        return self._record(exchange)

    def remember(self, setting: Setting) -> None:
        """Journal a foreign setting before its first change, so that it can be put back."""
        if self.ownership.remember(setting):
            self.journal.event(
                "setting",
                family=setting.family,
                path=setting.path,
                method=setting.method,
                original=dict(setting.original),
            )

    def gone(self, path: str) -> None:
        """Strike out a resource that was seen to be gone after its delete."""
        self.ownership.gone(path)
        self.journal.event("removed", path=path)

    def _record(self, exchange: Exchange) -> Exchange:
        redacted = self.vault.exchange(exchange)
        self.journal.exchange(redacted)
        created = self.ownership.note(exchange)
        if created is not None:
            self.journal.event(
                "created",
                family=created.family,
                resource=created.kind,
                id=created.id,
                name=created.name,
                path=created.path,
                credential=created.credential,
            )
        for observer in self._observers:
            observer.observe(redacted)
        self.last = exchange
        self.silent = 0 if exchange.answered else self.silent + 1
        if not exchange.answered:
            raise NoAnswer(exchange)
        return exchange

    def _headers(self, request: Request) -> Mapping[str, str]:
        if request.credential == ANONYMOUS:
            return request.headers
        family = Family(request.family) if request.family else None
        credential = self.target.credential(request.credential, family)
        if credential is None:
            table = f"{request.family}.auth" if request.family else "auth"
            raise NotTestable(
                f"the target file has no [{table}.{request.credential}] (or [auth."
                f"{request.credential}])"
            )
        return {**credential.headers, **request.headers}

    def _guard(self, request: Request) -> None:
        limits = self.target.limits
        if request.method != "POST":
            return
        if limits.total_resources and self.ownership.created >= limits.total_resources:
            raise NotTestable(f"[limits] total_resources = {limits.total_resources} is used up")
        if limits.concurrent_resources and self.ownership.live >= limits.concurrent_resources:
            raise NotTestable(
                f"[limits] concurrent_resources = {limits.concurrent_resources} is reached"
            )

    def _exchange(
        self, sequence: int, check: str, request: Request, timeout: float | None
    ) -> Exchange:
        url = self.target.base_url.rstrip("/") + request.path
        sent_at, started = time.time(), time.perf_counter()
        try:
            status, headers, body = self._roundtrip(request, url, timeout)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            failure = f"{type(error).__name__}: {error}"
            duration = time.perf_counter() - started
            return Exchange(sequence, check, request, url, sent_at, duration, failure=failure)
        duration = time.perf_counter() - started
        return Exchange(sequence, check, request, url, sent_at, duration, status, headers, body)

    def _roundtrip(
        self, request: Request, url: str, timeout: float | None
    ) -> tuple[int, dict[str, str], bytes]:
        seconds = timeout or self.target.timing.request
        legal = quote(url, safe=_LEGAL, errors="surrogatepass")
        # Without the explicit target httpx would resolve the dot segments of a path.
        target = legal.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(legal)))
        sent = httpx.Request(
            request.method,
            legal,
            headers=_DEFAULTS | dict(request.headers),
            content=request.body,
            extensions={"timeout": httpx.Timeout(seconds).as_dict(), "target": target.encode()},
        )
        deadline = time.monotonic() + seconds
        answer = self._http.handle_request(sent)
        try:
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                # The transport's own limit is for each piece; a dripping answer would never end.
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout(f"the answer was not complete within {seconds:g} s")
        finally:
            answer.close()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status_code, headers, bytes(body)


def _proxy(base_url: str) -> str | None:
    """The proxy that the environment prescribes for a URL (HTTPS_PROXY, NO_PROXY)."""
    parts = urlsplit(base_url)
    if proxy_bypass(parts.netloc):
        return None
    return getproxies().get(parts.scheme)


class _Pace:
    """Keep to a number of requests per second; 0 means no limit."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            pause = self._next - now
            self._next = max(self._next, now) + self._gap
        if pause > 0:
            time.sleep(pause)
