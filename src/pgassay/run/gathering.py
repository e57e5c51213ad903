"""What a worker found out, as a value that goes to the process that judges.

Everything in it is redacted: only the worker knows the secrets of its own requests.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pgassay.deviation import Deviation
from pgassay.exchange import Exchange
from pgassay.gaps.ledger import Entry
from pgassay.monitors import Observed
from pgassay.redaction import Vault
from pgassay.results import Duration, ResourceRecord
from pgassay.run.session import Checked, Session


@dataclass(frozen=True, slots=True)
class Gathering:
    """The checks of a worker, what monitors saw, how operations answered, what became of it all."""

    checked: tuple[Checked, ...]
    observed: tuple[Observed, ...]
    judged: Counter[str]
    statuses: Mapping[str, Counter[str]]
    latencies: Mapping[str, list[float]]
    durations: tuple[Duration, ...]
    gaps: Mapping[tuple[str, str], Entry]
    requests: int
    created: int
    removed: int
    left: tuple[ResourceRecord, ...]
    dead: bool

    @classmethod
    def of(cls, session: Session, left: tuple[ResourceRecord, ...]) -> "Gathering":
        """Gather what a session found out."""
        return cls(
            tuple(_redacted(checked, session.vault) for checked in session.checked),
            session.watch.found,
            session.watch.judged,
            dict(session.tally.statuses),
            dict(session.tally.durations),
            session.durations,
            session.gaps.entries,
            session.client.requests,
            session.ownership.created,
            session.ownership.removed,
            left,
            session.dead,
        )

    def pour(self, session: Session) -> None:
        """Add everything to the session that judges."""
        session.checked += self.checked
        for observed in self.observed:
            session.watch.keep(observed)
        session.watch.judged += self.judged
        for operation, statuses in self.statuses.items():
            session.tally.statuses[operation] += statuses
            session.tally.durations[operation] += self.latencies[operation]
        session.clickhouse.durations += self.durations
        session.gaps.add(self.gaps)
        session.client.requests += self.requests
        session.ownership.created += self.created
        session.ownership.removed += self.removed


def _redacted(checked: Checked, vault: Vault) -> Checked:
    def struck(exchange: Exchange | None) -> Exchange | None:
        return None if exchange is None else vault.exchange(exchange)

    outcome = checked.outcome
    # By position: that is how the arguments of exceptions get into another process.
    deviations = tuple(
        Deviation(
            vault.text(each.title),
            vault.text(each.expected),
            vault.text(each.actual),
            each.requirement,
            struck(each.exchange),
            tuple(map(vault.text, each.steps)),
        )
        for each in outcome.deviations
    )
    evidence = struck(outcome.evidence)
    note = vault.text(outcome.note)
    told = replace(outcome, note=note, deviations=deviations, evidence=evidence)
    return replace(checked, outcome=told)
