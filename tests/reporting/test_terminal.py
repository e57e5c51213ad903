"""What the terminal shows at the end of a run."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from pgassay.reporting.terminal import render
from pgassay.results import Cleanup, ResourceRecord, Results
from pgassay.verdict import ExitStatus, Verdict

from .sample import nothing, only_load, sample


def shown(results: Results, reports: dict[str, Path] | None = None) -> str:
    """Return what a terminal of 100 columns without colours shows."""
    file = StringIO()
    render(results, Console(file=file, width=100, color_system=None), reports)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def small() -> Results:
    """One failure, one requirement that holds, one that could not be judged."""
    whole = sample()
    rows = (whole.requirements[0], whole.requirements[8], whole.requirements[-1])
    return replace(
        whole,
        requirements=rows,
        counts={"MUST": {"FAIL": 1, "NOT_TESTABLE": 1}, "MAY": {"PASS": 1}},
        load=(),
        cleanup=Cleanup(),
    )


SNAPSHOT = """\
FAIL CH-SVC-NAME-LENGTH  MUST, clickhouse
    A service name of more than 50 characters is rejected with 400.
    source: OpenAPI document, #/components/schemas/PostgresService/name
    what       A name of 51 characters was accepted
    operation  POST /v1/organizations/{organizationId}/postgres
    expected   400 Bad Request
    actual     200 OK, and the service is being created
    answer     {"result": {"id": "c0ffee00-1111-4222-8333-444455556666", "name":
               "pga-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "state": "creating", "size":
               "r6gd.medium", "haType": "none", "tags": []}, "status": 200, "requestId":
               "8f14e45f-ea2b-…  at /result/name
    seen in    conformance/clickhouse/test_svc_name_length.py::test_it
    repeat     CURL
    alone      pgassay check --requirement CH-SVC-NAME-LENGTH --target staging.toml --seed 42

Not judged (1 of 3)
  CH-TENANT-ISOLATION: the target file has no credential other_tenant

level       passed / judged / all  failed  warned  waived  not judged  left out
───────────────────────────────────────────────────────────────────────────────
MUST                    0 / 1 / 2       1       0       0           1         0
MAY                     1 / 1 / 1       0       0       0           0         0

all levels              1 / 2 / 3       1       0       0           1         0

2,216 requests in 6 min 18 s, 5.86 a second
report.html: report.html
Does not conform. 1 of 1 judged MUST requirement is violated. 1 of 2 MUST requirements could not be
judged. Exit status 1."""


def test_failures_come_first_and_the_verdict_last() -> None:
    curl = sample().findings[0].exchanges[-1].curl
    text = shown(small(), {"report.html": Path("report.html")})
    assert text.replace(curl, "CURL") == SNAPSHOT


def test_a_command_to_copy_is_never_wrapped() -> None:
    lines = shown(sample()).splitlines()
    for finding in sample().findings[:3]:
        assert any(line.endswith(finding.exchanges[-1].curl) for line in lines)


def test_a_setting_that_was_not_put_back_is_found_by_its_path() -> None:
    setting = ResourceRecord("clickhouse", "setting", "", "", "/v1/scaling", "not put back")
    unknown = ResourceRecord("dbaas", "instance", "", "pga_1", "/instances/", "no answer")
    left = replace(sample(), cleanup=Cleanup(1, 0, (setting, unknown), "pgassay sweep RUN"))
    assert "  setting /v1/scaling: not put back\n  instance pga_1: no answer\n" in shown(left)


def test_leftovers_come_with_the_command_that_removes_them() -> None:
    text = shown(sample())
    assert "1 resource left behind" in text
    assert sample().cleanup.command in text


def test_load_shows_each_objective_with_its_interval() -> None:
    text = shown(only_load())
    assert "create p95 <= 0.05 s: 71.2 ms [65.1 to 80.3 ms] in 800 samples" in text
    assert text.splitlines()[-1].startswith("Misses its service levels.")


def test_nothing_judged_is_never_shown_as_a_success() -> None:
    last = shown(nothing()).splitlines()[-1]
    assert last.startswith("Inconclusive. Nothing was judged")
    assert last.endswith("Exit status 4.")


def test_no_share_goes_without_what_it_is_a_share_of() -> None:
    conforms = replace(small(), exit_status=int(ExitStatus.CONFORMS), verdict=Verdict.PASS)
    assert "%" not in shown(conforms)


SMALL = small()


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=40))
def test_no_text_steers_the_terminal(text: str) -> None:
    results = SMALL
    spoiled = replace(results.findings[0], title=text, expected=text, actual=text, check=text)
    row = replace(results.requirements[1], note=text)
    rows = (results.requirements[0], row, results.requirements[2])
    out = shown(replace(results, findings=(spoiled,), requirements=rows, note=text))
    assert all(line.isprintable() for line in out.splitlines())
    out.encode()


def test_markup_of_the_terminal_library_stays_text() -> None:
    results = small()
    spoiled = replace(results.findings[0], title="[bold]x[/bold] [/red] :smile:")
    assert "[bold]x[/bold] [/red] :smile:" in shown(replace(results, findings=(spoiled,)))
