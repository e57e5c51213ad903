"""What a listing must show: the resources of one credential, by how far their lives are."""

from collections.abc import Iterable, Sequence

from pgassay.traffic.adapter import Listed
from pgassay.traffic.entry import Entry
from pgassay.traffic.finding import Kind, Proof


class Book:
    """The resources of one credential by identifier: each is in one of three stages.

    `live` must be listed, `leaving` may be as their deletion was accepted, `gone` must not. Those
    `missed` are live, and a read did not find them.
    """

    def __init__(self) -> None:
        """Start without any resource."""
        self._live: dict[str, Entry] = {}
        self._leaving: dict[str, Entry] = {}
        self._gone: dict[str, Entry] = {}
        self._missed: dict[str, Entry] = {}

    def own(self, entry: Entry) -> None:
        """From now on it must be listed."""
        self._live[entry.id] = entry

    def leave_open(self, entry: Entry) -> None:
        """A deletion is on its way: it may be listed or not."""
        self._live.pop(entry.id, None)

    def leave(self, entry: Entry) -> None:
        """Its deletion was accepted: once it is gone, it must not come back."""
        if entry.gone is None:
            self._leaving[entry.id] = entry

    def miss(self, entry: Entry, proof: Proof) -> None:
        """A request did not find it, although it had to be there."""
        entry.missed = entry.missed or proof
        self._missed[entry.id] = entry

    def went(self, entry: Entry, proof: Proof) -> None:
        """It was not there after its deletion."""
        if entry.gone is None:
            self.close(entry)
            self._gone[entry.id] = entry
            entry.went(proof)

    def find_again(self, entry: Entry, proof: Proof) -> None:
        """It is there although a request missed it."""
        self._missed.pop(entry.id, None)
        entry.found_again(proof)

    def close(self, entry: Entry) -> None:
        """Expect nothing of it any longer."""
        for stage in (self._live, self._leaving, self._gone, self._missed):
            stage.pop(entry.id, None)

    def listed(self, items: Sequence[Listed], sent: int, proof: Proof) -> None:
        """Compare with a listing that was sent at tick `sent`."""
        shown = {item.id for item in items}
        if len(shown) != len(items):
            self._repeated(items, proof)
        self._gaps(self._live.keys() - shown, sent, proof)
        for entry in _chosen(self._leaving, self._leaving.keys() - shown):
            if entry.deleted is not None and entry.deleted.tick < sent:
                self.went(entry, proof)
        for entry in _chosen(self._missed, self._missed.keys() & shown):
            if entry.missed is not None and entry.missed.tick < sent:
                self.find_again(entry, proof)
        returned = self._gone.keys() & shown
        if returned:
            self._returned(items, sent, proof)

    def _gaps(self, lacking: Iterable[str], sent: int, proof: Proof) -> None:
        for entry in _chosen(self._live, lacking):
            if entry.created is not None and entry.created.tick < sent:
                text = "its creation was acknowledged before a listing was sent that lacks it"
                entry.suspect(Kind.LIST_GAP, text, entry.created, proof)

    def _returned(self, items: Sequence[Listed], sent: int, proof: Proof) -> None:
        """Listings may lag behind reads as long as they say that a resource is being deleted."""
        for item in items:
            entry = None if item.leaving else self._gone.get(item.id)
            if entry is not None and entry.gone is not None and entry.gone.tick < sent:
                resurrected(entry, proof)

    def _repeated(self, items: Sequence[Listed], proof: Proof) -> None:
        names: dict[str, str] = {}
        for item in items:
            first, entry = names.get(item.id), self._entry(item.id)
            names[item.id] = item.name
            if first is None or entry is None:
                continue
            if first == item.name:
                text = "one listing holds it more than once"
                entry.suspect(Kind.LIST_REPEAT, text, entry.created, proof)
            else:
                text = f"{first!r} and {item.name!r} are listed under its identifier"
                entry.suspect(Kind.DUPLICATE_ID, text, entry.created, proof)

    def _entry(self, identifier: str) -> Entry | None:
        stages = (self._live, self._leaving, self._gone)
        return next((stage[identifier] for stage in stages if identifier in stage), None)


def resurrected(entry: Entry, proof: Proof) -> None:
    """Enter that a resource was shown again."""
    text = "it was gone after its deletion, and a request that was sent after that shows it"
    entry.suspect(Kind.RESURRECTED_DELETE, text, entry.deleted, entry.gone, proof)


def _chosen(stage: dict[str, Entry], identifiers: Iterable[str]) -> list[Entry]:
    return [stage[identifier] for identifier in identifiers]
