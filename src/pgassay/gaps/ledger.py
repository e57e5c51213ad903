"""Write down which branches a run's exchanges show."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from pgassay.exchange import Exchange
from pgassay.gaps import clickhouse, clickhouse_configuration, clickhouse_observation, dbaas
from pgassay.gaps.catalogue import Branch, Gap, gaps
from pgassay.gaps.declaration import declared
from pgassay.gaps.observing import Observer
from pgassay.gaps.seen import Memory
from pgassay.results import GapBranch, GapEvidence, GapResult
from pgassay.specification import Specification
from pgassay.target.model import Target

#: How many exchanges are named as evidence of a branch.
_SHOWN: Final = 3

OBSERVERS: Final[tuple[Observer, ...]] = tuple(
    chain(
        clickhouse.OBSERVERS,
        clickhouse_configuration.OBSERVERS,
        clickhouse_observation.OBSERVERS,
        dbaas.OBSERVERS,
    )
)


@dataclass(slots=True)
class Entry:
    """How often a branch was seen, and the first exchanges that showed it."""

    count: int = 0
    evidence: list[GapEvidence] = field(default_factory=list)


class GapLedger:
    """Look at all exchanges of a run, and keep which branch of which gap they show."""

    def __init__(self, specification: Specification, target: Target) -> None:
        """Start with blank pages for all gaps of the catalogue."""
        self._specification = specification
        self._target = target
        self._memory = Memory(target)
        self._gaps = gaps()
        self._entries: dict[tuple[str, str], Entry] = defaultdict(Entry)
        self._everywhere = tuple(one for one in OBSERVERS if not one.operations)
        self._by_operation = _by_operation(OBSERVERS)

    def observe(self, redacted: Exchange) -> None:
        """Let the observers look at one exchange.

        Those without an answer show nothing, nor do those that are odd as messages.
        """
        if not redacted.answered or redacted.request.raw is not None:
            return
        path = self._target.documented(redacted.request.path)
        operation = self._specification.match(redacted.request.method, path)
        seen = self._memory.look(redacted, operation)
        for observer in (*self._by_operation.get(seen.operation, ()), *self._everywhere):
            branch = observer.observe(seen)
            if branch is not None:
                self.record(observer.gap, branch, redacted)

    def record(self, gap: str, branch: str, redacted: Exchange) -> None:
        """Note that an exchange shows a branch; raises `LookupError` where there is none such."""
        entry = self._entries[gap, self._gaps[gap].branch(branch).name]
        entry.count += 1
        if len(entry.evidence) < _SHOWN:
            entry.evidence.append(
                GapEvidence(
                    redacted.sequence,
                    redacted.check,
                    redacted.request.method,
                    redacted.request.path,
                    redacted.status,
                )
            )

    @property
    def entries(self) -> Mapping[tuple[str, str], Entry]:
        """What was seen so far, by gap and branch."""
        return dict(self._entries)

    def add(self, entries: Mapping[tuple[str, str], Entry]) -> None:
        """Take over what another ledger of the same run saw."""
        for key, entry in entries.items():
            own = self._entries[key]
            own.count += entry.count
            own.evidence = [*own.evidence, *entry.evidence][:_SHOWN]

    def results(self, families: Collection[str]) -> Iterator[GapResult]:
        """Yield what was found out about every gap of `families`, in the catalogue's order."""
        for gap in self._gaps.values():
            if gap.family in families:
                yield self._result(gap)

    def _result(self, gap: Gap) -> GapResult:
        return GapResult(
            id=gap.id,
            family=gap.family,
            question=gap.question,
            sources=gap.sources,
            branches=tuple(self._branch(gap, branch) for branch in gap.branches),
            switch=gap.switch,
            declared=declared(self._target, gap),
            requirement=gap.requirement,
            unobservable=gap.unobservable,
        )

    def _branch(self, gap: Gap, branch: Branch) -> GapBranch:
        entry = self._entries.get((gap.id, branch.name), Entry())
        return GapBranch(
            branch.name, branch.about, branch.documented, entry.count, tuple(entry.evidence)
        )


@dataclass(frozen=True, slots=True)
class Recorder:
    """What checks write into the ledger where only they know what an exchange means.

    `redact` strikes out the secrets of a live exchange.
    """

    ledger: GapLedger
    redact: Callable[[Exchange], Exchange]

    def record(self, gap: str, branch: str, exchange: Exchange) -> None:
        """Note that a live exchange shows a branch; raises `LookupError` for an unknown one."""
        self.ledger.record(gap, branch, self.redact(exchange))


def _by_operation(observers: Collection[Observer]) -> Mapping[str, tuple[Observer, ...]]:
    found: dict[str, list[Observer]] = defaultdict(list)
    for observer in observers:
        for operation in observer.operations:
            found[operation].append(observer)
    return {operation: tuple(those) for operation, those in found.items()}
