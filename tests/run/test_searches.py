"""What was searched for under load counts with the objectives of its family."""

from dataclasses import replace

from pgassay.results import GrowthResult, RequirementResult, Results, RunInfo, TargetInfo
from pgassay.run.assembly import with_limits
from pgassay.verdict import Verdict

NOISY = "too noisy a machine: the same size took 65% more or less time"
ROW = RequirementResult(
    "DB-LOAD-SLO", "dbaas", "MUST", "operator", "load", "", "It keeps its objectives.", "",
    Verdict.PASS, checks=("load dbaas growth",),
)  # fmt: skip
RESULTS = Results(
    run=RunInfo("r", "n", "", "", 1.0, 0, "quick", "", "", "", ""),
    target=TargetInfo("t", "http://127.0.0.1", ("dbaas",), embedded=False, features={}),
    verdict=Verdict.PASS,
    exit_status=0,
    counts={},
    requirements=(ROW,),
    checks=(),
    findings=(),
)


def growth(operation: str, note: str) -> GrowthResult:
    """The growth of an operation that could not be judged."""
    return GrowthResult("dbaas", operation, (), "", None, None, None, "n",
                        Verdict.INCONCLUSIVE, note)  # fmt: skip


def test_what_holds_for_each_operation_is_said_once() -> None:
    found = (growth("read", NOISY), growth("list", f"{NOISY}; it may as well be n or n log n"))
    (row,) = with_limits(RESULTS, (), found).requirements
    assert row.verdict is Verdict.INCONCLUSIVE
    assert row.note == f"{NOISY}; it may as well be n or n log n"


def test_another_family_says_nothing_of_this_one() -> None:
    other = replace(growth("read", NOISY), family="clickhouse")
    (row,) = with_limits(RESULTS, (), (other,)).requirements
    assert (row.verdict, row.note) == (Verdict.PASS, "")
