"""What the comparison with the peers reads from each tool's report."""

import json

from benchmarks.peers import parsing
from benchmarks.peers.outcome import Failure

NEWMAN = """newman

postman

❏ organizations
↳ List the organizations that the key can see
  GET http://127.0.0.1:8765/v1/organizations [200 OK, 407B, 68ms]
  ✓  [GET]::/v1/organizations - Status code is 2xx

❏ services
↳ Create a Postgres service
  POST http://127.0.0.1:8765/v1/organizations/1/postgres [201 Created, 790B, 13ms]
  1. [POST]::/v1/organizations/:organizationId/postgres - Schema is valid

↳ List the Postgres services of an organization
  GET http://127.0.0.1:8765/v1/organizations/1/postgres [errored]
     Parse Error: Expected HTTP/
  2. [GET]::/v1/organizations/:organizationId/postgres - Status code is 2xx

┌─────────────────────────┬──────────────────┬─────────────────┐
│                         │         executed │          failed │
└─────────────────────────┴──────────────────┴─────────────────┘

  #  failure                  detail

 1.  AssertionError           [POST]::/v1/organizations/:organizationId/postgres - Schema is valid
"""

DREDD = """skip: GET (401) /v1/organizations
pass: GET (200) /v1/organizations duration: 31ms
fail: PUT (200) /v1/postgres/instances/30853f61-9c83-49fe-a6d5-9f1641023c6a duration: 24ms
body: At '/ram' No enum match for: 512
error: GET (200) /v1/postgres/instances duration: 2ms
fail: PUT (200) /v1/postgres/instances/f570e8ea-294c-4a9b-af9b-8da3ee898c8d duration: 24ms
complete: 1 passing, 2 failing, 1 errors, 1 skipped, 4 total
"""


def scenario(label: str, *cases: tuple[str, float, str]) -> str:
    """Write an event of Schemathesis; a case has an id, a time and its failed check, or none."""
    recorder = {
        "label": label,
        "interactions": {case: {"timestamp": at} for case, at, _ in cases},
        "checks": {case: [check(failed)] for case, _, failed in cases},
    }
    return json.dumps({"ScenarioFinished": {"timestamp": 99.0, "recorder": recorder}})


def check(failed: str) -> dict[str, object]:
    if not failed:
        return {"name": "not_a_server_error", "status": "success"}
    failure = {"failure": {"operation": "GET /things", "title": "wrong"}}
    return {"name": failed, "status": "failure", "failure_info": failure}


def test_newman_fails_by_request_and_assertion_and_its_summary_is_not_read() -> None:
    assert parsing.newman(NEWMAN) == (
        Failure(
            "Create a Postgres service | "
            "[POST]::/v1/organizations/:organizationId/postgres - Schema is valid",
            2,
        ),
        Failure("List the Postgres services of an organization | errored", 3),
        Failure(
            "List the Postgres services of an organization | "
            "[GET]::/v1/organizations/:organizationId/postgres - Status code is 2xx",
            3,
        ),
    )


def test_dredd_fails_by_transaction_whatever_the_identifiers() -> None:
    assert parsing.dredd(DREDD) == (
        Failure("PUT (200) /v1/postgres/instances/*", 2),
        Failure("GET (200) /v1/postgres/instances", 3),
    )


def test_schemathesis_fails_by_operation_and_check_at_the_request_in_time() -> None:
    events = [
        json.dumps({"EngineStarted": {"timestamp": 1.0}}),
        scenario("GET /things", ("a", 2.0, ""), ("b", 3.0, "ignored_auth")),
        scenario("Stateful tests", ("c", 4.0, "ignored_auth"), ("d", 5.0, "use_after_free")),
    ]
    assert parsing.schemathesis(events) == (
        Failure("GET /things ignored_auth", 2),
        Failure("GET /things use_after_free", 4),
    )


def test_an_error_of_schemathesis_is_a_failure() -> None:
    error = {"timestamp": 2.5, "label": "GET /things"}
    events = [scenario("GET /things", ("a", 2.0, "")), json.dumps({"NonFatalError": error})]
    assert parsing.schemathesis(events) == (Failure("GET /things error", 1),)


def test_the_report_of_a_stopped_schemathesis_is_read_as_far_as_it_goes() -> None:
    whole = scenario("GET /things", ("a", 2.0, "ignored_auth"))
    assert parsing.schemathesis([whole, whole[:40]]) == (Failure("GET /things ignored_auth", 1),)


def test_pgassay_fails_by_requirement_and_a_warning_does_not_gate() -> None:
    findings = [
        {"verdict": "WARN", "requirement": "HTTP-B", "exchanges": [{"sequence": 3}]},
        {
            "verdict": "FAIL",
            "requirement": "CH-A",
            "exchanges": [{"sequence": 7}, {"sequence": 9}],
        },
        {"verdict": "FAIL", "requirement": "CH-A", "exchanges": [{"sequence": 12}]},
        {"verdict": "WAIVED", "requirement": "CH-C", "exchanges": []},
    ]
    assert parsing.pgassay(json.dumps({"findings": findings})) == (
        Failure("WARN HTTP-B", 3, gates=False),
        Failure("FAIL CH-A", 9),
    )
