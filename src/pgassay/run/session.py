"""One run over one target: what all its checks share, and what they found."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

import httpx

from pgassay import __version__
from pgassay.catalogue import Catalogue
from pgassay.client import Client
from pgassay.exchange import Exchange
from pgassay.families import ClickhouseApi, DbaasApi, Names
from pgassay.families.pool import Pool
from pgassay.gaps import GapLedger, excused, gaps
from pgassay.journal import Journal
from pgassay.monitors import Watch
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.results import CheckResult, Duration
from pgassay.run.cleanup import Cleaner
from pgassay.run.loans import Loans
from pgassay.run.options import RunOptions
from pgassay.run.outcome import Outcome
from pgassay.run.recipe import Recipe
from pgassay.run.severity import Severity
from pgassay.specification import Specification, specification
from pgassay.target.model import Target

#: After so many requests in a row without an answer the target counts as dead.
SILENCE = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """A check's result with what its requirements' verdicts are made from."""

    result: CheckResult
    outcome: Outcome
    trail: tuple[Exchange, ...] = ()


class Tally:
    """Count answers and latencies for each operation."""

    def __init__(
        self, specification: Specification, documented: Callable[[str], str] = str
    ) -> None:
        """Name operations by `specification`; `documented` gives paths as it writes them."""
        self._specification = specification
        self._documented = documented
        self.statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self.durations: dict[str, list[float]] = defaultdict(list)

    def observe(self, redacted: Exchange) -> None:
        """Count one exchange."""
        path = self._documented(redacted.request.path)
        operation = self._specification.match(redacted.request.method, path)
        name = operation.id if operation else "(other paths)"
        status = str(redacted.status) if redacted.answered else "no answer"
        self.statuses[name][status] += 1
        self.durations[name].append(redacted.duration)


class Trail:
    """The redacted exchanges of the check that is running, the latest ones."""

    LENGTH = 40

    def __init__(self) -> None:
        """Start empty."""
        self._exchanges: list[Exchange] = []

    def observe(self, redacted: Exchange) -> None:
        """Keep one exchange."""
        self._exchanges.append(redacted)
        del self._exchanges[: -self.LENGTH]

    def take(self) -> tuple[Exchange, ...]:
        """Return what was kept and start anew."""
        taken, self._exchanges = tuple(self._exchanges), []
        return taken


class Session:
    """Everything that a run's checks share."""

    def __init__(
        self,
        target: Target,
        options: RunOptions,
        catalogue: Catalogue,
        specification: Specification,
        transport: httpx.BaseTransport | None = None,
        nonce: str = "",
    ) -> None:
        """Open the journal in the run's folder and the client to the target.

        A `transport` takes the place of the network; without a `nonce` one is drawn.
        """
        self.target = target
        self.options = options
        self.catalogue = catalogue
        self.specification = specification
        self.started = datetime.now(UTC)
        self.nonce = nonce or secrets.token_hex(4)
        self.vault = Vault()
        for credential in target.credentials.values():
            for secret in credential.secrets:
                self.vault.learn(secret)
        journal = options.output / options.part.journal
        self.journal = Journal(journal, self.vault, self._header())
        self.ownership = Ownership(collections(target.dbaas.prefix))
        self.watch = Watch(specification, target.documented)
        self.tally = Tally(specification, target.documented)
        self.trail = Trail()
        self.gaps = GapLedger(specification, target)
        #: Requirements that the target file declares another choice about, and which.
        self.excused = excused(target, gaps().values())
        self.client = Client(
            target,
            self.journal,
            self.vault,
            self.ownership,
            (self.watch, self.tally, self.trail, self.gaps),
            transport,
        )
        self.client.sequence = options.part.sequence()
        self.names = Names(self.nonce, options.seed)
        self.clickhouse = ClickhouseApi(self.client, self.names)
        self.dbaas = DbaasApi(self.client, self.names)
        self.cleaner = Cleaner(self.client)
        self.client.relieve = self._relieve
        self.loans = Loans(self.client, self.cleaner)
        self.checked: list[Checked] = []
        self.interrupted = False

    @property
    def durations(self) -> tuple[Duration, ...]:
        """How long things took, as checks and monitors measured it."""
        measured = (self.clickhouse.durations, self.dbaas.durations, self.watch.stopwatch.durations)
        return tuple(chain.from_iterable(measured))

    @classmethod
    def opened(
        cls,
        target: Target,
        options: RunOptions,
        catalogue: Catalogue,
        *,
        transport: httpx.BaseTransport | None = None,
        nonce: str = "",
    ) -> "Session":
        """Open a session that holds the target to the specification as the target reads it."""
        settings = target.clickhouse
        # Where one organisation shows credentials, reads may show them.
        redaction = "off" if settings.other_redaction == "off" else settings.redaction
        document = specification(redaction, settings.cdc_max_cores)
        return cls(target, options, catalogue, document, transport, nonce)

    @property
    def dead(self) -> bool:
        """Tell whether the target stopped answering."""
        return self.client.silent >= SILENCE

    def may_fail(self, identifier: str, operation: str = "") -> bool:
        """Tell whether a violation is a FAIL for this target, else a WARN.

        `operation` is the id of the operation that an exchange broke the requirement in, if one
        did.
        """
        severity = Severity(self.catalogue, self.target, self.excused)
        return severity.may_fail(identifier, operation)

    @property
    def out_of_time(self) -> bool:
        """Tell whether the run has taken as long as the target file allows."""
        limit = self.target.limits.max_minutes
        return bool(limit) and datetime.now(UTC) - self.started > timedelta(minutes=limit)

    def after_check(
        self, check: str, fixtures: Sequence[str], *, sound: bool, useful: bool
    ) -> None:
        """Remove what a check created, and take back what it was lent.

        `sound` says that it complained of nothing, `useful` that others can use what it left.
        """
        with self.client.acting_for("cleanup"):
            if sound and useful:
                self.loans.inherit(check, self._pools)
            self.cleaner.after_check(check)
            self.loans.over(fixtures, sound=sound)

    @property
    def _pools(self) -> dict[str, Pool]:
        return {"service": self.clickhouse.pool, "instance": self.dbaas.pool}

    def _relieve(self) -> bool:
        def surrender() -> str | None:
            return next((one for pool in self._pools.values() if (one := pool.surrender())), None)

        with self.client.acting_for("cleanup"):
            return self.cleaner.relieve(surrender)

    def close(self) -> None:
        """Close connections and the journal."""
        self.client.close()
        self.journal.close()

    def _header(self) -> dict[str, object]:
        return {
            "nonce": self.nonce,
            "target": self.target.name,
            "base_url": self.target.base_url,
            "dbaas_prefix": self.target.dbaas.prefix,
            "organization_id": self.target.clickhouse.organization_id,
            "seed": self.options.seed,
            "started": self.started.isoformat(),
            "pgassay": __version__,
            "recipe": Recipe.of(self.target, self.options).encoded(),
        }
