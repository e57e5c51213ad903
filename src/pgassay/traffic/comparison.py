"""The ledger against the target's own listing, after the drain."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pgassay.results import LoadFinding
from pgassay.traffic.adapter import Listed
from pgassay.traffic.entry import Entry, Knowledge
from pgassay.traffic.finding import Kind, Proof, finding
from pgassay.traffic.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a listing contradicts of one entry; the target may need time until it agrees."""

    entry: Entry
    kind: Kind
    text: str
    proofs: tuple[Proof | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one listing showed: ours that are there, contradictions, and what it does not settle.

    `strays` are under names of the run that nobody sent; `missing` are acknowledged resources that
    are not listed, `open` creations without an answer that are not. `complete` tells that it was a
    listing: single reads show nothing of what no answer named.
    """

    present: tuple[Listed, ...]
    contradictions: tuple[Contradiction, ...]
    strays: tuple[LoadFinding, ...]
    missing: tuple[Entry, ...]
    open: tuple[Entry, ...]
    complete: bool

    @property
    def agrees(self) -> bool:
        """Tell whether nothing contradicts the ledger and nothing is open."""
        return not (self.contradictions or self.strays or self.open)

    @property
    def leaving(self) -> bool:
        """Tell whether all that contradicts are deletions which may still be under way."""
        kinds = {found.kind for found in self.contradictions}
        return kinds == {Kind.RESURRECTED_DELETE} and not (self.strays or self.open)


def compare(ledger: Ledger, listing: Iterable[Listed], proof: Proof | None) -> Comparison:
    """Compare the ledger with a listing that was sent when nothing else was on its way.

    Without a `proof` it was put together from single reads.
    """
    ours = [item for item in listing if ledger.owns(item)]
    by_name: defaultdict[str, list[Listed]] = defaultdict(list)
    for item in ours:
        by_name[item.name].append(item)
    by_id = {item.id: item for item in ours}
    contradictions: list[Contradiction] = []
    missing: list[Entry] = []
    open_: list[Entry] = []
    for entry in ledger.entries:
        if entry.id and ledger.entry(entry.id) is not entry:
            continue  # its identifier is another one's: nothing can be told of it
        own, extra = by_id.get(entry.id), _extra(ledger, entry, by_name.get(entry.name, ()))
        contradictions += _contradictions(entry, own, extra, proof)
        if entry.must_exist and own is None:
            missing.append(entry)
        if entry.doubts > len(extra):
            open_.append(entry)
    return Comparison(
        tuple(ours),
        tuple(contradictions),
        tuple(_strays(ledger, ours, proof)),
        tuple(missing),
        tuple(open_),
        proof is not None,
    )


def _extra(ledger: Ledger, entry: Entry, items: Sequence[Listed]) -> list[str]:
    """The identifiers under the name of an entry that no answer gave to it."""
    owners = ((item.id, ledger.entry(item.id)) for item in items)
    return [own for own, known in owners if known is None or known.name != entry.name]


def _contradictions(
    entry: Entry, own: Listed | None, extra: Sequence[str], proof: Proof | None
) -> Iterable[Contradiction]:
    if len(set(extra)) > entry.doubts:
        refused = entry.creation is Knowledge.FAILED
        said = "its creation was refused" if refused else "it was created once"
        text = f"{said}, and {', '.join(extra)} stands under its name"
        yield Contradiction(entry, Kind.PHANTOM, text, (entry.created, proof))
    if own is not None and entry.deletion is Knowledge.OK and not own.leaving:
        text = "its deletion was acknowledged, and it is there"
        proofs = (entry.deleted, entry.gone, proof or entry.shown)
        yield Contradiction(entry, Kind.RESURRECTED_DELETE, text, proofs)


def _strays(ledger: Ledger, ours: Sequence[Listed], proof: Proof | None) -> Iterable[LoadFinding]:
    for item in ours:
        known = ledger.known(item.name) or ledger.entry(item.id) or ledger.copied(item.name)
        if not known:
            subject = f"{item.name!r} ({item.id})"
            yield finding(Kind.PHANTOM, subject, "it is listed, and nobody asked for it", proof)
