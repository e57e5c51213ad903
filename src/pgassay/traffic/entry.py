"""What the ledger knows of one resource of the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pgassay.exchange import Json
from pgassay.results import LoadFinding
from pgassay.traffic.course import Course
from pgassay.traffic.finding import Kind, Proof, finding, independent


class Knowledge(StrEnum):
    """What is known of an intended effect."""

    NOT_TRIED = "not tried"
    UNKNOWN = "unknown"
    OK = "ok"
    FAILED = "failed"


@dataclass(slots=True)
class Entry:
    """One intended resource and what the answers said about it.

    `doubts` are creations without a usable answer, `deletions` and `changes` those on their way.
    `gone` proves that it was not there after a deletion, `missed` that it was not there although
    it had to be. `shown` showed `state` and `values`; the census counts it under
    `counted`; `round` counts overlapping changes.
    """

    name: str
    credential: str = ""
    id: str = ""
    creation: Knowledge = Knowledge.UNKNOWN
    deletion: Knowledge = Knowledge.NOT_TRIED
    doubts: int = 0
    deletions: int = 0
    changes: int = 0
    round: int = 0
    created: Proof | None = None
    deleted: Proof | None = None
    gone: Proof | None = None
    missed: Proof | None = None
    shown: Proof | None = None
    state: str = ""
    counted: str = ""
    values: Mapping[str, Json] | None = None
    courses: dict[str, Course] | None = None
    suspicions: dict[Kind, LoadFinding] | None = None
    #: Of all entries, what was found since the last look; for the journal.
    docket: list[LoadFinding] = field(default_factory=list, repr=False)

    @property
    def subject(self) -> str:
        """Its name and identifier, for people."""
        return f"{self.name!r} ({self.id})" if self.id else repr(self.name)

    @property
    def must_exist(self) -> bool:
        """Tell whether it was acknowledged, and no deletion was sent that may have had effect."""
        spared = self.deletion in {Knowledge.NOT_TRIED, Knowledge.FAILED}
        return self.creation is Knowledge.OK and spared and not self.deletions

    @property
    def stands(self) -> bool:
        """Tell whether it is certain that it is there, so that it holds what was put into it."""
        alone = Kind.DUPLICATE_ID not in (self.suspicions or {})
        return self.must_exist and self.missed is None and alone

    @property
    def findings(self) -> list[LoadFinding]:
        """What contradicts what, without what only follows from another contradiction."""
        return independent(self.suspicions) if self.suspicions else []

    def suspect(self, kind: Kind, text: str, *proofs: Proof | None) -> None:
        """Keep the first contradiction of its kind."""
        if self.suspicions is None:
            self.suspicions = {}
        if kind not in self.suspicions:
            found = self.suspicions[kind] = finding(kind, self.subject, text, *proofs)
            self.docket.append(found)

    def found_again(self, proof: Proof) -> None:
        """It is there although a request missed it: what missed it was behind, nothing is lost."""
        if self.suspicions is not None and Kind.LOST_CREATE in self.suspicions:
            del self.suspicions[Kind.LOST_CREATE]
            self.suspect(
                Kind.STALE_READ,
                "a request did not find it although its creation was acknowledged; a later one did",
                self.created,
                self.missed,
                proof,
            )
        self.missed = None

    def went(self, proof: Proof) -> None:
        """Note that it is gone, and forget what only matters of what exists."""
        self.gone = proof
        self.missed = self.shown = None
        self.values = self.courses = None
