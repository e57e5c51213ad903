"""The only door to a target.

Every request of the suite goes through `Client.send`: the intent is journalled before it leaves,
the exchange after it came back; what was created is registered, and the monitors see everything.
Threads may share a client: requests travel side by side, what is known of them is kept one by one.
"""

import itertools
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final, Protocol
from urllib.parse import SplitResult, quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from pgassay.allowance import Allowance
from pgassay.clock import clock
from pgassay.crew import side_by_side
from pgassay.departure import Departure
from pgassay.deviation import NoAnswer, NotTestable, Unaffordable
from pgassay.exchange import ANONYMOUS, Exchange, Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, Setting
from pgassay.rate_limit import pause_after
from pgassay.redaction import Vault
from pgassay.target.model import Family, Target
from pgassay.wire import Conversation, Message, Reply, Step, Wire

#: How often a request that was turned away with 429 (RFC 6585, section 4) is sent again.
_PATIENCE: Final = 4
_TOO_MANY: Final = 429
#: How many requests may leave together; the connections below are for these and some others.
LARGEST: Final = 50
_CONNECTIONS: Final = 64
#: As many stay open between requests: the pool looks at each of them for each request.
_KEPT: Final = 4
_DEFAULTS: Final = {"User-Agent": "pgassay", "Accept": "*/*", "Accept-Encoding": "gzip"}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: What stands in a request target as it is (RFC 3986, section 2.2); `%` because paths come encoded.
_LEGAL: Final = "%/:?#[]@!$&'()*+,;="


class Observer(Protocol):
    """Whoever looks at the traffic without taking part in it; one exchange at a time."""

    def observe(self, redacted: Exchange) -> None:
        """Look at one exchange, from which secrets were struck out."""


@dataclass(frozen=True, slots=True)
class _Intent:
    """A request that the journal has and that is to be sent."""

    sequence: int
    check: str
    request: Request
    reserved: bool


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
    ) -> None:
        """Open the connection pool; a `transport` takes the place of the network."""
        self.target = target
        self.ownership = ownership
        self.vault = vault
        self.journal = journal
        self._observers = observers
        #: Numbers the requests.
        self.sequence: Iterator[int] = itertools.count(1)
        #: Held while anything is learnt or written; never while a request is on its way.
        self._lock = threading.Lock()
        self._leader = threading.get_ident()
        self._checks = {self._leader: "session"}
        #: Requests on their way that ask for a service or instance, which the limits must count.
        self._reserved = 0
        self.allowance = Allowance(target.limits, ownership)
        #: Makes something go that a creation needs the place of; False when nothing can.
        self.relieve: Callable[[], bool] = lambda: False
        self._pace = _Pace(target.limits.requests_per_second)
        self.requests = 0
        #: Opens the connections of `converse`.
        self.wire: Callable[[SplitResult, ssl.SSLContext | None, float], Wire] = Wire
        #: What a check that passes has to say of itself: what it left out.
        self.remarks: list[str] = []
        #: Requests in a row that got no answer; the session gives up on a dead target.
        self.silent = 0
        self.last: Exchange | None = None
        self._proxy = None if target.embedded else _proxy(target.base_url)
        plain = target.base_url.startswith("http:")
        # Not httpx.Client: its cookies, redirects and defaults would change what is examined.
        self._http = transport or httpx.HTTPTransport(
            # Reading the trusted certificates takes longer than many a run without TLS needs.
            verify=target.verify_tls and (bool(self._proxy) or not plain),
            trust_env=not target.embedded,
            proxy=self._proxy,
            # Servers commonly close idle connections after 5 s; a race with that is no finding.
            limits=httpx.Limits(
                max_connections=_CONNECTIONS,
                max_keepalive_connections=_KEPT,
                keepalive_expiry=2.0,
            ),
        )
        for credential in target.credentials.values():
            for secret in credential.secrets:
                vault.learn(secret)

    @property
    def check(self) -> str:
        """The check on whose behalf this thread sends now."""
        return self._checks.get(threading.get_ident()) or self._checks[self._leader]

    @contextmanager
    def acting_for(self, check: str) -> Iterator[None]:
        """Attribute the requests inside the block to `check`.

        In the thread that made the client this goes for all threads that say nothing else of
        themselves.
        """
        thread = threading.get_ident()
        previous = self._checks.get(thread, "")
        self._checks[thread] = check
        try:
            yield
        finally:
            self._checks[thread] = previous

    @contextmanager
    def watched_by(self, observer: Observer) -> Iterator[None]:
        """Show the exchanges inside the block to another observer, too."""
        before, self._observers = self._observers, (*self._observers, observer)
        try:
            yield
        finally:
            self._observers = before

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

    def room(self, wanted: int, *, costly: bool = False) -> int:
        """Tell how many of the `wanted` requests may leave together.

        `costly` ones create services or instances, for which the allowance must have places.
        """
        limits = self.target.limits
        if limits.requests_per_second:
            wanted = min(wanted, int(limits.requests_per_second))
        if costly and self.allowance.limited:
            places = self.allowance.concurrent or wanted
            wanted = min(wanted, self.allowance.spare, places)
        return wanted

    def send_together(
        self, requests: Sequence[Request], *, timeout: float | None = None
    ) -> list[Exchange]:
        """Send requests at once and return the exchanges, also unanswered ones, in their order.

        Each has a connection of its own; when all stand open, all leave. Everything is journalled
        and reserved before. What is answered with 429 is sent again later, as `send` does. Raises
        `NotTestable` when the limits do not allow so many at once, `ValueError` when they are more
        than `LARGEST`.
        """
        if not 0 < len(requests) <= LARGEST:
            raise ValueError(f"{len(requests)} requests: 1 to {LARGEST} can leave together")
        self._pace.wait(len(requests))
        intents, silent = self._announce(requests), self.silent
        gate = threading.Barrier(len(requests))
        exchanges = side_by_side(
            [partial(self._carry_out, intent, timeout, Departure(gate)) for intent in intents]
        )
        if not any(exchange.answered for exchange in exchanges):
            self.silent = silent + 1  # one overload is not yet a dead target
        return [self._patiently(*pair) for pair in zip(requests, exchanges, strict=True)]

    def _patiently(self, request: Request, exchange: Exchange) -> Exchange:
        if exchange.status != _TOO_MANY:
            return exchange
        self.await_window(exchange)
        try:
            return self.send(request)
        except NoAnswer as unanswered:
            return unanswered.exchange

    def converse(
        self,
        *messages: Message,
        at_once: bool = False,
        timeout: float | None = None,
        linger: float = 0.0,
    ) -> Conversation:
        """Send messages, byte for byte in their forms, on one connection that is then closed.

        Each is sent when the one before it is answered, or all `at_once` (pipelining). In the end
        the client listens for another `linger` seconds at most, until the server closes. An answer
        that is malformed, or missing because the server closed, is an exchange with a `failure`:
        the check says what it means. Raises `NoAnswer` when the server was silent or out of reach,
        `NotTestable` as `send` does, and where a proxy stands between, which has its own forms.
        """
        if self._proxy:
            raise NotTestable("a proxy stands before the target: it forms requests of its own")
        for _ in range(_PATIENCE):
            conversation = self._converse(messages, timeout, linger, at_once=at_once)
            refused = [each for each in conversation.exchanges if each.status == _TOO_MANY]
            heard = [each for each in conversation.exchanges if each.status != _TOO_MANY]
            if not refused or any(each.request.method not in _SAFE for each in heard):
                break
            self.await_window(refused[0])
        for exchange, reply in zip(conversation.exchanges, conversation.replies, strict=True):
            if reply.silent:
                raise NoAnswer(exchange)
        return conversation

    def _converse(
        self, messages: Sequence[Message], timeout: float | None, linger: float, *, at_once: bool
    ) -> Conversation:
        self._pace.wait(len(messages))
        base = urlsplit(self.target.base_url)
        written = [self._written(each, base) for each in messages]
        intents, silent = self._announce([request for request, _ in written]), self.silent
        wire = self.wire(base, self._tls, timeout or self.target.timing.request)
        exchanges, replies = [], []
        try:
            spoken = [(request.method, pieces) for request, pieces in written]
            for intent, reply in zip(intents, wire.converse(spoken, at_once=at_once), strict=True):
                exchanges.append(self._heard(intent, reply))
                replies.append(reply)
            rest = wire.listen(linger)
        finally:
            wire.close()
            with self._lock:
                self._reserved -= sum(intent.reserved for intent in intents)
        self.silent = silent + 1 if replies[-1].silent else 0
        conversation = Conversation(tuple(exchanges), tuple(replies), rest, wire.closed)
        self.journal.event("conversation", **conversation.recorded)
        return conversation

    def _written(
        self, message: Message, base: SplitResult
    ) -> tuple[Request, tuple[bytes | Step, ...]]:
        path = self.target.served(message.request.path)
        return message.written(self._headers(message.request), base, path)

    def _heard(self, intent: _Intent, reply: Reply) -> Exchange:
        exchange = Exchange(
            intent.sequence,
            intent.check,
            intent.request,
            self.target.url(intent.request.path),
            reply.sent_at,
            reply.duration,
            reply.status,
            reply.headers,
            reply.body,
            reply.failure or None,
            reply.started,
        )
        with self._lock:
            self._record(exchange)
        return exchange

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        if not self.target.base_url.startswith("https:"):
            return None
        verify, trust = self.target.verify_tls, not self.target.embedded
        context = httpx.create_ssl_context(verify=verify, trust_env=trust)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def await_window(self, refused: Exchange) -> None:
        """Wait until the window ends in which the server answered 429, by its own account."""
        clock().sleep(pause_after(refused))

    def _send(self, request: Request, timeout: float | None) -> Exchange:
        self._pace.wait(1)
        [intent] = self._announce([request])
        exchange = self._carry_out(intent, timeout, Departure())
        if not exchange.answered:
            raise NoAnswer(exchange)
        return exchange

    def _announce(self, requests: Sequence[Request]) -> list[_Intent]:
        """Reserve and journal requests, all or none."""
        complete = [replace(request, headers=self._headers(request)) for request in requests]
        check, wanted = self.check, sum(map(self.ownership.costs, complete))
        self.make_room(wanted)
        with self._lock:
            self._guard(wanted)
            return [self._intent(check, request) for request in complete]

    def make_room(self, wanted: int) -> None:
        """Wait until as many more may exist as are `wanted`, or nothing else can go for them."""
        if wanted and not self.allowance.exhausted(wanted):
            while self.allowance.crowded(wanted) and self.relieve():
                pass

    def _intent(self, check: str, request: Request) -> _Intent:
        self.requests += 1
        intent = _Intent(next(self.sequence), check, request, self.ownership.costs(request))
        self._reserved += intent.reserved
        self.vault.learn_request(request)
        self.journal.intent(intent.sequence, check, request)
        return intent

    def _carry_out(self, intent: _Intent, timeout: float | None, departure: Departure) -> Exchange:
        try:
            exchange = self._exchange(intent, timeout, departure)
            with self._lock:
                self._record(exchange)
        finally:
            departure.over()
            with self._lock:
                self._reserved -= intent.reserved
        return exchange

    def remember(self, setting: Setting) -> None:
        """Journal a foreign setting before its first change, so that it can be put back."""
        with self._lock:
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
        with self._lock:
            self.ownership.gone(path)
            self.journal.event("removed", path=path)

    def _record(self, exchange: Exchange) -> None:
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

    def _guard(self, wanted: int) -> None:
        reason = self.allowance.forbids(self._reserved + wanted) if wanted else ""
        if reason:
            raise Unaffordable(reason)

    def _exchange(self, intent: _Intent, timeout: float | None, departure: Departure) -> Exchange:
        url = self.target.url(intent.request.path)
        sent_at, prepared = clock().time(), departure.at
        answer: tuple[int, dict[str, str], bytes] = (0, {}, b"")
        failure = None
        try:
            answer = self._roundtrip(intent.request, url, timeout, departure)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            failure = f"{type(error).__name__}: {error}"
        return Exchange(
            intent.sequence,
            intent.check,
            intent.request,
            url,
            sent_at + departure.at - prepared,
            clock().now() - departure.at,
            *answer,
            failure,
            departure.at,
        )

    def _roundtrip(
        self, request: Request, url: str, timeout: float | None, departure: Departure
    ) -> tuple[int, dict[str, str], bytes]:
        seconds = timeout or self.target.timing.request
        legal = legal_url(url)
        sent = httpx.Request(
            request.method,
            legal,
            headers=_DEFAULTS | dict(request.headers),
            content=request.body,
            extensions={
                "timeout": httpx.Timeout(seconds).as_dict(),
                # Without it httpx would resolve the dot segments of a path.
                "target": origin_form(legal).encode(),
                "trace": departure.trace,
            },
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


def legal_url(url: str) -> str:
    """Return a URL as it is sent: what may not stand in one is encoded."""
    return quote(url, safe=_LEGAL, errors="surrogatepass")


def origin_form(url: str) -> str:
    """Return the request target of a legal URL (RFC 9112, section 3.2.1)."""
    return url.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(url)))


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

    def wait(self, requests: int) -> None:
        """Wait until `requests` may leave at once: several have a second to themselves."""
        if not self._gap:
            return
        if requests * self._gap > 1.0 and requests > 1:
            raise NotTestable(
                f"[limits] requests_per_second = {1 / self._gap:g} does not let {requests} "
                "requests leave together"
            )
        alone = 1.0 if requests > 1 else 0.0
        with self._lock:
            now = clock().now()
            leaves = max(self._next, now) + alone
            self._next = leaves + max(self._gap, alone)
        if leaves > now:
            clock().sleep(leaves - now)
