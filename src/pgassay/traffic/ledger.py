"""The evidence ledger: every request is entered before it is sent and closed by its answer.

Each event costs a few dictionary look-ups, a listing as much as it is long; memory goes with the
number of resources. What is compared are facts in a proven order alone: an answer that was there
before another request was sent. Requests that overlap have no order.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from pgassay.exchange import Exchange, Json
from pgassay.results import LoadFinding
from pgassay.traffic.adapter import Adapter, Listed
from pgassay.traffic.book import Book, resurrected
from pgassay.traffic.census import DELETING, REQUESTED, Census
from pgassay.traffic.course import Course
from pgassay.traffic.entry import Entry, Knowledge
from pgassay.traffic.finding import Kind, Proof

GONE: Final = frozenset({404, 410})
_WORDS: Final = re.compile(r"[^0-9A-Za-z]+")


class Deed(Enum):
    """What a request is about to do."""

    CREATE = auto()
    LIST = auto()
    READ = auto()
    CHANGE = auto()
    DELETE = auto()
    OTHER = auto()


_ON_RESOURCE: Final = {
    "GET": Deed.READ,
    "PUT": Deed.CHANGE,
    "PATCH": Deed.CHANGE,
    "DELETE": Deed.DELETE,
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request on its way: at which tick it was entered, and what it is about."""

    tick: int
    deed: Deed = Deed.OTHER
    entry: Entry | None = None
    asked: Mapping[str, Json] = field(default_factory=dict)
    round: int = 0


class Ledger:
    """The intents and answers of one load process under one nonce."""

    def __init__(self, nonce: str, adapter: Adapter, census: Census | None = None) -> None:
        """Names that have `nonce` as a word are this ledger's; `adapter` reads the answers.

        `census` is told of every change of a resource's state.
        """
        self._census = census or Census()
        self._leaving: dict[str, Entry] = {}  # shown on their way out, after their deletion
        self._nonce = nonce
        self._adapter = adapter
        self._entries: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._books: defaultdict[str, Book] = defaultdict(Book)
        self._copies: set[str] = set()
        self._tick = 0
        self._docket: list[LoadFinding] = []
        self._closing: Mapping[Deed, Callable[[Ticket, Entry, Exchange], None]] = {
            Deed.CREATE: self._created,
            Deed.READ: self._read,
            Deed.CHANGE: self._changed,
            Deed.DELETE: self._deleted,
        }

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of their intents."""
        return tuple(self._entries.values())

    @property
    def tick(self) -> int:
        """How many events were entered so far."""
        return self._tick

    def entry(self, identifier: str) -> Entry | None:
        """The entry of the resource with this identifier."""
        return self._by_id.get(identifier)

    def owns(self, item: Listed) -> bool:
        """Tell whether a listed item is this ledger's: by its name, or by its identifier."""
        return item.id in self._by_id or self._nonce in _WORDS.split(item.name)

    def known(self, name: str) -> Entry | None:
        """The entry of the resource that was to have this name."""
        return self._entries.get(name)

    def copied(self, name: str) -> bool:
        """Tell whether a copy of a resource was asked for under this name."""
        return name in self._copies

    def sending(self, method: str, path: str, body: Json = ...) -> Ticket:
        """Enter a request that is about to be sent; its outcome is unknown from now on."""
        self._tick += 1
        if path == self._adapter.collection():
            if method == "GET":
                return Ticket(self._tick, Deed.LIST)
            return self._intend(body) if method == "POST" else Ticket(self._tick)
        identifier = path.removeprefix(self._adapter.path(""))
        entry = self._by_id.get(identifier)
        if entry is None:
            if method == "POST" and isinstance(body, dict) and "/" in identifier:
                self._copies.add(str(body.get("name", "")))
            return Ticket(self._tick)
        deed = _ON_RESOURCE.get(method, Deed.OTHER)
        asked: Mapping[str, Json] = {}
        if deed is Deed.DELETE:
            entry.deletions += 1
            self._count(entry, DELETING)
            self._books[entry.credential].leave_open(entry)
        elif deed is Deed.CHANGE:
            asked = self._ask(entry, body)
        return Ticket(self._tick, deed, entry, asked, entry.round)

    def answered(self, ticket: Ticket, exchange: Exchange) -> None:
        """Close a request by its answer, or by knowing that none came."""
        self._tick += 1
        if ticket.deed is Deed.LIST:
            self._listed(ticket, exchange)
        elif ticket.entry is not None:
            stranger = ticket.entry.credential not in {"", exchange.request.credential}
            if not stranger and ticket.deed in self._closing:
                self._closing[ticket.deed](ticket, ticket.entry, exchange)

    def fresh(self) -> tuple[LoadFinding, ...]:
        """What was found since the last call; some of it may turn out to follow from the rest."""
        if not self._docket:
            return ()
        found = tuple(self._docket)
        self._docket.clear()
        return found

    def findings(self) -> list[LoadFinding]:
        """What the answers contradicted so far."""
        return [found for entry in self._entries.values() for found in entry.findings]

    def _intend(self, body: Json) -> Ticket:
        name = str(body.get("name", "")) if isinstance(body, dict) else ""
        entry = self._entries.get(name)
        if entry is None:
            entry = self._entries[name] = Entry(name, docket=self._docket)
            self._count(entry, REQUESTED)
        entry.doubts += 1
        return Ticket(self._tick, Deed.CREATE, entry)

    def _created(self, ticket: Ticket, entry: Entry, exchange: Exchange) -> None:
        value = self._adapter.value(exchange)
        identifier = self._adapter.identity(value) if value is not None else ""
        if value is not None and identifier:
            if not entry.id:
                entry.doubts -= 1
                self._acknowledge(entry, identifier, value, exchange)
            return
        if not entry.id:
            self._count(entry, "")
        if exchange.answered and exchange.rejected:
            # A 5xx or no answer proves nothing: the resource may exist.
            entry.doubts -= 1
            if entry.creation is Knowledge.UNKNOWN and not entry.doubts:
                entry.creation = Knowledge.FAILED

    def _acknowledge(
        self, entry: Entry, identifier: str, value: Mapping[str, Json], exchange: Exchange
    ) -> None:
        proof = Proof.of(exchange, self._tick)
        entry.creation, entry.id, entry.created = Knowledge.OK, identifier, proof
        entry.credential = exchange.request.credential
        other = self._by_id.setdefault(identifier, entry)
        if other is not entry:
            self._shared(other, entry)
            self._count(entry, "")
            return
        self._books[entry.credential].own(entry)
        self._note(entry, value, proof)
        self._count(entry, self._census.word(entry.state))

    def _shared(self, first: Entry, second: Entry) -> None:
        """Two creations were given one identifier: nothing else can be told of either."""
        first.suspect(
            Kind.DUPLICATE_ID,
            f"its identifier was given to {second.name!r} as well",
            first.created,
            first.gone,
            second.created,
        )
        self._books[first.credential].close(first)

    def _ask(self, entry: Entry, body: Json) -> Mapping[str, Json]:
        """Enter what a change asks for; changes that overlap have no order to be judged by."""
        asked = self._adapter.shown(body) if isinstance(body, dict) else {}
        if entry.changes:
            entry.courses = entry.values = None
            entry.round += 1
        entry.changes += 1
        if entry.values is not None and entry.shown is not None:
            entry.courses = entry.courses or {}
            for member, value in asked.items():
                if member not in entry.courses and member in entry.values:
                    entry.courses[member] = Course(entry.values[member], entry.shown)
                if member in entry.courses:
                    entry.courses[member].ask(value)
        return asked

    def _changed(self, ticket: Ticket, entry: Entry, exchange: Exchange) -> None:
        entry.changes -= 1
        if exchange.status in GONE and entry.must_exist:
            self._lost(entry, Proof.of(exchange, self._tick))
        if ticket.round != entry.round:
            return
        courses = entry.courses or {}
        if exchange.answered and exchange.rejected:
            for member in ticket.asked.keys() & courses.keys():
                courses[member].withdraw(ticket.asked[member])
        elif exchange.succeeded:
            self._promise(ticket, entry, exchange)

    def _promise(self, ticket: Ticket, entry: Entry, exchange: Exchange) -> None:
        """Take over what the answer to a change promises that reads show from now on."""
        proof = Proof.of(exchange, self._tick)
        for member, value in self._adapter.promised(exchange, ticket.asked).items():
            courses = entry.courses or {}
            known = (entry.values or {}).get(member, ...)
            if member not in courses and known is not ... and entry.shown is not None:
                courses[member] = Course(known, entry.shown)
            if member in courses:
                courses[member].show(value, proof)
            entry.courses = courses

    def _read(self, ticket: Ticket, entry: Entry, exchange: Exchange) -> None:
        if exchange.status in GONE:
            self._miss(entry, exchange)
            return
        value = self._adapter.value(exchange)
        if value is None or self._adapter.identity(value) != entry.id:
            return
        if entry.gone is not None:
            if entry.gone.tick < ticket.tick:
                resurrected(entry, Proof.of(exchange, self._tick))
            return
        if entry.shown is not None and ticket.tick < entry.shown.tick:
            return
        proof = Proof.of(exchange, self._tick)
        if entry.missed is not None and entry.missed.tick < ticket.tick:
            self._books[entry.credential].find_again(entry, proof)
        if not self._stale(ticket, entry, value, proof) and not self._backward(entry, value, proof):
            self._note(entry, value, proof)
            self._count_read(ticket, entry)

    def _note(self, entry: Entry, value: Mapping[str, Json], proof: Proof) -> None:
        entry.state = self._adapter.state(value)
        entry.values, entry.shown = self._adapter.shown(value), proof
        if self._adapter.failed(entry.state):
            entry.courses = None  # a change may have been given up

    def _count(self, entry: Entry, state: str) -> None:
        """Let the census count a resource under `state`; empty where it is there no more."""
        if state != entry.counted:
            self._census.move(entry.counted, state)
            entry.counted = state

    def _count_read(self, ticket: Ticket, entry: Entry) -> None:
        if entry.deleted is not None and entry.deleted.tick < ticket.tick:
            self._leaving[entry.id] = entry
        elif entry.deletions or entry.deleted is not None:
            return
        self._count(entry, self._census.word(entry.state))

    def _stale(self, ticket: Ticket, entry: Entry, value: Mapping[str, Json], proof: Proof) -> bool:
        if not entry.courses:
            return False
        shown = self._adapter.shown(value)
        behind = [
            member
            for member, course in entry.courses.items()
            if member in shown and course.read(shown[member], ticket.tick, proof)
        ]
        for member in behind[:1]:
            course = entry.courses[member]
            entry.suspect(
                Kind.STALE_READ,
                f"{member} was {course.shown!r} already, and a request that was sent after that "
                f"answer shows {shown[member]!r} once more",
                course.proof,
                proof,
            )
        return bool(behind)

    def _backward(self, entry: Entry, value: Mapping[str, Json], proof: Proof) -> bool:
        state = self._adapter.state(value)
        backward = bool(entry.state) and self._adapter.backward(entry.state, state)
        if backward:
            text = f"it was {entry.state}, and a request that was sent after that shows {state}"
            entry.suspect(Kind.BACKWARD_STATE, text, entry.shown, proof)
        return backward

    def _miss(self, entry: Entry, exchange: Exchange) -> None:
        """A read did not find the resource."""
        self._count(entry, "")
        proof = Proof.of(exchange, self._tick)
        if entry.must_exist:
            self._lost(entry, proof)
        else:
            self._books[entry.credential].went(entry, proof)

    def _lost(self, entry: Entry, proof: Proof) -> None:
        """It had to be there, and it is not."""
        self._books[entry.credential].miss(entry, proof)
        text = "its creation was acknowledged, nobody deleted it, and it is not there"
        entry.suspect(Kind.LOST_CREATE, text, entry.created, proof)

    def _deleted(self, ticket: Ticket, entry: Entry, exchange: Exchange) -> None:
        entry.deletions -= 1
        book, proof = self._books[entry.credential], Proof.of(exchange, self._tick)
        if exchange.status in GONE and entry.must_exist:
            self._lost(entry, proof)
        if exchange.succeeded or exchange.status in GONE:
            # What is on its way out may refuse another deletion as if it were gone already.
            entry.deletion = Knowledge.OK
            entry.deleted = entry.deleted or proof
            book.leave(entry)
            self._count(entry, "")
        elif exchange.answered and exchange.rejected:
            if not entry.deletions:
                self._count(entry, self._census.word(entry.state))
            if entry.must_exist and entry.gone is None:
                entry.deletion = Knowledge.FAILED
                book.own(entry)
        elif entry.deletion is not Knowledge.OK:
            entry.deletion = Knowledge.UNKNOWN

    def _listed(self, ticket: Ticket, exchange: Exchange) -> None:
        items = self._adapter.listed(exchange)
        if items is not None:
            proof = Proof.of(exchange, self._tick)
            self._books[exchange.request.credential].listed(items, ticket.tick, proof)
            self._watch_leaving(items, ticket.tick)

    def _watch_leaving(self, items: Sequence[Listed], sent: int) -> None:
        """Count what a listing that was sent at tick `sent` shows on its way out."""
        shown = {
            item.id: entry
            for item in items
            if item.leaving
            and (entry := self._by_id.get(item.id)) is not None
            and entry.deleted is not None
            and entry.deleted.tick < sent
            and entry.gone is None
        }
        for identifier in self._leaving.keys() - shown.keys():
            self._count(self._leaving[identifier], "")
        for entry in shown.values():
            self._count(entry, DELETING)
        self._leaving = shown
