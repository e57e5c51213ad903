"""What a run would do and cost, told before anything is sent."""

import math
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from pgassay.allowance import Allowance
from pgassay.catalogue import Catalogue
from pgassay.ownership import Ownership
from pgassay.run.checking import collect_checks
from pgassay.run.options import RunOptions
from pgassay.run.session import Session
from pgassay.run.workers import divided
from pgassay.target.model import Target


@dataclass(frozen=True, slots=True)
class Plan:
    """How much a run would do.

    `checks` are counted by family. At most `total` services and instances would be created, and
    `at_once` exist together; 0 where the target file sets no limit. `creation` is the budget in
    seconds that one may take to get ready, `workers` how many processes share the checks.
    """

    checks: Counter[str]
    total: int
    at_once: int
    creation: float
    workers: int

    @property
    def waiting(self) -> float:
        """How many seconds all creations take, each its whole budget; 0 where no limit is set."""
        return math.ceil(self.total / (self.at_once or 1)) * self.creation


def plan(target: Target, options: RunOptions) -> Plan:
    """Select checks as `examine` does; raises what it raises for a selection of none."""
    with tempfile.TemporaryDirectory() as folder:
        own = replace(options, output=Path(folder))
        session = Session.opened(target, own, Catalogue.load())
        try:
            checks = collect_checks(session)
        finally:
            session.close()
    allowance = Allowance(target.limits, Ownership(()))
    workers = len(divided(target, options))
    return Plan(checks, allowance.total, allowance.concurrent, target.timing.create, workers)
