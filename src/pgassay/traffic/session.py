"""Send the requests of a load run: journalled, measured, and entered in the list of owned things.

Nothing here knows Locust; the dispatcher hands in the transport.
"""

import itertools
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from pgassay.exchange import Exchange, Json, Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, Setting
from pgassay.redaction import Vault
from pgassay.target.model import Credential
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.samples import Outcome, Recorder

_THROTTLED = 429
#: Methods whose exchanges are journalled with their bodies; reads are the bulk and prove nothing.
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a transport got; without an answer status 0 and a `failure`, which may be a timeout."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    timed_out: bool = False


class Transport(Protocol):
    """Whatever really sends a request."""

    def __call__(self, operation: str, request: Request) -> Answer:
        """Send `request` once, never twice, follow no redirect, and return what came back."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session works with: transport, time, and the pause that lets other arrivals run."""

    transport: Transport
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.perf_counter


class Session:
    """The requests of one run on one family, on behalf of one credential."""

    def __init__(
        self,
        plan: LoadPlan,
        credential: Credential,
        tools: Tools,
        journal: Journal,
        ownership: Ownership,
    ) -> None:
        """Start without any request sent; `journal` is already open."""
        self.plan = plan
        self.tools = tools
        self.recorder = Recorder(tools.clock)
        self.requests: Counter[str] = Counter()  # measured or not
        self._credential = credential
        self._journal = journal
        self._ownership = ownership
        self._sequence = itertools.count(1)
        self._vault_key = secrets.token_bytes(16)
        self._pace = _Pace(plan.target.limits.requests_per_second)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        body: Json = ...,
        *,
        intended: float | None = None,
        measured: bool = True,
        expected: frozenset[int] = frozenset(),
    ) -> Exchange:
        """Send one request of `operation` and return the exchange, answered or not.

        `intended` is the clock's time at which it was due (now when absent); a `measured` request
        becomes a sample. Every 2xx is a success, and so are the statuses `expected`.
        """
        due = self._pace.slot(self.tools.clock() if intended is None else intended)
        self._pause_until(due)
        request = self._request(method, path, body)
        sequence = next(self._sequence)
        check = f"load/{self.plan.scenario}/{operation}"
        self._journal.intent(sequence, check, request)
        self.requests[operation] += 1
        pending = None
        if measured:
            pending = self.recorder.begin(operation, due, scheduled=intended is not None)
        sent_at, started = time.time(), self.tools.clock()
        served = replace(request, path=self.plan.target.served(path))
        answer = self.tools.transport(operation, served)
        if pending is not None:
            outcome = _outcome(answer, expected)
            error = "" if outcome is Outcome.SUCCEEDED else _error(answer)
            self.recorder.end(pending, outcome, answer.status, error, complete=not answer.timed_out)
        exchange = Exchange(
            sequence,
            check,
            request,
            self.plan.target.url(path),
            sent_at,
            self.tools.clock() - started,
            answer.status,
            answer.headers,
            answer.body,
            answer.failure,
        )
        self._keep(exchange)
        return exchange

    def remember(self, setting: Setting) -> None:
        """Journal a foreign setting before its first change, so that it can be put back."""
        if self._ownership.remember(setting):
            self._journal.event(
                "setting",
                family=setting.family,
                path=setting.path,
                method=setting.method,
                original=dict(setting.original),
            )

    def gone(self, path: str) -> None:
        """Journal that a resource of this run was seen to be gone."""
        self._journal.event("removed", path=path)

    def _pause_until(self, due: float) -> None:
        pause = due - self.tools.clock()
        if pause > 0:
            self.tools.sleep(pause)

    def _request(self, method: str, path: str, body: Json) -> Request:
        plain = Request.of(method, path, json_body=body, family=self.plan.family)
        headers = {"User-Agent": "pgassay", "Accept": "application/json"}
        headers |= self._credential.headers | dict(plain.headers)
        return Request(method, path, headers, plain.body, plain.credential, plain.family)

    def _keep(self, exchange: Exchange) -> None:
        changing = exchange.request.method in _CHANGING
        kept = exchange if changing else _without_body(exchange)
        self._journal.exchange(self._vault().exchange(kept))
        created = self._ownership.note(exchange)
        if created is not None:
            self._journal.event(
                "created",
                family=created.family,
                resource=created.kind,
                id=created.id,
                name=created.name,
                path=created.path,
            )

    def _vault(self) -> Vault:
        # A vault searches all text for all it ever learnt; created passwords come by the hundred
        # here and each shows in its own exchange only, so each exchange gets its own vault.
        vault = Vault(self._vault_key)
        for secret in self._credential.secrets:
            vault.learn(secret)
        return vault


class _Pace:
    """The send times that the target file's `requests_per_second` allows; 0 means all."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = 0.0

    def slot(self, due: float) -> float:
        if not self._gap:
            return due
        slot = max(due, self._next)
        self._next = slot + self._gap
        return slot


def value_of(exchange: Exchange) -> Json:
    """The JSON of an answer, or None where there is none."""
    if not exchange.answered or not exchange.body:
        return None
    try:
        return json.loads(exchange.body)
    except ValueError:
        return None


def _without_body(exchange: Exchange) -> Exchange:
    return Exchange(
        exchange.sequence,
        exchange.check,
        exchange.request,
        exchange.url,
        exchange.sent_at,
        exchange.duration,
        exchange.status,
        exchange.headers,
        failure=exchange.failure,
    )


def _outcome(answer: Answer, expected: frozenset[int]) -> Outcome:
    if answer.status == _THROTTLED:
        return Outcome.THROTTLED
    good = 200 <= answer.status < 300 or answer.status in expected
    return Outcome.SUCCEEDED if good and answer.failure is None else Outcome.FAILED


def _error(answer: Answer) -> str:
    return answer.failure or f"status {answer.status}"
