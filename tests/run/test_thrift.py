"""A target that allows few services and instances is examined with few, and nearly as well."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.cli.tenants import reference_target
from pgassay.journal import read
from pgassay.reference import Credentials, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.run import RunOptions, examine, plan
from pgassay.target.model import Family, Limits, Target, Timing
from pgassay.verdict import Verdict

#: Creations take 3 minutes at scale 0.6; here they take a thousandth of that.
SCALE = 0.0006
LIMITS = Limits(concurrent_resources=4)


@pytest.fixture
def slow() -> Iterator[Target]:
    """A server that needs its time for each creation, and allows four at a time."""
    settings = Settings(Credentials.generate(), SCALE)
    with running(create_app(settings, SystemClock())) as url:
        target = reference_target(settings, url)
        sizes = replace(target.clickhouse, sizes=target.clickhouse.sizes[:2])
        # The budgets are not what is examined: a busy machine may take its time.
        timing = replace(target.timing, create=60.0, backup=60.0, restart=60.0, delete=60.0)
        yield replace(target, embedded=True, limits=LIMITS, clickhouse=sizes, timing=timing)


def standing(journal: Path) -> Iterator[int]:
    """How many services and instances of the main tenant existed after each creation."""
    alive: set[str] = set()
    for entry in read(journal):
        costs = entry.get("resource") in {"service", "instance"}
        if entry["kind"] == "created" and costs and entry["credential"] == "main":
            alive.add(entry["path"])
            yield len(alive)
        if entry["kind"] == "removed":
            alive.discard(entry["path"])


#: What nobody sees with twelve creations: it takes one to delete, or several at once.
OUT_OF_REACH = {
    Family.CLICKHOUSE: {
        "CH-REPLICA-BACKUP-WINDOW",
        "CH-REPLICA-DELETE-ORDER",
        "CH-REPLICA-SOURCE-DELETE",
        "CH-STATE-BUSY",
        "CH-SVC-CREATE-CONCURRENT",
        "CH-SVC-DELETE-CONCURRENT",
        "CH-SVC-DELETE-FINAL",
        "CH-SVC-LIST-CONCURRENT",
    },
    Family.DBAAS: {"DB-INST-DELETE-BUSY", "DB-INST-MODEL"},
}


@pytest.mark.parametrize("family", list(Family))
def test_twelve_creations_suffice_for_a_full_run(
    slow: Target, tmp_path: Path, family: Family
) -> None:
    results = examine(slow, RunOptions(tmp_path, families=(family,), profile="full"))
    created = list(standing(tmp_path / "journal.jsonl"))
    assert len(created) <= 12
    assert max(created) <= 4
    untested = {row.id for row in results.of_verdict(Verdict.NOT_TESTABLE) if row.testable}
    assert untested <= OUT_OF_REACH[family]
    assert not list(results.of_verdict(Verdict.FAIL, Verdict.ERROR))
    assert results.exit_status == 4


def test_the_plan_says_how_long_it_takes(slow: Target, tmp_path: Path) -> None:
    patient = replace(slow, timing=Timing(create=180))
    told = plan(patient, RunOptions(tmp_path, families=(Family.DBAAS,), profile="full"))
    assert (told.total, told.at_once, told.waiting) == (12, 4, 540)
    assert list(tmp_path.iterdir()) == []
