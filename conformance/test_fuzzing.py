"""Both families: drawn requests against the whole OpenAPI document."""

from pgassay.check import full, kind, requirement
from pgassay.families import ClickhouseApi, DbaasApi
from pgassay.fuzzing import fuzz
from pgassay.run.session import Session
from pgassay.target.model import Family


@full
@kind("fuzzing")
@requirement("CH-REQUEST-VALID", "CH-REQUEST-INVALID")
@requirement("CH-AUTH-REQUIRED", "HTTP-METHOD-NOT-ALLOWED")
def test_drawn_clickhouse_requests_are_told_apart(
    clickhouse: ClickhouseApi, run_session: Session
) -> None:
    """Drawn valid requests are accepted, drawn invalid and anonymous ones are refused."""
    fuzz(run_session, Family.CLICKHOUSE, "conformance")


@full
@kind("fuzzing")
@requirement("CH-REQUEST-INVALID")
def test_drawn_clickhouse_bodies_that_break_a_rule_are_refused(
    clickhouse: ClickhouseApi, run_session: Session
) -> None:
    """Drawn requests that break a documented constraint of an existing service are refused."""
    fuzz(run_session, Family.CLICKHOUSE, "refusals")


@full
@kind("fuzzing")
@requirement("CH-REQUEST-VALID", "CH-SVC-DELETE-ABSENT", "HTTP-READ-YOUR-WRITES")
def test_drawn_chains_of_clickhouse_requests_hold_together(
    clickhouse: ClickhouseApi, run_session: Session
) -> None:
    """Along the documented links, what was created is found and what was deleted is not."""
    fuzz(run_session, Family.CLICKHOUSE, "links")


@full
@kind("fuzzing")
@requirement("DB-REQUEST-VALID", "DB-REQUEST-INVALID")
@requirement("DB-AUTH-REQUIRED", "HTTP-METHOD-NOT-ALLOWED")
def test_drawn_dbaas_requests_are_told_apart(dbaas: DbaasApi, run_session: Session) -> None:
    """Drawn valid requests are accepted, drawn invalid and anonymous ones are refused."""
    fuzz(run_session, Family.DBAAS, "conformance")


@full
@kind("fuzzing")
@requirement("DB-REQUEST-INVALID")
def test_drawn_dbaas_bodies_that_break_a_rule_are_refused(
    dbaas: DbaasApi, run_session: Session
) -> None:
    """Drawn requests that break a documented constraint of an existing instance are refused."""
    fuzz(run_session, Family.DBAAS, "refusals")


@full
@kind("fuzzing")
@requirement("DB-REQUEST-VALID", "DB-INST-DELETE", "HTTP-READ-YOUR-WRITES")
def test_drawn_chains_of_dbaas_requests_hold_together(
    dbaas: DbaasApi, run_session: Session
) -> None:
    """Along the documented links, what was created is found and what was deleted is not."""
    fuzz(run_session, Family.DBAAS, "links")
