"""JUnit files are read by a parser that others wrote."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from pgassay.reporting import junit
from pgassay.results import CheckResult, Cleanup, Finding, Results
from pgassay.verdict import ExitStatus, Verdict

from .sample import brief, nothing, only_load, sample


def parsed(results: Results) -> JUnitXml:
    """Render and read back."""
    return JUnitXml.fromstring(junit.render(results).encode())


def cases(results: Results) -> Iterator[TestCase]:
    """Yield all test cases of the rendered file."""
    for suite in parsed(results):
        assert isinstance(suite, TestSuite)
        yield from suite


def outcome(case: TestCase) -> str:
    """Return passed, failure, error or skipped."""
    kinds = {Failure: "failure", Error: "error", Skipped: "skipped"}
    return kinds[type(case.result[0])] if case.result else "passed"


def outcomes(results: Results) -> Counter[str]:
    """Count the outcomes."""
    return Counter(map(outcome, cases(results)))


def green() -> Results:
    """A run in which everything holds."""
    whole = sample()
    return replace(
        whole,
        verdict=Verdict.PASS,
        exit_status=int(ExitStatus.CONFORMS),
        requirements=tuple(row for row in whole.requirements if row.verdict is Verdict.PASS),
        checks=tuple(check for check in whole.checks if check.verdict is Verdict.PASS),
        findings=(),
        load=(),
        cleanup=Cleanup(),
        counts={"MUST": {"PASS": 112}},
    )


def test_the_counts_written_are_those_of_the_cases() -> None:
    whole = parsed(sample())
    found = outcomes(sample())
    suites = [suite for suite in whole if isinstance(suite, TestSuite)]
    scopes: list[JUnitXml | TestSuite] = [whole, *suites]
    for scope in scopes:
        scope_tests, scope_failures = scope.tests, scope.failures
        scope_errors, scope_skipped = scope.errors, scope.skipped
        scope.update_statistics()  # type: ignore[no-untyped-call]
        assert (scope_tests, scope_failures) == (scope.tests, scope.failures)
        assert (scope_errors, scope_skipped) == (scope.errors, scope.skipped)
    assert whole.tests == sum(found.values())


def test_there_is_one_case_for_each_check_and_each_objective() -> None:
    results = sample()
    objectives = [slo for scenario in results.load for slo in scenario.slos]
    # CH-LOAD-SLO failed and no check stands for it.
    assert len(list(cases(results))) == len(results.checks) + len(objectives) + 1


def test_each_verdict_becomes_the_element_that_a_ci_system_understands() -> None:
    found = {name: outcome(case) for case in cases(sample()) for name in [case.classname]}
    assert found["conformance.clickhouse.test_svc_name_length"] == "failure"
    assert found["conformance.clickhouse.test_svc_tags_order"] == "passed"
    assert found["conformance.clickhouse.test_cdc_scale_settles"] == "error"
    assert found["conformance.dbaas.test_inst_resize_down"] == "passed"
    assert found["conformance.clickhouse.test_rule_000"] == "passed"


def test_an_open_question_about_a_recommendation_is_skipped() -> None:
    results = green()
    row, check = results.requirements[2], results.checks[2]
    assert row.level == "SHOULD"
    opened = replace(
        results,
        requirements=(replace(row, verdict=Verdict.NOT_TESTABLE),),
        checks=(replace(check, verdict=Verdict.NOT_TESTABLE, note="no credential"),),
    )
    (case,) = cases(opened)
    assert outcome(case) == "skipped"
    assert "no credential" in case.result[0].message


def test_a_failure_tells_requirement_expected_actual_and_how_to_repeat_it() -> None:
    (case,) = (
        case
        for case in cases(sample())
        if case.name == "test_it" and "user_grant" in case.classname
    )
    message = case.result[0].message
    assert "DB-USER-GRANT-UNKNOWN-DB" in message


def test_what_a_monitor_found_fails_although_every_check_passed() -> None:
    results = green()
    row = replace(results.requirements[0], verdict=Verdict.FAIL, findings=(0,))
    seen = Finding(
        row.id, Verdict.FAIL, results.checks[0].id, "A clock ran backwards", "later", "t"
    )
    found = list(
        cases(
            replace(
                results,
                exit_status=int(ExitStatus.FAILED),
                requirements=(row, *results.requirements[1:]),
                findings=(seen,),
            )
        )
    )
    (red,) = (case for case in found if outcome(case) == "failure")
    assert red.name == row.id
    assert "A clock ran backwards" in (red.result[0].text or "")


def test_a_conforming_run_has_no_red_case() -> None:
    assert set(outcomes(green())) == {"passed"}


def test_a_red_run_has_a_red_case_whatever_made_it_red() -> None:
    for status in set(ExitStatus) - {ExitStatus.CONFORMS}:
        found = outcomes(replace(green(), exit_status=int(status)))
        assert found["failure"] + found["error"] == 1
    assert outcomes(nothing()) == {"error": 1}


def test_a_run_of_load_alone_has_a_case_for_each_objective() -> None:
    assert outcomes(only_load()) == {"failure": 2, "passed": 4, "error": 2}


BRIEF = brief()


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=60))
def test_no_text_breaks_the_document(text: str) -> None:
    results = BRIEF
    check = CheckResult(text, text, text, text, (text,), Verdict.FAIL, 0.1, 1, text)
    finding = Finding(text, Verdict.FAIL, text, text, text, text, text)
    row = replace(results.requirements[0], id=text, statement=text, findings=(0,), note=text)
    spoiled = replace(results, checks=(check,), findings=(finding,), requirements=(row,))
    assert len(list(cases(spoiled))) == 5
    junit.render(spoiled).encode()
