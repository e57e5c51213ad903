"""One defect, one failure: what follows from another failure is blocked by it."""

from dataclasses import replace

from pgassay.results import ExchangeRecord, Finding, RequirementResult
from pgassay.run.consequence import without_consequences
from pgassay.verdict import Verdict

RULE, OTHER, GENERAL = "CH-RULE", "CH-OTHER", "CH-GENERAL"


def answer(sequence: int, status: int = 200, path: str = "/x") -> ExchangeRecord:
    url = f"http://h{path}"
    return ExchangeRecord(
        sequence, "test_x", "POST", url, {}, None, status, {}, "{}", "", 0.1, None, "curl"
    )


def finding(identifier: str, last: ExchangeRecord | None, title: str = "accepted") -> Finding:
    exchanges = (last,) if last else ()
    return Finding(identifier, Verdict.FAIL, "test_x", title, "4xx", "200", exchanges=exchanges)


def judged(
    *findings: Finding, verdicts: dict[str, Verdict] | None = None
) -> dict[str, RequirementResult]:
    """Judge requirements by their findings; each is FAIL unless `verdicts` says otherwise."""
    rows = []
    for name in dict.fromkeys(found.requirement for found in findings):
        at = tuple(i for i, found in enumerate(findings) if found.requirement == name)
        verdict = (verdicts or {}).get(name, Verdict.FAIL)
        row = RequirementResult(
            name, "clickhouse", "MUST", "quoted", "control", "", "It does.", "Doc: 1", verdict
        )
        rows.append(replace(row, findings=at))
    return {row.id: row for row in without_consequences(rows, findings, {GENERAL}, {})}


def test_a_general_requirement_follows_from_the_rule_that_the_same_answer_breaks() -> None:
    rows = judged(
        finding(GENERAL, answer(7), "the answer breaks its schema"), finding(RULE, answer(7))
    )

    assert rows[RULE].verdict is Verdict.FAIL
    assert rows[GENERAL].verdict is Verdict.BLOCKED
    assert rows[GENERAL].note == "follows from CH-RULE: the same answers"
    assert rows[GENERAL].findings


def test_a_general_requirement_with_an_answer_of_its_own_fails_by_itself() -> None:
    rows = judged(
        finding(RULE, answer(7)), finding(GENERAL, answer(7)), finding(GENERAL, answer(8))
    )

    assert rows[GENERAL].verdict is Verdict.FAIL


def test_two_rules_that_one_answer_breaks_differently_both_fail() -> None:
    rows = judged(finding(RULE, answer(7), "accepted"), finding(OTHER, answer(7), "a secret leaks"))

    assert {row.verdict for row in rows.values()} == {Verdict.FAIL}


def test_one_deviation_that_blames_several_requirements_is_one_failure() -> None:
    rows = judged(finding(OTHER, answer(7)), finding(RULE, answer(7)), finding(RULE, answer(8)))

    assert rows[RULE].verdict is Verdict.FAIL
    assert rows[OTHER].note == "follows from CH-RULE: the same answers"


def test_a_rule_does_not_follow_from_a_general_requirement() -> None:
    rows = judged(
        finding(GENERAL, answer(7)), finding(GENERAL, answer(8)), finding(RULE, answer(7))
    )

    assert rows[RULE].verdict is Verdict.FAIL


def test_one_crash_of_an_operation_is_one_failure_whatever_provoked_it() -> None:
    first = answer(7, 500, path="/x/96708aeb-6b3d-475b-a5d9-1b8d41a6c410")
    second = answer(9, 500, path="/x/e34771fa-fd16-4217-a18f-676aeab1dbf9?page=2")
    elsewhere = answer(11, 500, path="/y")
    rows = judged(
        finding(GENERAL, first), finding(GENERAL, elsewhere), finding(RULE, second, "not refused")
    )

    assert rows[GENERAL].verdict is Verdict.FAIL
    assert rows[RULE].verdict is Verdict.BLOCKED


def test_a_general_requirement_follows_from_several_rules_together() -> None:
    rows = judged(
        finding(RULE, answer(7)),
        finding(OTHER, answer(8)),
        finding(GENERAL, answer(7)),
        finding(GENERAL, answer(8)),
    )

    assert rows[GENERAL].note == "follows from CH-RULE, CH-OTHER: the same answers"


def test_a_warning_blocks_nothing() -> None:
    rows = judged(
        finding(RULE, answer(7)), finding(GENERAL, answer(7)), verdicts={RULE: Verdict.WARN}
    )

    assert rows[GENERAL].verdict is Verdict.FAIL


def test_what_follows_from_a_waived_failure_is_waived() -> None:
    rows = judged(
        finding(RULE, answer(7)), finding(GENERAL, answer(7)), verdicts={RULE: Verdict.WAIVED}
    )

    assert rows[GENERAL].verdict is Verdict.WAIVED


def test_findings_without_an_answer_explain_nothing() -> None:
    rows = judged(finding(RULE, None), finding(GENERAL, None))

    assert {row.verdict for row in rows.values()} == {Verdict.FAIL}
