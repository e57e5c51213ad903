"""Passive judges of all traffic: checks, fuzzing and load alike.

A monitor never sends anything. It sees each exchange after redaction, so that the same judgement
can be made again from the journal.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from pgassay.exchange import Exchange
from pgassay.monitors.cause import CauseMonitor
from pgassay.monitors.changes import ChangeMonitor
from pgassay.monitors.envelope import EnvelopeMonitor
from pgassay.monitors.internals import InternalsMonitor
from pgassay.monitors.judgement import Judgement, Monitor
from pgassay.monitors.lifecycle import LifecycleMonitor
from pgassay.monitors.message import MessageMonitor
from pgassay.monitors.protocol import ProtocolMonitor
from pgassay.monitors.scaling import ScalingMonitor
from pgassay.monitors.schema import MALFORMED, SchemaMonitor
from pgassay.monitors.secrecy import SecrecyMonitor
from pgassay.monitors.stopwatch import Stopwatch
from pgassay.monitors.transitions import TransitionMonitor
from pgassay.specification import Specification

__all__ = ["Judgement", "Monitor", "Observed", "Watch"]


#: Statuses that a request asks for by a header (RFC 9110: 12.5, 13.2, 14.2, 10.1.1).
_ASKED_FOR: Final = {
    "accept": {406},
    "expect": {417},
    "if-match": {412},
    "if-modified-since": {304},
    "if-none-match": {304, 412},
    "if-unmodified-since": {412},
    "range": {206, 416},
}


@dataclass(frozen=True, slots=True)
class Observed:
    """A broken requirement as first seen, and how often it was seen in the same way."""

    judgement: Judgement
    exchange: Exchange
    operation: str
    count: int = 1


class Watch:
    """Show each exchange to all monitors and keep what they say."""

    def __init__(
        self, specification: Specification, documented: Callable[[str], str] = str
    ) -> None:
        """`documented` gives a target's paths as the specification writes them."""
        self._specification = specification
        self._documented = documented
        #: How long things took, as far as the traffic shows it.
        self.stopwatch = Stopwatch()
        #: Those that hold answers to what the document gives for their operation.
        self._documentary: tuple[Monitor, ...] = (
            ProtocolMonitor(),
            EnvelopeMonitor(),
            SchemaMonitor(specification),
        )
        self._monitors: tuple[Monitor, ...] = (
            MessageMonitor(),
            SecrecyMonitor(),
            LifecycleMonitor(),
            CauseMonitor(),
            ChangeMonitor(self.stopwatch),
            TransitionMonitor(self.stopwatch),
            ScalingMonitor(),
            InternalsMonitor(),
        )
        #: How many exchanges were judged for each requirement.
        self.judged: Counter[str] = Counter()
        self._found: dict[tuple[str, str, str], Observed] = {}

    def observe(self, redacted: Exchange) -> None:
        """Let every monitor judge an answered exchange."""
        if not redacted.answered:
            return
        path = self._documented(redacted.request.path)
        operation = self._specification.match(redacted.request.method, path)
        documented = operation if _follows_the_document(redacted) else None
        for monitors, known in ((self._documentary, documented), (self._monitors, operation)):
            for judgement in chain.from_iterable(m.observe(redacted, known) for m in monitors):
                self.judged[judgement.requirement] += 1
                if not judgement.kept:
                    self.keep(Observed(judgement, redacted, known.id if known else ""))

    @property
    def found(self) -> tuple[Observed, ...]:
        """Every deviation, one for each requirement, operation and title."""
        return tuple(self._found.values())

    @property
    def malformed(self) -> bool:
        """Tell whether an answer was seen that breaks its schema."""
        return any(requirement in MALFORMED for requirement, _, _ in self._found)

    def keep(self, observed: Observed) -> None:
        """Count a deviation with those that were seen in the same way."""
        judgement = observed.judgement
        key = (judgement.requirement, observed.operation, judgement.title)
        known = self._found.get(key)
        count = observed.count + (known.count if known else 0)
        self._found[key] = replace(known or observed, count=count)


def _follows_the_document(exchange: Exchange) -> bool:
    """Tell whether the document of operations speaks of such an answer.

    It does not of messages that are odd as HTTP, which whatever stands before the server may
    refuse in its own words, nor of answers that a header of the request asked for.
    """
    names = {name.lower() for name in exchange.request.headers}
    asked_for = (statuses for name, statuses in _ASKED_FOR.items() if name in names)
    return exchange.request.raw is None and not any(exchange.status in s for s in asked_for)
