# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults against what standards ask for besides the documents: names, identifiers, challenges."""

from dataclasses import replace

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.service import ClickhouseService

FAULTS = Faults()


@FAULTS.clickhouse("CH-SVC-HOSTNAME")
class HostWithBlanks(ClickhouseService):
    """The hostname of a service contains its name as it is, blanks included."""

    def hostname(self, name: str, service_id: str, region: str) -> str:
        return f"{name} {service_id}.{region}.example.test"


@FAULTS.bending("HTTP-AUTH-CHALLENGE", shown_by=("CH-AUTH-REQUIRED",))
class RefusedWithoutChallenge(Bending):
    """Missing credentials are refused without telling which ones would be taken."""

    def bend(self, answer: Answer) -> Answer:
        told = {name: text for name, text in answer.headers.items() if name != "www-authenticate"}
        return replace(answer, headers=told)


@FAULTS.bending("HTTP-IDENTIFIER-CASE")
class CapitalsNotFound(Bending):
    """Identifiers are found in small letters alone."""

    def bend(self, answer: Answer) -> Answer:
        capitals = answer.path.upper().rpartition("/")[2] == answer.path.rpartition("/")[2]
        lost = capitals and answer.succeeded and answer.value is not None
        return answer.with_status(404).saying({}) if lost else answer
