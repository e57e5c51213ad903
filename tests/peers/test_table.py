"""The sample, the figures and the table of the comparison with the peers."""

import pytest

from benchmarks.peers.compare import sample
from benchmarks.peers.outcome import Failure, Outcome, outcome
from benchmarks.peers.table import first_new, render, wilson
from pgassay.mutants import MUTANTS


def run(*failures: Failure, requests: int = 50, harmed: tuple[str, ...] = ()) -> Outcome:
    return Outcome(failures, requests, 2.0, 1, capped=False, harmed=harmed, foreign=4)


def record(**subjects: Outcome) -> dict[str, object]:
    outcomes = {f"budget/Tool/{name}": each.document() for name, each in subjects.items()}
    head = {"seconds": 30, "cap": 300, "seed": 1, "versions": {"Tool": "1.0"}}
    return {**head, "outcomes": outcomes}


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 263, 0.255, 0.366)],
)
def test_wilson_agrees_with_published_intervals(
    found: int, of: int, low: float, high: float
) -> None:
    """The last row is an example of R. G. Newcombe, Statistics in Medicine 17, 1998, table I."""
    assert wilson(found, of) == pytest.approx((low, high), abs=0.001)


def test_nothing_is_known_of_an_empty_sample() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_smaller_sample_is_the_start_of_a_larger_one() -> None:
    assert sample(8) == sample(20)[:8]
    assert len(set(sample(20))) == 20


def test_only_mutants_written_by_hand_and_without_a_database_are_drawn() -> None:
    assert all(not MUTANTS[name].rule and MUTANTS[name].plane is None for name in sample(10_000))


def test_what_the_reference_gets_as_well_finds_nothing() -> None:
    faulty = run(Failure("known", 3), Failure("new", 8))
    assert first_new(faulty, frozenset({"known"}), warnings=False) == 8
    assert first_new(faulty, frozenset({"known", "new"}), warnings=False) is None


def test_a_warning_counts_only_where_warnings_are_asked_for() -> None:
    faulty = run(Failure("mere", 5, gates=False))
    assert first_new(faulty, frozenset(), warnings=False) is None
    assert first_new(faulty, frozenset(), warnings=True) == 5


def test_a_failure_without_a_place_counts_all_requests() -> None:
    assert first_new(run(Failure("new", 0), requests=70), frozenset(), warnings=False) == 70


def test_an_outcome_survives_the_record() -> None:
    whole = run(Failure("new", 8), harmed=("deleted service",))
    assert outcome(whole.document()) == whole


def test_the_table_subtracts_false_alarms_and_counts_harm() -> None:
    document = record(
        **{
            "reference 1": run(Failure("known", 3), harmed=("deleted service",)),
            "legal dbaas_delete=200": run(Failure("known", 3), Failure("other", 4)),
            "mutant A": run(Failure("known", 3), Failure("new", 8)),
            "mutant B": run(Failure("known", 3)),
        }
    )
    assert (
        "| Tool | 1.0 | 1 of 2 | 50% (9% to 91%) | 1 kinds, in 1 of 1 runs "
        "| 1 kinds, in 1 of 1 runs | 8 | 50 | 2 | 1 of 8 |" in render(document)
    )


def test_warnings_get_a_row_of_their_own() -> None:
    mere = run(Failure("mere", 5, gates=False))
    rendered = render(record(**{"reference 1": run(), "mutant A": mere}))
    assert "| Tool | 1.0 | 0 of 1 |" in rendered
    assert "| Tool, warnings as well | 1.0 | 1 of 1 |" in rendered


def test_each_mutant_is_told_with_the_request_that_found_it() -> None:
    document = record(
        **{
            "reference 1": run(Failure("known", 3)),
            "mutant A": run(Failure("known", 3), Failure("new", 8)),
            "mutant B": run(Failure("mere", 5, gates=False)),
            "mutant C": run(Failure("known", 3)),
        }
    )
    rows = render(document).splitlines()
    assert {"| A | request 8 |", "| B | warning at 5 |", "| C | not found |"} <= set(rows)
