"""Reported figures are compared as promised: right ones hold, wrong ones do not; no processes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pgassay.calibration.cases import CASES, KINDS, Case
from pgassay.calibration.choice import LAWS, law, read
from pgassay.calibration.comparison import SHARES, Evidence, Row, Verdict, compare
from pgassay.calibration.faults import FAULTS
from pgassay.calibration.reported import Finding, Operation, Reported
from pgassay.calibration.theory import Queue, nearest_rank, poisson, responses
from pgassay.calibration.truth import Account, Early, Injected, Report, Samples, Times
from pgassay.cli.calibrate import Calibration, calibrate, conclude

CASE = Case(
    "queue",
    "",
    "crud_lifecycle",
    rate=40.0,
    seconds=20.0,
    laws=("create=queue:servers=1,mean=0.0125",),
    active=0.4,
    timed=("create",),
    planned=("create",),
    theory={"create": Queue(40.0, 1, 0.0125).quantile},
    slopes={"create": 0.0},
)
SILENT = Times({"p50": 0.0, "p90": 0.0, "p99": 0.0}, 0.0, 0.0)


def evidence(case: Case = CASE, lateness: float = 0.0, **changes: Any) -> Evidence:
    """A flawless report of a flawless server, but for what a test changes."""
    arrivals = poisson(case.rate, case.seconds, "plan")
    times = responses(law(read(case.laws[0], "", LAWS), "1"), arrivals)
    create = Operation(
        requests=800,
        sent=800,
        percentiles={share: nearest_rank(times, share) for share in SHARES},
        samples=tuple(zip(arrivals, times, strict=True)),
        statuses={"201": 800},
        slope=0.0001,
    )
    reported = Reported({"create": create}, active=((0.35, 0.41), (0.39, 0.5)), lag=lateness)
    truth = Report({"create": Account(800, 0, {"201": 800}, SILENT, SILENT)}, (), (), 0)
    samples = Samples([1000 + each for each in arrivals], times, [201] * 800)
    whole = Evidence(case, reported, truth, {"create": samples}, "1")
    return replace(whole, **changes)


def altered(**changes: Any) -> Evidence:
    """The flawless evidence with another report of creations."""
    whole = evidence()
    create = replace(whole.reported.of("create"), **changes)
    return replace(whole, reported=replace(whole.reported, operations={"create": create}))


def bad(whole: Evidence) -> dict[str, Verdict]:
    """The figures that do not hold."""
    rows = compare(whole)
    return {row.figure: row.verdict for row in rows if row.verdict is not Verdict.HOLDS}


def scaled(factor: float) -> Mapping[float, float | None]:
    percentiles = evidence().reported.of("create").percentiles
    return {share: (value or 0.0) * factor for share, value in percentiles.items()}


def test_a_right_report_holds_in_everything() -> None:
    """Counts, percentiles, theory, slope, time to active and findings agree."""
    rows = list(compare(evidence()))
    assert bad(evidence()) == {}
    assert {row.figure for row in rows} >= {
        "requests received",
        "create p99, server's record",
        "create p99, law on the plan",
        "create p99, theory",
        "create slower by",
        "time to active",
        "findings invented",
    }


def test_one_request_too_few_is_wrong() -> None:
    """Counts are compared to the unit, and the row names both."""
    rows = {row.figure: row for row in compare(altered(requests=799))}
    assert rows["requests received"].verdict is Verdict.WRONG
    assert rows["requests received"].note == "create 800, not 799"


def test_percentiles_may_be_off_by_three_percent_and_no_more() -> None:
    """What is scaled by 2 % holds; by 10 % it is wrong by both sources of truth."""
    assert bad(altered(percentiles=scaled(1.02))) == {}
    wrong = bad(altered(percentiles=scaled(1.1)))
    assert wrong["create p99, server's record"] is Verdict.WRONG
    assert wrong["create p99, law on the plan"] is Verdict.WRONG


def test_a_percentile_that_is_not_shown_is_wrong() -> None:
    """The cases have enough samples for each percentile that they ask for."""
    assert "create p50, theory" in bad(altered(percentiles={}))


def test_a_late_generator_is_not_judged_by_what_its_lateness_explains() -> None:
    """A small deviation of a late generator stays open; a large one is wrong all the same."""

    def verdicts(lag: float, factor: float) -> set[Verdict]:
        whole = altered(percentiles=scaled(factor))
        return set(bad(replace(whole, reported=replace(whole.reported, lag=lag))).values())

    assert verdicts(0.01, 1.1) == {Verdict.LATE}
    assert Verdict.WRONG in verdicts(0.0005, 1.1)
    assert Verdict.WRONG in verdicts(0.001, 3.0)


def test_a_closed_loop_is_noticed() -> None:
    """Who sends only what is answered agrees with the server's record, and not with the plan.

    A generator that waits out a stall records one long answer instead of a hundred.
    """
    stalled = replace(CASE, laws=("create=stall:service=0.01,at=8,seconds=4",), theory={})
    whole = evidence(stalled)
    waiting = tuple((moment, 0.01) for moment, _ in whole.reported.of("create").samples)
    percentiles = dict.fromkeys(SHARES, 0.01)
    create = replace(whole.reported.of("create"), samples=waiting, percentiles=percentiles)
    samples = replace_samples(whole.samples["create"])
    closed = replace(
        whole,
        reported=replace(whole.reported, operations={"create": create}),
        samples={"create": samples},
    )
    assert set(bad(closed)) == {"create p90, law on the plan", "create p99, law on the plan"}


def replace_samples(samples: Samples) -> Samples:
    return Samples(samples.arrived, [0.01] * len(samples.service), samples.status)


def test_a_leak_that_is_not_there_is_not_reported() -> None:
    """A slope in the report of a steady server is wrong."""
    assert bad(altered(slope=0.002)) == {"create slower by": Verdict.WRONG}
    assert bad(altered(slope=None)) == {"create slower by": Verdict.WRONG}
    assert bad(altered(slowing=True)) == {"slowing down": Verdict.WRONG}


def test_a_leak_must_be_called_slowing_down() -> None:
    """Its slope alone is not enough: users read the finding."""
    leaking = replace(CASE, slopes={"create": 0.0001})
    assert bad(evidence(leaking)) == {"slowing down": Verdict.WRONG}


@pytest.mark.parametrize("interval", [(0.0, 0.39), (0.41, 0.6)])
def test_an_interval_without_the_time_to_active_is_wrong(interval: tuple[float, float]) -> None:
    """Every instance became ACTIVE at the known time, so that each interval must hold it."""
    whole = evidence()
    reported = replace(whole.reported, active=(*whole.reported.active, interval))
    assert bad(replace(whole, reported=reported)) == {"time to active": Verdict.WRONG}


@pytest.mark.parametrize(("fault", "kind"), KINDS.items())
def test_a_fault_must_be_found_by_its_own_kind(fault: str, kind: str) -> None:
    """The right kind about the right instance holds; another kind, or none, does not."""

    def verdict(*findings: Finding) -> dict[str, Verdict]:
        whole = evidence()
        injected = (Injected(fault, "create", "id-1", "name-1", 0.0),)
        return bad(
            replace(
                whole,
                truth=msgspec.structs.replace(whole.truth, faults=injected),
                reported=replace(whole.reported, findings=findings),
            )
        )

    assert verdict(Finding(kind, "about id-1")) == {}
    assert verdict(Finding("something else", "about id-1")) == {kind: Verdict.WRONG}
    assert verdict() == {kind: Verdict.WRONG}
    invented = verdict(Finding(kind, "about id-1"), Finding(kind, "about id-2"))
    assert invented == {"findings invented": Verdict.WRONG}


def test_refusals_are_counted_and_their_wait_is_kept() -> None:
    """Throttled, failed and broken requests agree with the server; nobody came too early."""
    whole = evidence()
    account = Account(800, 0, {"0": 3, "201": 770, "429": 20, "500": 7}, SILENT, SILENT)
    early = (Early("create", "/x", 0.5),)
    truth = msgspec.structs.replace(whole.truth, operations={"create": account}, early=early)
    statuses = [201] * 770 + [429] * 20 + [500] * 7 + [0] * 3
    samples = Samples([float(number) for number in range(800)], [0.01] * 800, statuses)
    create = replace(
        whole.reported.of("create"), statuses={"201": 770, "429": 20, "500": 8}, unanswered=2
    )
    reported = replace(whole.reported, operations={"create": create})
    wrong = bad(replace(whole, truth=truth, reported=reported, samples={"create": samples}))
    assert set(wrong) >= {"errors", "resets", "came before Retry-After"}
    assert "throttled" not in wrong


def test_a_run_without_a_report_is_wrong_and_says_why() -> None:
    """What broke is the one row."""
    (row,) = compare(evidence(reported=Reported({}, trouble="it broke")))
    assert (row.verdict, row.note) == (Verdict.WRONG, "it broke")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_shipped_cases_can_be_run_and_judged(case: Case) -> None:
    """Their laws and faults exist, and their samples carry every percentile that they ask for."""
    for text in case.laws:
        read(text, "--law", LAWS)
    for text in case.faults:
        read(text, "--fault", FAULTS)
    assert all(case.law(operation) for operation in (*case.planned, *case.theory))
    assert not case.timed or case.rate * case.seconds * (1 - max(SHARES)) >= 1


def test_no_case_at_all_proves_nothing(tmp_path: Path) -> None:
    """Without a comparison the status is that of a failure, and the file says so."""
    found = calibrate(tmp_path, 1, cases=())
    assert (found.rows, conclude(found, tmp_path)) == ((), 1)
    assert msgspec.json.decode((tmp_path / "calibration.json").read_bytes())["comparisons"] == []


@pytest.mark.parametrize(
    ("verdicts", "status", "word"),
    [
        ((), 4, "Interrupted"),
        ((Verdict.HOLDS,), 4, "All 1 figures of the cases until then hold"),
        ((Verdict.WRONG,), 1, "do not trust"),
    ],
)
def test_an_interrupted_calibration_tells_what_it_knows_and_is_never_a_good_one(
    verdicts: tuple[Verdict, ...],
    status: int,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Cases that came to their end are in the table and the file, though the next was cut off."""
    rows = [Row("case", "figure", 0.1, 0.2, 0.3, each, "s") for each in verdicts]
    ends = iter([[row] for row in rows])

    def compared(*_: object) -> list[Row]:
        try:
            return next(ends)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("pgassay.cli.calibrate._compared", compared)
    found = calibrate(tmp_path / "new", 1, cases=CASES)
    assert (list(found.rows), found.interrupted) == (rows, True)
    assert conclude(found, tmp_path) == status
    assert word in capsys.readouterr().out
    written = msgspec.json.decode((tmp_path / "new" / "calibration.json").read_bytes())
    assert (len(written["comparisons"]), written["interrupted"]) == (len(rows), True)


@pytest.mark.parametrize(
    ("verdicts", "status", "word"),
    [
        ((Verdict.HOLDS,), 0, "right"),
        ((Verdict.HOLDS, Verdict.LATE), 4, "busy"),
        ((Verdict.LATE, Verdict.WRONG), 1, "do not trust"),
    ],
)
def test_the_worst_row_decides(
    verdicts: tuple[Verdict, ...],
    status: int,
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All hold: 0; the generator was too late: 4; a figure is wrong: 1."""
    rows = [Row("case", "figure", 0.1, 0.2, 0.3, each, "s") for each in verdicts]
    assert conclude(Calibration(tuple(rows)), tmp_path) == status
    assert word in capsys.readouterr().out


def test_verdicts_are_readable_on_a_narrow_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of the figure gives way, and no number and no verdict."""
    monkeypatch.setenv("COLUMNS", "80")
    figure = "update p99 of good answers, server's own record"
    row = Row("throttling", figure, 0.10051, 0.27026, 0.13598, Verdict.LATE, "s")
    conclude(Calibration((row,)), tmp_path)
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("too late", "100.51 ms", "270.26 ms", "135.98 ms"))
