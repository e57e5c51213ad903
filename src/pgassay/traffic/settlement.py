"""The end of a run: settle the ledger on the target's own listing, and remove what was created."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pgassay.exchange import Exchange
from pgassay.resource import ResourceRecord
from pgassay.results import LoadFinding
from pgassay.traffic import labour
from pgassay.traffic.adapter import Listed
from pgassay.traffic.comparison import Comparison, compare
from pgassay.traffic.entry import Entry, Knowledge
from pgassay.traffic.finding import Kind, Proof
from pgassay.traffic.labour import Spawner
from pgassay.traffic.ledger import GONE, Ledger
from pgassay.traffic.lifecycle import Arrival, Traffic

_Item = TypeVar("_Item")

#: Statuses by which a target says that it offers no listing.
_NOT_OFFERED: Final = frozenset({404, 405, 410, 501})
#: So many resources are looked at and removed at a time.
_TOGETHER: Final = 8


@dataclass(frozen=True, slots=True)
class Ending:
    """What the ledger showed, and what became of the resources; `left` are those that stayed.

    `settled` counts requests without an answer whose effect the listing showed.
    """

    findings: tuple[LoadFinding, ...]
    settled: int
    created: int
    removed: int
    left: tuple[ResourceRecord, ...]


class Conclusion:
    """The settlement of one run; `pool` lets several resources be looked at together."""

    def __init__(self, traffic: Traffic, pool: Spawner | None = None, suffix: str = "") -> None:
        """Nothing is sent before `run`; `suffix` is added to the names of all operations."""
        self._traffic = traffic
        self._pool = pool
        self._arrival = Arrival(traffic, measured=False, suffix=suffix)
        self._timing = traffic.plan.target.timing
        self._clock = traffic.session.tools.clock
        self._strays: dict[str, LoadFinding] = {}
        self._listing: Exchange | None = None

    def run(self) -> Ending:
        """Settle the ledger, remove every resource of the run, and look once more."""
        ledger = self._traffic.ledger
        doubtful = sum(map(_doubtful, ledger.entries))
        comparison = self._settle()
        known = _existing(ledger, comparison)
        parts = self._settle_parts()
        left = self._clear(known)
        if known or ledger.entries:
            back = self._look_again(left)
            left += self._clear(back)
            known |= back
        reason = "it was there after its deletion had been asked for"
        ending = self._ending(doubtful, comparison, known, self._records(left, reason))
        for identifier in _created(ledger, known) - {item.id for item in left}:
            self._traffic.session.gone(self._traffic.adapter.path(identifier))
        return _joined(ending, parts)

    def settle(self) -> Ending:
        """Settle the ledger and remove nothing: what is there is the resource's that holds it."""
        doubtful = sum(map(_doubtful, self._traffic.ledger.entries))
        comparison = self._settle()
        known = _existing(self._traffic.ledger, comparison)
        left = self._records(known.values(), "what holds it could not be removed")
        return self._ending(doubtful, comparison, known, left)

    def _settle_parts(self) -> dict[str, Ending]:
        """Settle what resources hold while they stand; of others nothing can be told.

        Where the run was interrupted, time goes to the removal.
        """
        found: dict[str, Ending] = {}

        def settle(owner: str) -> None:
            part, entry = self._traffic.parts[owner], self._traffic.ledger.entry(owner)
            stands = entry is not None and entry.stands
            if stands and not self._traffic.stopping:
                found[owner] = Conclusion(part, suffix=f"_{part.adapter.kind}").settle()
            else:
                created = len(_created(part.ledger, ()))
                findings = part.ledger.findings() if stands else ()
                found[owner] = Ending(tuple(findings), 0, created, created, ())

        self._each(settle, self._traffic.parts)
        return found

    def _ending(
        self,
        doubtful: int,
        comparison: Comparison,
        known: Mapping[str, Listed],
        left: Sequence[ResourceRecord],
    ) -> Ending:
        """What came of it, with `left` of all that is `known` to have been created."""
        unsettled = () if comparison.complete else self._unsettled(comparison)
        created = len(_created(self._traffic.ledger, known))
        return Ending(
            (*self._traffic.ledger.findings(), *self._strays.values()),
            doubtful - len(unsettled),
            created,
            created - len(left),
            (*left, *unsettled),
        )

    def _records(self, items: Iterable[Listed], reason: str) -> list[ResourceRecord]:
        adapter, family = self._traffic.adapter, self._traffic.plan.family
        return [
            ResourceRecord(family, adapter.kind, each.id, each.name, adapter.path(each.id), reason)
            for each in items
        ]

    def _unsettled(self, comparison: Comparison) -> tuple[ResourceRecord, ...]:
        """What may exist, and nothing can be asked for."""
        family, kind = self._traffic.plan.family, self._traffic.adapter.kind
        reason = "its creation was not answered, and the target offers no listing"
        return tuple(
            ResourceRecord(family, kind, "", entry.name, "", reason) for entry in comparison.open
        )

    def _settle(self) -> Comparison:
        """Compare ledger and listing; a target may take its settle time before they agree."""
        begun = self._clock()
        for pause in self._traffic.pauses():
            comparison = self._compare(last=self._clock() + pause > begun + self._timing.settle)
            patience = self._timing.delete if comparison.leaving else self._timing.settle
            if comparison.agrees or self._clock() + pause > begun + patience:
                break
            self._traffic.session.tools.sleep(pause)
        # The ledger hears the answers: whether what is not listed can be read says what was lost.
        self._each(lambda entry: self._read(entry.id), comparison.missing)
        return self._take(comparison)

    def _take(self, comparison: Comparison) -> Comparison:
        """Enter what a listing contradicts."""
        for found in comparison.contradictions:
            found.entry.suspect(found.kind, found.text, *found.proofs)
        fresh = [stray for stray in comparison.strays if stray.subject not in self._strays]
        self._strays |= {stray.subject: stray for stray in fresh}
        for told in (*self._traffic.ledger.fresh(), *fresh):
            if self._listing is not None:
                self._traffic.session.witness(told, self._listing)
        return comparison

    def _compare(self, *, last: bool) -> Comparison:
        """Compare with a listing, or with single reads where none is offered or none comes."""
        adapter, ledger = self._traffic.adapter, self._traffic.ledger
        exchange = self._arrival.call("list", "GET", adapter.collection())
        self._listing, listed = exchange, adapter.listed(exchange)
        if listed is not None:
            return compare(ledger, listed, Proof.of(exchange, ledger.tick))
        if last or exchange.status in _NOT_OFFERED:
            return compare(ledger, self._read_all(), None)
        return Comparison((), (), (), (), ledger.entries[-1:], complete=False)

    def _read_all(self) -> list[Listed]:
        """A listing put together from single reads."""
        found: list[Listed] = []

        def look(entry: Entry) -> None:
            value = self._traffic.adapter.value(self._read(entry.id))
            if value is not None:
                leaving = self._traffic.adapter.state(value) == "deleting"
                found.append(Listed(entry.id, entry.name, leaving))

        self._each(look, [entry for entry in self._traffic.ledger.entries if entry.id])
        return found

    def _clear(self, known: Mapping[str, Listed]) -> list[Listed]:
        """Remove what is known to exist and wait until it is gone; return what is still there."""
        self._persist(self._removed, [item for item in known.values() if not item.leaving])
        left = self._persist(self._gone, list(known.values()))
        for item in left:
            self._stayed(item)
        # A deletion that did not last may last when it is repeated.
        self._each(self._removed, left)
        return [item for item in left if not self._gone(item)]

    def _stayed(self, item: Listed) -> None:
        """Enter that a resource is there although its deletion was acknowledged long ago."""
        entry = self._traffic.ledger.entry(item.id)
        if entry is not None and entry.deletion is Knowledge.OK:
            exchange = self._read(item.id)
            proof = Proof.of(exchange, self._traffic.ledger.tick)
            text = "its deletion was acknowledged, and it is there after the time for deletions"
            if exchange.succeeded:
                entry.suspect(Kind.RESURRECTED_DELETE, text, entry.deleted, proof)

    def _look_again(self, left: Sequence[Listed]) -> dict[str, Listed]:
        """Return what is there again, or came late, once the settle time has passed."""
        if not self._traffic.stopping:
            self._traffic.session.tools.sleep(self._timing.settle)
        comparison = self._take(self._compare(last=True))
        known = {item.id for item in left}
        return {
            item.id: item
            for item in comparison.present
            if item.id not in known and not item.leaving
        }

    def _persist(self, done: Callable[[Listed], bool], items: Sequence[Listed]) -> list[Listed]:
        """Try each item until it is `done` or the time for deletions is over; return the rest."""
        until = self._clock() + self._timing.delete
        waiting = list(items)
        for pause in self._traffic.pauses():
            finished: set[str] = set()

            def attempt(item: Listed, finished: set[str] = finished) -> None:
                if done(item):
                    finished.add(item.id)

            self._each(attempt, waiting)
            waiting = [item for item in waiting if item.id not in finished]
            if not waiting or self._clock() + pause > until:
                break
            self._traffic.session.tools.sleep(pause)
        return waiting

    def _removed(self, item: Listed) -> bool:
        """Send the delete; refusals for the moment (409, 429, 5xx) are tried again in time."""
        exchange = self._arrival.remove(item.id)
        return exchange.succeeded or exchange.status in GONE

    def _gone(self, item: Listed) -> bool:
        return self._read(item.id).status in GONE

    def _read(self, identifier: str) -> Exchange:
        path = self._traffic.adapter.path(identifier)
        return self._arrival.call("read", "GET", path, expected=GONE)

    def _each(self, function: Callable[[_Item], object], items: Iterable[_Item]) -> None:
        """Do something with each item, with several at a time where there is a pool."""
        waiting = list(items)
        waiting.reverse()

        def step() -> bool:
            if waiting:
                function(waiting.pop())
            return bool(waiting)

        if waiting:
            labour.repeat(step, self._pool, min(_TOGETHER, len(waiting)))


def conclude(traffic: Traffic, pool: Spawner | None = None) -> Ending:
    """Settle the ledger, then remove every resource of the run and look whether it is gone."""
    return Conclusion(traffic, pool).run()


def _doubtful(entry: Entry) -> bool:
    """Tell whether a creation or a deletion was sent of which no answer told what became."""
    return bool(entry.doubts or entry.deletions) or entry.deletion is Knowledge.UNKNOWN


def _created(ledger: Ledger, known: Iterable[str]) -> set[str]:
    """The identifiers that creations were given, and those `known` otherwise."""
    return {entry.id for entry in ledger.entries if entry.id}.union(known)


def _joined(ending: Ending, parts: Mapping[str, Ending]) -> Ending:
    """Add what resources held: it went with those that are gone, and is left with those left."""
    stayed = {item.id for item in ending.left}
    left = (item for owner in stayed & parts.keys() for item in parts[owner].left)
    return Ending(
        ending.findings + tuple(found for part in parts.values() for found in part.findings),
        ending.settled + sum(part.settled for part in parts.values()),
        ending.created + sum(part.created for part in parts.values()),
        ending.removed
        + sum(part.removed if owner in stayed else part.created for owner, part in parts.items()),
        ending.left + tuple(left),
    )


def _existing(ledger: Ledger, comparison: Comparison) -> dict[str, Listed]:
    """Everything of ours, by identifier, that is there or was never seen to go."""
    existing = {item.id: item for item in comparison.present if item.id}
    for entry in ledger.entries:
        if entry.id and entry.gone is None and not entry.missed:
            deleted = entry.deletion is Knowledge.OK and comparison.complete
            if not deleted:
                existing.setdefault(entry.id, Listed(entry.id, entry.name))
    return existing
