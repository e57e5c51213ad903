"""Which identifiers workers and tenants were given: one that two were given is found here.

Each tenant of each worker has a ledger of its own, which sees what was asked for there and nothing
else.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from pgassay.results import LoadFinding
from pgassay.traffic.entry import Entry
from pgassay.traffic.finding import Kind


class Birth(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """An acknowledged creation: `worker` was given `id` for `name` by the exchange `sequence`.

    In a record it takes about 100 bytes; `sent_at` is seconds since the Unix epoch, `tenant` the
    name of the credential that asked.
    """

    worker: int
    sequence: int
    id: str
    name: str
    sent_at: float
    tenant: str = "main"

    @property
    def holder(self) -> str:
        """Who was given the identifier; a tenant that is not the main one is named."""
        worker = f"worker {self.worker}"
        return worker if self.tenant == "main" else f"{self.tenant} of {worker}"

    @property
    def subject(self) -> str:
        """Its name and identifier, as findings about it have them."""
        return f"{self.name!r} ({self.id})"

    @property
    def line(self) -> str:
        """One line for people; the number is that of the exchange in the worker's journal."""
        sent = datetime.fromtimestamp(self.sent_at, UTC).isoformat(timespec="microseconds")
        return f"{self.holder}: #{self.sequence} created {self.name!r}, sent {sent}"


def births(worker: int, entries: Iterable[Entry]) -> tuple[Birth, ...]:
    """Return the creations of one worker that were acknowledged with an identifier."""
    return tuple(
        Birth(worker, proof.sequence, entry.id, entry.name, proof.sent_at, entry.credential)
        for entry in entries
        if entry.id and (proof := entry.created) is not None
    )


def with_shared(findings: Sequence[LoadFinding], born: Iterable[Birth]) -> list[LoadFinding]:
    """Add a finding for each identifier that several workers or tenants were given.

    What they found of such a resource, or of what it holds, only follows from that.
    """
    shared = list(_shared(born))
    if not shared:
        return list(findings)
    subjects = {birth.subject for group in shared for birth in group}
    places = [f"/{group[0].id}/" for group in shared]
    own = [
        found
        for found in findings
        if found.subject not in subjects
        and not any(place in line for line in found.evidence for place in places)
    ]
    return own + list(map(_finding, shared))


def _shared(born: Iterable[Birth]) -> Iterator[list[Birth]]:
    """The births of one identifier, wherever more than one ledger has some."""
    first: dict[str, Birth] = {}
    groups: dict[str, list[Birth]] = {}
    for birth in born:
        known = first.setdefault(birth.id, birth)
        if known is not birth:
            groups.setdefault(birth.id, [known]).append(birth)
    for group in groups.values():
        if len({birth.holder for birth in group}) > 1:
            yield sorted(group)


def _finding(group: Sequence[Birth]) -> LoadFinding:
    first, *others = group
    also = ", ".join(f"{birth.holder} for {birth.name!r}" for birth in others)
    text = f"{first.holder} was given its identifier, and so was {also}"
    return LoadFinding(Kind.DUPLICATE_ID, first.subject, text, tuple(one.line for one in group))
