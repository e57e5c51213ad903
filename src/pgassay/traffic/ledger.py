"""The evidence ledger: every create is entered before it is sent, every answer closes its entry.

After the run an independent listing settles what stayed unknown and shows contradictions between
what the target acknowledged and what it holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Knowledge(StrEnum):
    """What is known of an intended effect."""

    NOT_TRIED = "not tried"
    UNKNOWN = "unknown"
    OK = "ok"
    FAILED = "failed"


@dataclass(slots=True)
class Entry:
    """One intended resource and what the answers said about it."""

    name: str
    creation: Knowledge = Knowledge.UNKNOWN
    deletion: Knowledge = Knowledge.NOT_TRIED
    id: str = ""
    missed: str = ""  # the request that did not find it although it had to exist


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of the target's own listing; `leaving` when it says that it is being deleted."""

    id: str
    name: str
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the final listing showed: contradictions, our ids that are there, unknowns resolved."""

    findings: tuple[str, ...]
    present: tuple[Listed, ...]
    settled: int


class Ledger:
    """The intents of one run under one nonce."""

    def __init__(self, nonce: str) -> None:
        """Names that contain `nonce` are this ledger's."""
        self._nonce = nonce
        self._entries: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._duplicates: list[str] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of their intents."""
        return tuple(self._entries.values())

    def intend(self, name: str) -> None:
        """Enter a create that is about to be sent; its outcome is unknown from now on."""
        self._entries[name] = Entry(name)

    def created(self, name: str, identifier: str) -> None:
        """Close a create as acknowledged with `identifier`."""
        entry = self._entries[name]
        entry.creation, entry.id = Knowledge.OK, identifier
        other = self._by_id.setdefault(identifier, entry)
        if other is not entry:
            self._duplicates.append(
                f"duplicate id: {identifier} was given to {other.name!r} and to {name!r}"
            )

    def refused(self, name: str) -> None:
        """Close a create that the target answered with a refusal."""
        self._entries[name].creation = Knowledge.FAILED

    def removing(self, identifier: str) -> None:
        """Enter a delete that is about to be sent."""
        self._by_id[identifier].deletion = Knowledge.UNKNOWN

    def removed(self, identifier: str, *, accepted: bool) -> None:
        """Close a delete as accepted, or as refused."""
        self._by_id[identifier].deletion = Knowledge.OK if accepted else Knowledge.FAILED

    def missed(self, identifier: str, request: str) -> None:
        """Note that `request` did not find a resource: evidence, unless a delete was tried."""
        entry = self._by_id[identifier]
        if entry.deletion is Knowledge.NOT_TRIED and not entry.missed:
            entry.missed = request

    def settle(self, listing: Iterable[Listed], readable: Callable[[str], bool]) -> Settlement:
        """Compare the entries with the target's listing; `readable` asks for a single id."""
        ours = [item for item in listing if self._nonce in item.name]
        findings = [*self._duplicates, *_repeated(ours)]
        settled = 0
        for entry in self._entries.values():
            items = [item for item in ours if item.name == entry.name]
            if Knowledge.UNKNOWN in (entry.creation, entry.deletion):
                settled += 1
            if self._by_id.get(entry.id, entry) is entry:
                findings += _contradictions(entry, items, readable)
        findings += [
            f"phantom: {item.name!r} ({item.id}) is listed and was never sent"
            for item in ours
            if item.name not in self._entries
        ]
        return Settlement(tuple(findings), tuple(ours), settled)


def _repeated(items: Sequence[Listed]) -> list[str]:
    counts = Counter(item.id for item in items)
    return [
        f"duplicate id: {identifier} is listed {count} times"
        for identifier, count in counts.items()
        if count > 1
    ]


def _contradictions(
    entry: Entry, items: Sequence[Listed], readable: Callable[[str], bool]
) -> Iterable[str]:
    """Yield what the target's listing of one name contradicts."""
    who = f"{entry.name!r}" + (f" ({entry.id})" if entry.id else "")
    own = [item for item in items if item.id == entry.id]
    if entry.creation is Knowledge.FAILED and items:
        yield f"phantom: the creation of {who} was refused, and {items[0].id} is listed"
    if entry.creation is Knowledge.UNKNOWN and len({item.id for item in items}) > 1:
        yield f"phantom: one creation of {who} was sent, and {len(items)} resources are listed"
    if entry.creation is not Knowledge.OK:
        return
    yield from (
        f"phantom: {item.id} is listed under the name of {who}" for item in items if item not in own
    )
    if entry.missed:
        yield f"lost create: {who} was acknowledged, and {entry.missed} did not find it"
    elif entry.deletion in (Knowledge.NOT_TRIED, Knowledge.FAILED) and not own:
        if readable(entry.id):
            yield f"not listed: {who} can be read, and the listing does not hold it"
        else:
            yield f"lost create: {who} was acknowledged and not deleted, and it is not there"
    if entry.deletion is Knowledge.OK and any(not item.leaving for item in own):
        yield f"resurrected delete: the deletion of {who} was acknowledged, and it is listed"
