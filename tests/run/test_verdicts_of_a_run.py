"""From what a check raises to verdict, finding and exit status."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pgassay.errors import SuiteBroken, UsageError
from pgassay.results import Results
from pgassay.target.model import Family, Target, Waiver
from pgassay.verdict import Verdict

from .conftest import HEAD, Run

RANGE = "DB-INST-CPU-RANGE"  # MUST, quoted
UNTOUCHED = "DB-INST-REJECT-UNTOUCHED"  # MUST, inferred
FAILING = f"""
@requirement("{RANGE}")
def test_fails(dbaas: DbaasApi) -> None:
    '''A cpu of 0 is refused.'''
    expect_status(dbaas.versions(), 418)
"""
PASSING = f"""
@requirement("{RANGE}")
def test_passes(dbaas: DbaasApi) -> None:
    '''Versions are listed.'''
    expect_success(dbaas.versions())
"""


def verdict(results: Results, identifier: str) -> Verdict:
    return next(row.verdict for row in results.requirements if row.id == identifier)


def test_a_check_that_holds_passes_its_requirement(run: Run) -> None:
    results = run(PASSING, requirements=(RANGE,))

    assert verdict(results, RANGE) is Verdict.PASS
    assert (results.exit_status, results.findings) == (0, ())


def test_a_deviation_from_a_quoted_must_fails_with_its_evidence(run: Run) -> None:
    results = run(FAILING, requirements=(RANGE,))

    (finding,) = results.findings
    assert (finding.requirement, finding.verdict) == (RANGE, Verdict.FAIL)
    assert finding.expected == "status 418"
    assert finding.exchanges[-1].status == 200
    assert finding.exchanges[-1].curl.startswith("curl ")
    assert "$PGASSAY_TOKEN" in finding.exchanges[-1].curl
    assert results.exit_status == 1


def test_a_deviation_from_an_inferred_must_only_warns(run: Run) -> None:
    results = run(FAILING.replace(RANGE, UNTOUCHED), requirements=(UNTOUCHED,))

    assert verdict(results, UNTOUCHED) is Verdict.WARN
    assert results.exit_status == 0


def test_a_deviation_may_blame_one_of_several_requirements(run: Run) -> None:
    source = f"""
    @requirement("{RANGE}", "{UNTOUCHED}")
    def test_x(dbaas: DbaasApi) -> None:
        '''x'''
        raise Deviation("t", "e", "a", "{UNTOUCHED}")
    """
    results = run(source, requirements=(RANGE, UNTOUCHED))

    assert verdict(results, UNTOUCHED) is Verdict.WARN
    assert verdict(results, RANGE) is Verdict.BLOCKED
    assert results.exit_status == 4


@pytest.mark.parametrize(
    ("raised", "expected", "status"),
    [
        ("NotTestable('no key')", Verdict.NOT_TESTABLE, 4),
        ("Blocked('x')", Verdict.BLOCKED, 4),
        ("Inconclusive('x')", Verdict.INCONCLUSIVE, 4),
        ("pytest.skip.Exception('x')", Verdict.NOT_TESTABLE, 4),
        ("AssertionError('x')", Verdict.FAIL, 1),
        ("RuntimeError('x')", Verdict.ERROR, 3),
    ],
)
def test_whatever_else_is_raised_has_its_verdict(
    run: Run, raised: str, expected: Verdict, status: int
) -> None:
    source = PASSING.replace("expect_success(dbaas.versions())", f"raise {raised}")
    results = run(source, requirements=(RANGE,))

    assert verdict(results, RANGE) is expected
    assert results.exit_status == status


def test_a_failed_prerequisite_blocks_and_is_reported_itself(run: Run) -> None:
    source = f"""
    @pytest.fixture
    def broken():
        raise Deviation("not ACTIVE", "ACTIVE", "NEW", "DB-INST-STATUS-REACHES-ACTIVE")

    @requirement("{RANGE}")
    def test_x(dbaas: DbaasApi, broken) -> None:
        '''x'''
    """
    results = run(source)

    assert verdict(results, RANGE) is Verdict.BLOCKED
    assert verdict(results, "DB-INST-STATUS-REACHES-ACTIVE") is Verdict.FAIL


def test_a_feature_that_is_not_claimed_is_not_applicable(run: Run) -> None:
    source = """
    @requirement("CH-RATE-LIMIT")
    def test_x(clickhouse: ClickhouseApi) -> None:
        '''x'''
        raise RuntimeError("must not run")
    """
    results = run(source, requirements=("CH-RATE-LIMIT",))

    assert verdict(results, "CH-RATE-LIMIT") is Verdict.NOT_APPLICABLE
    assert results.exit_status == 4  # nothing was judged


def test_what_is_not_applicable_does_not_disturb_what_comes_after(run: Run, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    later = HEAD + PASSING.replace("test_passes", "test_later")
    (tmp_path / "checks" / "test_zzz.py").write_text(later, encoding="utf-8")
    unclaimed = """
@requirement("CH-RATE-LIMIT")
def test_x(clickhouse: ClickhouseApi) -> None:
    '''x'''
"""
    results = run(PASSING + unclaimed)

    verdicts = [check.verdict for check in results.checks]
    assert verdicts == [Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.PASS]


@pytest.mark.parametrize(
    ("source", "expires", "expected"),
    [
        pytest.param(FAILING, date(2999, 1, 1), Verdict.WAIVED, id="in force"),
        pytest.param(FAILING, date(2001, 1, 1), Verdict.FAIL, id="expired"),
        pytest.param(PASSING, date(2999, 1, 1), Verdict.FAIL, id="stale"),
    ],
)
def test_a_waiver_excuses_until_it_expires_and_never_what_holds(
    run: Run, target: Target, source: str, expires: date, expected: Verdict
) -> None:
    waiver = Waiver(RANGE, "known", "me", expires)
    results = run(source, on=replace(target, waivers=(waiver,)), requirements=(RANGE,))

    assert verdict(results, RANGE) is expected


def test_a_selection_without_checks_is_an_error(run: Run) -> None:
    with pytest.raises(UsageError, match="select no check"):
        run(PASSING, requirements=("CH-ORG-LIST",))


def test_an_unknown_requirement_is_an_error_with_the_nearest_one(run: Run) -> None:
    with pytest.raises(UsageError, match=RANGE):
        run(PASSING, requirements=("DB-INST-CPU-RANG",))


def test_a_check_module_that_cannot_be_read_is_a_defect_of_the_suite(run: Run) -> None:
    with pytest.raises(SuiteBroken, match="test_own"):
        run("import does_not_exist_anywhere")


def test_fail_fast_stops_at_the_first_failure(run: Run) -> None:
    results = run(FAILING + PASSING, fail_fast=True)

    assert [check.id for check in results.checks] == ["test_own::test_fails"]
    assert not results.run.interrupted


def test_the_quick_profile_leaves_out_what_is_marked_full(run: Run) -> None:
    source = FAILING.replace("@requirement", "@full\n@requirement") + PASSING
    results = run(source)

    assert [check.id for check in results.checks] == ["test_own::test_passes"]


@pytest.mark.parametrize(
    ("mark", "kept"), [("", ["a", "d"]), ("@every_case\n", ["a", "b", "c", "d"])]
)
def test_the_quick_profile_takes_two_cases_but_every_limit(
    run: Run, mark: str, kept: list[str]
) -> None:
    table = '@pytest.mark.parametrize("case", ["a", "b", "c", "d"])\n'
    source = PASSING.replace("@requirement", f"{mark}{table}@requirement")
    source = source.replace("(dbaas: DbaasApi)", "(dbaas: DbaasApi, case: str)")

    assert [check.id for check in run(source).checks] == [
        f"test_own::test_passes[{case}]" for case in kept
    ]


def test_a_check_of_an_unknown_requirement_is_a_defect_of_the_suite(run: Run) -> None:
    with pytest.raises(SuiteBroken, match="NO-SUCH-THING"):
        run(PASSING.replace(RANGE, "NO-SUCH-THING"))


def test_a_failure_of_one_requirement_does_not_hide_what_other_checks_saw(run: Run) -> None:
    blaming = PASSING.replace(f'"{RANGE}"', f'"{RANGE}", "{UNTOUCHED}"')
    blaming = blaming.replace("test_passes", "test_blames")
    blaming = blaming.replace(
        "expect_success(dbaas.versions())", f"raise Deviation('t', 'e', 'a', '{UNTOUCHED}')"
    )
    results = run(blaming + PASSING, requirements=(RANGE, UNTOUCHED))

    assert verdict(results, RANGE) is Verdict.PASS


def test_a_case_may_have_a_slash_in_its_name(run: Run) -> None:
    source = f"""
    @requirement("{RANGE}")
    @pytest.mark.parametrize("path", ["/a/b"])
    def test_x(dbaas: DbaasApi, path: str) -> None:
        '''x'''
    """
    assert [check.id for check in run(source).checks] == ["test_own::test_x[/a/b]"]


def test_a_check_for_both_families_counts_for_the_one_that_it_examines(run: Run) -> None:
    results = run(
        """
        from pgassay.target.model import Family

        @pytest.mark.parametrize("family", list(Family))
        @requirement("HTTP-ACCEPT")
        def test_both(site, family):
            assert site.send("GET").succeeded
        """,
        families=(Family.DBAAS,),
    )
    assert [(check.family, str(check.verdict)) for check in results.checks] == [("dbaas", "PASS")]
