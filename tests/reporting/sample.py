"""A realistic outcome of a run, as its reports would have to show it."""

import math
import random
from collections import Counter, defaultdict
from dataclasses import replace

from pgassay.curl import command
from pgassay.exchange import Request
from pgassay.results import (
    CheckResult,
    Cleanup,
    Duration,
    ExchangeRecord,
    Finding,
    LoadFinding,
    LoadOperation,
    LoadScenario,
    OperationTraffic,
    Percentile,
    RequirementResult,
    ResourceRecord,
    Results,
    RunInfo,
    SloResult,
    TargetInfo,
)
from pgassay.verdict import ExitStatus, Verdict

BASE = "https://api.staging.example.test"
SERVICES = f"{BASE}/v1/organizations/5f1d/postgres"

#: id, level, basis, verdict, statement, note
ROWS = [
    ("CH-SVC-NAME-LENGTH", "MUST", "quoted", "FAIL",
     "A service name of more than 50 characters is rejected with 400.", ""),
    ("CH-PASSWORD-ONCE", "MUST", "quoted", "FAIL",
     "Only the answer that sets a password contains it; reading a service never does.", ""),
    ("DB-USER-GRANT-UNKNOWN-DB", "MUST", "quoted", "FAIL",
     "A user cannot be granted a database that the instance does not have.", ""),
    ("HTTP-REQUEST-ID", "SHOULD", "inferred", "WARN",
     "Answers with an error carry an id by which the operator finds the request.", ""),
    ("CH-SVC-TAGS-ORDER", "SHOULD", "quoted", "WARN", "Tags come back in the order given.", ""),
    ("HTTP-ALLOW-ON-405", "SHOULD", "inferred", "WARN",
     "A 405 answer lists the methods that exist in Allow.", ""),
    ("CH-CDC-SCALE-SETTLES", "MUST", "quoted", "INCONCLUSIVE",
     "A new pair of CPU and memory is in effect once scaling has come to an end.",
     "no answer within 30 s to GET /v1/organizations/5f1d/services/9a/clickpipes"),
    ("DB-INST-DELETE-USERS", "MUST", "quoted", "BLOCKED",
     "Deleting an instance removes its users.",
     "not judged by its check: DB-USER-GRANT-UNKNOWN-DB failed there first"),
    ("CH-TENANT-ISOLATION", "MUST", "quoted", "NOT_TESTABLE",
     "A key of another organisation sees none of this one's services.",
     "the target file has no credential other_tenant"),
    ("CH-SVC-RESTORE", "MUST", "quoted", "NOT_APPLICABLE",
     "A service is restored to a point in time.", "the target does not claim the feature restore"),
    ("DB-INST-RESIZE-DOWN", "MUST", "quoted", "WAIVED", "A disk cannot shrink.",
     "Fixed in release 41 (owner storage-team, expires 2030-01-31)"),
    ("CH-LOAD-SLO", "MUST", "quoted", "FAIL", "The service levels hold under the stated load.",
     "crud-create-p95 is missed"),
]  # fmt: skip
TOPICS = ["a provider outside the list", "a missing region", "a size that is not offered",
          "an unknown member of the body", "a version that is not offered",
          "an empty name", "a body that is not JSON", "an unknown id in the path"]  # fmt: skip


def check_of(identifier: str) -> str:
    """The name of the check that judges a requirement."""
    family = "dbaas" if identifier.startswith("DB") else "clickhouse"
    return f"conformance/{family}/test_{identifier[3:].lower().replace('-', '_')}.py::test_it"


def exchange(
    sequence: int, method: str, path: str, status: int, request: str | None, answer: str
) -> ExchangeRecord:
    """One piece of evidence."""
    headers = {"content-type": "application/json"} if request else {}
    body = request.encode() if request else None
    sent = Request(
        method, path, headers, body, family="dbaas" if "instances" in path else "clickhouse"
    )
    return ExchangeRecord(
        sequence=sequence,
        check="conformance/clickhouse/test_services.py::test_long_name",
        method=method,
        url=f"{SERVICES}{path}",
        request_headers=headers,
        request_body=request,
        status=status,
        answer_headers={"content-type": "application/json", "x-request-id": f"req-{sequence:06}"},
        answer_body=answer,
        sent_at="2026-03-04T09:12:07.120+00:00",
        duration=0.0412 + sequence / 1000,
        failure=None if status else "the connection was closed before an answer came",
        curl=command(sent, f"{SERVICES}{path}"),
    )


def findings() -> tuple[Finding, ...]:
    """The deviations that `ROWS` speaks of, in their order."""
    name = "pga-" + "n" * 47
    created = (
        '{"result": {"id": "c0ffee00-1111-4222-8333-444455556666", "name": "' + name + '",'
        ' "state": "creating", "size": "r6gd.medium", "haType": "none", "tags": []},'
        ' "status": 200, "requestId": "8f14e45f-ea2b-4c57-9e0c-1d3d5f0a7b11"}'
    )
    body = f'{{"name": "{name}", "provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}}'
    long_name = (
        exchange(41, "POST", "", 200, body.replace("n" * 47, "n" * 46), created),
        exchange(42, "POST", "", 200, body, created),
    )
    reading = exchange(
        97, "GET", "/c0ffee00", 200, None,
        '{"result": {"id": "c0ffee00", "password": "<Secret-0123456789abc>", "state": "running"}}',
    )  # fmt: skip
    grant = exchange(
        188, "POST", "/instances/7/users", 201,
        '{"username": "pga_u1", "password": "<Secret-00f0f0f0f0f0f>",'
        ' "databases": [{"name": "x"}]}',
        '{"id": "u-1", "status": "NEW"}',
    )  # fmt: skip
    missing = exchange(
        12,
        "GET",
        "/no-such-id",
        404,
        None,
        '{"status": 404, "error": "NOT_FOUND: no such service"}',
    )
    fail, warn = Verdict.FAIL, Verdict.WARN
    made = (
        Finding("CH-SVC-NAME-LENGTH", fail, "", "A name of 51 characters was accepted",
                "400 Bad Request", "200 OK, and the service is being created",
                "POST /v1/organizations/{organizationId}/postgres", 1, long_name, "/result/name"),
        Finding("CH-PASSWORD-ONCE", fail, "",
                "A secret came back when the service was read",
                "no member `password` in result", "result.password holds 24 characters",
                "GET /v1/organizations/{organizationId}/postgres/{postgresId}", 212, (reading,),
                "/result/password"),
        Finding("DB-USER-GRANT-UNKNOWN-DB", fail, "",
                "A grant on a database that does not exist was accepted",
                "400 or 404, and no user pga_u1 in the listing", "201, and user pga_u1 is listed",
                "POST /v1/postgres/instances/{id}/users", 1, (grant,)),
        Finding("HTTP-REQUEST-ID", warn, "", "An error came without a request id",
                "a member requestId", '{"status": 404, "error": "NOT_FOUND: no such service"}',
                "GET /v1/organizations/{organizationId}/postgres/{postgresId}", 38, (missing,)),
        Finding("CH-SVC-TAGS-ORDER", warn, "", "Tags came back sorted by key",
                '[{"key":"team"},{"key":"env"}]', '[{"key":"env"},{"key":"team"}]', "", 4, ()),
        Finding("HTTP-ALLOW-ON-405", warn, "", "A 405 answer has no Allow header",
                "Allow: GET, POST", "no Allow header", "PUT /v1/postgres/instances", 2, ()),
    )  # fmt: skip
    return tuple(replace(finding, check=check_of(finding.requirement)) for finding in made)


def requirements() -> tuple[RequirementResult, ...]:
    """Those of `ROWS`, and many that simply hold."""
    positions = defaultdict(list)
    for index, finding in enumerate(findings()):
        positions[finding.requirement].append(index)
    rows = [
        _row(identifier, level, basis, Verdict(verdict), statement, note, positions[identifier])
        for identifier, level, basis, verdict, statement, note in ROWS
    ]
    for number in range(112):
        family, level = ("CH", "DB")[number % 2], ("MUST", "MUST", "SHOULD", "MAY")[number % 4]
        topic = TOPICS[number % len(TOPICS)]
        rows.append(
            _row(f"{family}-RULE-{number:03}", level, "quoted", Verdict.PASS,
                 f"A request with {topic} is rejected with 400 and changes nothing.", "", [])
        )  # fmt: skip
    return tuple(rows)


def _row(identifier: str, level: str, basis: str, verdict: Verdict, statement: str, note: str,
         positions: list[int]) -> RequirementResult:  # fmt: skip
    family = "dbaas" if identifier.startswith("DB") else "clickhouse"
    names = (check_of(identifier),)
    return RequirementResult(
        id=identifier, family=family, level=level, basis=basis,
        plane="load" if "LOAD" in identifier else "control",
        feature="restore" if "RESTORE" in identifier else "",
        statement=statement, source="OpenAPI document, #/components/schemas/PostgresService/name",
        verdict=verdict, note=note,
        checks=() if verdict is Verdict.NOT_APPLICABLE else names,
        findings=tuple(positions), observations=1840 if identifier.startswith("HTTP") else 0,
    )  # fmt: skip


def checks() -> tuple[CheckResult, ...]:
    """One check for each requirement that was examined by one, and one that broke nothing."""
    made = []
    for number, row in enumerate(requirements()):
        for name in row.checks:
            found = [f for f in findings() if f.requirement == row.id]
            title = found[0].title if found else row.statement
            verdict = Verdict.FAIL if row.verdict is Verdict.WAIVED else row.verdict
            if row.plane != "load":
                made.append(
                    CheckResult(name, title, "check", row.family, (row.id,), verdict,
                                0.05 * (number % 7) + 0.012, 3 + number % 5, row.note)
                )  # fmt: skip
    return tuple(made)


def operation(name: str, middle: float, samples: int, failed: int = 0) -> LoadOperation:
    """Latencies spread log-normally around `middle` seconds."""
    spread = random.Random(name)
    values = sorted(middle * math.exp(spread.gauss(0, 0.5)) for _ in range(samples))
    bounds = Counter(max(math.ceil(math.log2(value / 0.001)), 0) for value in values)

    def at(share: float) -> float:
        return values[min(int(share * samples), samples - 1)]

    points = tuple(
        Percentile(
            q, at(q / 100), at(max(q / 100 - 0.02, 0)), at(q / 100 + 0.02) if q < 98 else None
        )
        for q in (50.0, 90.0, 95.0, 99.0)
    )
    return LoadOperation(
        name=name, offered=samples + 3, sent=samples, dropped=3, succeeded=samples - failed,
        failed=failed, throttled=2, unfinished=0, statuses={"200": samples - failed, "503": failed},
        errors={}, percentiles=points, maximum=values[-1], mean=sum(values) / samples,
        histogram=tuple((0.001 * 2**step, bounds[step]) for step in range(max(bounds) + 1)),
    )  # fmt: skip


def scenario(family: str = "clickhouse") -> LoadScenario:
    """Two minutes of load with a stall in the middle."""
    noise = random.Random(family)
    timeline = []
    for second in range(120):
        stalled = 60 <= second < 72
        middle = 0.02 * (1 + noise.random() / 2) + (0.4 - 0.03 * (second - 60) if stalled else 0)
        done = 20 - (14 if stalled else noise.choice((0, 0, 0, 1)))
        timeline.append({
            "t": float(second), "offered": 20.0, "completed": float(done),
            "failed": 3.0 if stalled else 0.0,
            "p50": middle, "p95": middle * 2.4, "p99": middle * (3 + noise.random()),
        })  # fmt: skip
    name = "crud_lifecycle"
    return LoadScenario(
        family=family, scenario=name, rate=20.0, duration=120.0, seed=42,
        verdict=Verdict.FAIL, note="3 dropped: no free worker", offered=2400, sent=2397, dropped=3,
        operations=(operation("create", 0.031, 800, 12), operation("read", 0.012, 900),
                    operation("list", 0.048, 400), operation("delete", 0.022, 297)),
        slos=(
            SloResult("crud-create-p95", name, "create", "p95 <= 0.05 s", 0.05, 0.0712, 0.0651,
                      0.0803, 800, Verdict.FAIL, "even the lower bound, 0.065 s, breaks the limit"),
            SloResult("crud-read-p95", name, "read", "p95 <= 0.05 s", 0.05, 0.0271, 0.0249, 0.0302,
                      900, Verdict.PASS, ""),
            SloResult("crud-delete-p99", name, "delete", "p99 <= 0.1 s", 0.1, 0.081, 0.07, None,
                      297, Verdict.INCONCLUSIVE, "297 samples, 368 are needed"),
            SloResult("crud-errors", name, "*", "errors <= 1.000%", 0.01, 0.005, None, None, 2397,
                      Verdict.PASS, "12 of 23 allowed errors in 2397 requests"),
        ),
        timeline=tuple(timeline),
        generator={"lag_p50": 0.0002, "lag_p99": 0.0018, "lag_max": 0.0112, "cpu": 0.31},
        lifecycle=(operation("time to running", 0.31, 800), operation("time to gone", 0.09, 297)),
        created=800, removed=799,
        ledger=(
            LoadFinding("lost create", "'pga 7f3a 0412' (c0ffee01)",
                        "its creation was acknowledged, and it is not there",
                        ("#412 POST /v1/organizations/5f1d/postgres -> 200",)),
        ),
    )  # fmt: skip


def sample() -> Results:
    """A run with failures, warnings, open questions, load and a leak."""
    rows = requirements()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row.level][str(row.verdict)] += 1
    left = ResourceRecord("clickhouse", "service", "c0ffee00-1111-4222-8333-444455556666",
                          "pga-7f3a-00017", "/v1/organizations/5f1d/postgres/c0ffee00",
                          "DELETE was answered with 503 three times")  # fmt: skip
    return Results(
        run=RunInfo(
            id="20260304T091144Z-7f3a", nonce="7f3a", started="2026-03-04T09:11:44+00:00",
            finished="2026-03-04T09:18:02+00:00", duration=378.4, seed=42, profile="full",
            command="pgassay certify --target staging.toml --profile full --seed 42",
            pgassay="0.9.0", python="3.11.9",
            specification="3d2c1b0a9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817060504",
        ),
        target=TargetInfo("staging", BASE, ("clickhouse", "dbaas"), embedded=False,
                          features={"cdc": True, "restore": False, "metrics": True}),
        verdict=Verdict.FAIL, exit_status=int(ExitStatus.FAILED),
        counts={level: dict(counter) for level, counter in counts.items()},
        requirements=rows, checks=checks(), findings=findings(),
        traffic=(
            OperationTraffic("postgresServiceCreate", "clickhouse", 212, {"200": 41, "400": 171},
                             0.018, 0.044, 0.391),
            OperationTraffic("postgresServiceGet", "clickhouse", 1840, {"200": 1733, "404": 107},
                             0.006, 0.013, 0.204),
            OperationTraffic("createInstance", "dbaas", 164, {"201": 22, "400": 138, "409": 4},
                             0.011, 0.029, 0.120),
        ),
        durations=(Duration("clickhouse", "service create to running", 291.0, 302.5),
                   Duration("clickhouse", "service delete to gone", 58.8, 61.2),
                   Duration("dbaas", "instance create to ACTIVE", 299.0, 309.0)),
        load=(scenario(),),
        cleanup=Cleanup(63, 62, (left,), "pgassay sweep reports/runs/20260304T091144Z-7f3a"
                                         " --target staging.toml"),
        requests=2216,
    )  # fmt: skip


def brief() -> Results:
    """As `sample`, with the few requirements that did not simply hold."""
    whole = sample()
    return replace(whole, requirements=whole.requirements[:12], checks=whole.checks[:11])


def nothing() -> Results:
    """A run that selected no requirement at all."""
    whole = sample()
    return Results(
        run=whole.run, target=whole.target, verdict=Verdict.INCONCLUSIVE,
        exit_status=int(ExitStatus.INCONCLUSIVE), counts={}, requirements=(), checks=(),
        findings=(),
    )  # fmt: skip


def only_load() -> Results:
    """A run that applied load and examined nothing else."""
    whole = sample()
    return Results(
        run=whole.run, target=whole.target, verdict=Verdict.FAIL,
        exit_status=int(ExitStatus.FAILED), counts={}, requirements=(), checks=(), findings=(),
        load=(scenario(), scenario("dbaas")),
    )  # fmt: skip
