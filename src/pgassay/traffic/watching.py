"""The monitors under load: they judge all traffic, and not while something is measured.

What is answered is kept and judged once the load is over, or where much has gathered, while the
generator has nothing to do. A read whose answer is byte for byte the last one of its path proves
nothing new. Changes come first, since the monitors follow by them what reads may show; what does
not fit into memory and time is not judged, and counted. Nor is what is seen of a resource after a
change whose effect is not known, because it was left out or had no answer.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pgassay.exchange import Exchange, Request
from pgassay.ownership import collections
from pgassay.redaction import Vault
from pgassay.target.model import Credential, Target

if TYPE_CHECKING:
    from pgassay.monitors import Observed, Watch

#: What may wait to be judged, in bytes; an exchange takes so much more than its body.
_ROOM: Final = 32 * 1024 * 1024
_OVERHEAD: Final = 2048
#: Judging begins during the load where more than this share of the room is taken.
_CROWDED: Final = 0.5
#: Changes may take so many times the room.
_CHANGES: Final = 3
#: So many last answers are remembered.
_REMEMBERED: Final = 20_000
#: How long reads are judged after the load, in seconds.
_TIME: Final = 30.0


#: Kinds of resources that everything else belongs to.
_ALONE: Final = frozenset({"service", "instance"})


@dataclass(frozen=True, slots=True)
class Deviation:
    """A requirement that a load's traffic broke, as first seen, and how often in the same way."""

    requirement: str
    title: str
    expected: str
    actual: str
    operation: str
    count: int
    sequence: int
    check: str
    request: Request
    url: str
    sent_at: float
    duration: float
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same where something is broken in the same way."""
        return self.requirement, self.operation, self.title

    @property
    def exchange(self) -> Exchange:
        """The redacted exchange that showed it."""
        return Exchange(
            self.sequence,
            self.check,
            self.request,
            self.url,
            self.sent_at,
            self.duration,
            self.status,
            self.headers,
            self.body,
        )


@dataclass(slots=True)
class Watched:
    """What the monitors made of a load: exchanges judged by requirement, and what broke some.

    Of the answers, `judged` were looked at and `repeated` said the same as the one before. For
    those `unjudged` there was no memory or no time, or nobody knows what they had to show.
    """

    requirements: dict[str, int] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    judged: int = 0
    repeated: int = 0
    unjudged: int = 0

    def merge(self, other: "Watched") -> None:
        """Add another worker's."""
        for name, count in other.requirements.items():
            self.requirements[name] = self.requirements.get(name, 0) + count
        joined: dict[tuple[str, str, str], Deviation] = {}
        for one in sorted(self.deviations + other.deviations, key=lambda each: each.sent_at):
            first = joined.get(one.key)
            joined[one.key] = replace(first, count=first.count + one.count) if first else one
        self.deviations = tuple(joined.values())
        self.judged += other.judged
        self.repeated += other.repeated
        self.unjudged += other.unjudged


class Watching:
    """Gather the exchanges of one load process and have them judged."""

    def __init__(
        self, target: Target, credentials: Sequence[Credential], clock: Callable[[], float]
    ) -> None:
        """Judge as `target` reads the specification; keep `credentials` out of the evidence."""
        self._target = target
        self._secrets = [secret for each in credentials for secret in each.secrets]
        self._vault_key = secrets.token_bytes(16)
        places = collections(target.dbaas.prefix)
        self._places = [p.pattern for p in places if p.kind in _ALONE and not p.beside]
        self._clock = clock
        self._waiting: deque[Exchange] = deque()
        self._taken = 0
        self._last: dict[str, int] = {}
        self._unclear: set[str] = set()
        self._watch: Watch | None = None
        self._watched = Watched()
        #: Whether the generator is so busy that judging has to wait, until twice the room is taken.
        self.pressed = False
        #: Seconds of the processor that judging took during the load: the generator had nothing
        #: else to do, so they say nothing about how busy it is.
        self.spent = 0.0

    def see(self, exchange: Exchange) -> None:
        """Keep an exchange to be judged; quick, since requests wait for it."""
        path = exchange.request.path
        if exchange.request.method != "GET":
            self._last.pop(path, None)
            if self._taken > _ROOM * _CHANGES:
                self._lose_sight(path)
                self._watched.unjudged += 1
                return
        elif exchange.failure is not None or self._repeats(path, exchange):
            return
        elif self._taken > _ROOM:
            self._watched.unjudged += 1
            return
        self._waiting.append(exchange)
        self._taken += len(exchange.body) + _OVERHEAD

    def relieve(self) -> bool:
        """Judge one exchange if much has gathered; tell whether that was so."""
        if self._taken < _ROOM * (2 if self.pressed else _CROWDED):
            return False
        began = time.process_time()
        self._next(reads=True)
        self.spent += time.process_time() - began
        return True

    def conclude(self) -> Watched:
        """Judge what is left, reads only for a limited time, and return what was found."""
        until = self._clock() + _TIME
        while self._waiting:
            self._next(reads=self._clock() < until)
        if self._watch is not None:
            self._watched.requirements = dict(self._watch.judged)
            self._watched.deviations = tuple(map(_deviation, self._watch.found))
        return self._watched

    def _repeats(self, path: str, exchange: Exchange) -> bool:
        answer = hash((exchange.status, exchange.content_type, exchange.body))
        if self._last.get(path) == answer:
            self._watched.repeated += 1
            return True
        if len(self._last) >= _REMEMBERED:
            self._last.clear()
        self._last[path] = answer
        return False

    def _next(self, *, reads: bool) -> None:
        exchange = self._waiting.popleft()
        self._taken -= len(exchange.body) + _OVERHEAD
        path = exchange.request.path
        if exchange.request.method == "GET" and not reads:
            self._watched.unjudged += 1
        elif exchange.failure is not None:
            self._lose_sight(path)
        elif not self._unclear or self._thing(path) not in self._unclear:
            self._judge(exchange)
        else:
            self._watched.unjudged += 1

    def _lose_sight(self, path: str) -> None:
        """A change may have taken effect or not: what is seen of its resource proves nothing."""
        self._unclear.add(self._thing(path))
        self._unclear.discard("")

    def _thing(self, path: str) -> str:
        """The service or instance that a path belongs to; "" where it is that of all, else itself.

        A creation without an answer concerns no resource that is known.
        """
        found = next(filter(None, (place.match(path) for place in self._places)), None)
        own = "" if found is None else path[found.end() + 1 :].partition("/")[0]
        return f"{found.group()}/{own}" if found and own else "" if found else path

    def _judge(self, exchange: Exchange) -> None:
        if self._watch is None:
            self._watch = _watch(self._target)
        # Each exchange has a vault of its own, as in the session: secrets come by the hundred.
        vault = Vault(self._vault_key)
        for secret in self._secrets:
            vault.learn(secret)
        vault.learn_request(exchange.request)
        self._watch.observe(vault.exchange(exchange))
        self._watched.judged += 1


def _watch(target: Target) -> "Watch":
    # Only now: reading the specification would delay the first request.
    from pgassay.monitors import Watch  # noqa: PLC0415
    from pgassay.specification import specification  # noqa: PLC0415

    settings = target.clickhouse
    redaction = "off" if settings.other_redaction == "off" else settings.redaction
    return Watch(specification(redaction, settings.cdc_max_cores), target.documented)


def _deviation(observed: "Observed") -> Deviation:
    judgement, exchange = observed.judgement, observed.exchange
    return Deviation(
        judgement.requirement,
        judgement.title,
        judgement.expected,
        judgement.actual,
        observed.operation,
        observed.count,
        exchange.sequence,
        exchange.check,
        exchange.request,
        exchange.url,
        exchange.sent_at,
        exchange.duration,
        exchange.status,
        dict(exchange.headers),
        exchange.body,
    )
