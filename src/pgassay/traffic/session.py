"""Send the requests of a load run: journalled, measured, and entered in the list of owned things.

Nothing here knows Locust; the dispatcher hands in the transport.
"""

import copy
import itertools
import json
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import msgspec

from pgassay.exchange import Exchange, Json, Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, Setting
from pgassay.redaction import Vault
from pgassay.results import LoadFinding
from pgassay.target.model import Credential
from pgassay.traffic.admission import Admission
from pgassay.traffic.figures import windows
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.recorder import Recorder

_THROTTLED = 429
#: Methods whose exchanges are journalled. Reads are the bulk, change nothing, and are in the file
#: of samples; of those without a good answer the journal has the first ones.
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REFUSALS_KEPT = 1000


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a transport got; without an answer status 0 and a `failure`, which may be a timeout.

    `sent` and `received` are bytes on the wire, below TLS. A struct, because one is made for each
    request.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    failure: str | None = None
    timed_out: bool = False
    sent: int = 0
    received: int = 0


class Transport(Protocol):
    """Whatever really sends a request."""

    def __call__(self, operation: str, request: Request) -> Answer:
        """Send `request` once, never twice, follow no redirect, and return what came back."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a session works with: transport, time, and the pause that lets other arrivals run.

    `tally` is told of each measured request: operation, method, latency in seconds from when it was
    due, length of the answer's body, and the class of its error or nothing.
    """

    transport: Transport
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.perf_counter
    tally: Callable[[str, str, float, int, str], None] | None = None


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
        self.recorder = Recorder(tools.clock, windows(plan), sample_file(plan), plan.worker)
        self.requests: Counter[str] = Counter()  # measured or not
        self.admission = Admission(plan.target.limits.requests_per_second)
        #: Called with each exchange once it is recorded; must be quick, every request waits for it.
        self.watch: Callable[[Exchange], None] | None = None
        self._base_url = plan.target.base_url.rstrip("/")
        self._present(credential)
        self._tenant = "main"
        self._journal = journal
        self._ownership = ownership
        self._sequence = itertools.count(1)
        self._vault_key = secrets.token_bytes(16)
        self._checks: dict[str, str] = {}
        self._refusals = 0

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
        clock = self.tools.clock
        due = self._admitted(clock() if intended is None else intended, measured=measured)
        served = self.plan.target.served(path)
        request = self._request(method, path, body)
        sequence = next(self._sequence)
        check = self._checks.get(operation) or self._check(operation)
        changing = method in _CHANGING
        if changing:
            self._journal.intent(sequence, check, request)
        self.requests[operation] += 1
        pending = None
        if measured:
            pending = self.recorder.begin(operation, due, scheduled=intended is not None)
        sent_at, started = time.time(), clock()
        sent = request if served == path else replace(request, path=served)
        answer = self.tools.transport(operation, sent)
        outcome = _outcome(answer, expected)
        if pending is not None:
            error = "" if outcome is Outcome.SUCCEEDED else _error(answer)
            latency = self.recorder.end(
                pending,
                outcome,
                answer.status,
                error,
                complete=not answer.timed_out,
                size=(answer.sent, answer.received),
            )
            if self.tools.tally is not None:
                self.tools.tally(operation, method, latency, len(answer.body), error)
        if outcome is Outcome.THROTTLED:
            self.admission.refused(answer.headers, clock())
        exchange = Exchange(
            sequence,
            check,
            request,
            self._base_url + served,
            sent_at,
            clock() - started,
            answer.status,
            answer.headers,
            answer.body,
            answer.failure,
            started,
        )
        if changing or (outcome is not Outcome.SUCCEEDED and self._telling()):
            self._keep(exchange)
        if self.watch is not None:
            self.watch(exchange)
        return exchange

    def of_tenant(self, plan: LoadPlan, name: str, credential: Credential) -> "Session":
        """The same run on behalf of the tenant `name`: samples and journal are shared."""
        other = copy.copy(self)
        other.plan, other._tenant = plan, name  # noqa: SLF001  # a copy of this very class
        other.admission = Admission(plan.target.limits.requests_per_second)
        other._present(credential)  # noqa: SLF001  # as above
        return other

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

    def witness(self, found: LoadFinding, exchange: Exchange) -> None:
        """Journal a contradiction with its evidence, and the read that showed it."""
        if exchange.request.method not in _CHANGING:
            self._journal.exchange(self._vault().exchange(exchange))
        self._journal.event("contradiction", finding=asdict(found))

    def gone(self, path: str) -> None:
        """Journal that a resource of this run was seen to be gone."""
        self._journal.event("removed", path=path)

    def _present(self, credential: Credential) -> None:
        self._credential = credential
        self._bare = {"User-Agent": "pgassay", "Accept": "application/json", **credential.headers}
        self._with_json = {**self._bare, "Content-Type": "application/json"}

    def _admitted(self, due: float, *, measured: bool) -> float:
        """Wait until a request that is due may leave; return when it was due, all told."""
        tools = self.tools
        slot = self.admission.slot(due, measured=measured)
        while (pause := slot - tools.clock()) > 0:
            tools.sleep(pause)
            # Others may have been refused in the meantime.
            slot = self.admission.held(slot, measured=measured)
        return slot

    def _request(self, method: str, path: str, body: Json) -> Request:
        if body is ...:
            return Request(method, path, self._bare, None, self._tenant, self.plan.family)
        encoded = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return Request(method, path, self._with_json, encoded, self._tenant, self.plan.family)

    def _check(self, operation: str) -> str:
        check = self._checks[operation] = f"load/{self.plan.scenario}/{operation}"
        return check

    def _telling(self) -> bool:
        """Tell whether one more refused read belongs into the journal: the first ones do."""
        self._refusals += 1
        return self._refusals <= _REFUSALS_KEPT

    def _keep(self, exchange: Exchange) -> None:
        self._journal.exchange(self._vault().exchange(exchange))
        created = self._ownership.note(exchange)
        if created is not None:
            self._journal.event(
                "created",
                family=created.family,
                resource=created.kind,
                id=created.id,
                name=created.name,
                path=created.path,
                credential=created.credential,
            )

    def _vault(self) -> Vault:
        # A vault searches all text for all it ever learnt; created passwords come by the hundred
        # here and each shows in its own exchange only, so each exchange gets its own vault.
        vault = Vault(self._vault_key)
        for secret in self._credential.secrets:
            vault.learn(secret)
        return vault


def sample_file(plan: LoadPlan) -> Path | None:
    """Return where a worker's raw samples go: beside its journal; None where it has none."""
    if not plan.journal:
        return None
    journal = Path(plan.journal)
    # Of several workers each has a journal of its own, whose name tells the worker.
    own = re.search(r"\.w\d+$", journal.stem)
    stem = journal.stem if own else f"{journal.stem}.w{plan.worker}"
    return journal.with_name(f"{stem}.samples")


def value_of(exchange: Exchange) -> Json:
    """The JSON of an answer, or None where there is none; it is parsed once."""
    return exchange.json() if exchange.answered and exchange.body else None


def _outcome(answer: Answer, expected: frozenset[int]) -> Outcome:
    if answer.status == _THROTTLED:
        return Outcome.THROTTLED
    good = 200 <= answer.status < 300 or answer.status in expected
    return Outcome.SUCCEEDED if good and answer.failure is None else Outcome.FAILED


def _error(answer: Answer) -> str:
    return answer.failure or f"status {answer.status}"
