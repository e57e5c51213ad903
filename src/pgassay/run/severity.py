"""How much a violation weighs for one target."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pgassay.catalogue import Catalogue
from pgassay.target.model import Target
from pgassay.verdict import Verdict

#: The operations that `prometheus_level` is about.
_EVOLVING: Final = frozenset({"postgresOrgPrometheusGet", "postgresInstancePrometheusGet"})


@dataclass(frozen=True, slots=True)
class Severity:
    """`excused` are the requirements that the target's declared choices take from it."""

    catalogue: Catalogue
    target: Target
    excused: Collection[str]

    def may_fail(self, identifier: str, operation: str = "") -> bool:
        """Tell whether a violation is a FAIL for this target, else a WARN.

        `operation` is the id of the operation that an exchange broke the requirement in, if one
        did.
        """
        evolving = self.target.clickhouse.prometheus_level == "evolving"
        metrics = identifier.startswith("CH-PROM-") or operation in _EVOLVING
        if identifier in self.excused or (evolving and metrics):
            return False
        return self.catalogue.get(identifier).may_fail

    def of(self, identifier: str, operation: str = "") -> Verdict:
        """FAIL only for what a source states as a MUST, else WARN; a MAY is only noted."""
        return Verdict.FAIL if self.may_fail(identifier, operation) else Verdict.WARN
