"""A target that limits what a key may send is judged by its limit, and examined at its pace."""

from dataclasses import replace
from pathlib import Path

from pgassay.catalogue import Catalogue
from pgassay.cli.tenants import reference_target
from pgassay.journal import read
from pgassay.reference import Credentials, RateLimit, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.results import Results
from pgassay.run import RunOptions, examine

#: So few requests in so little time that most checks have to wait, and none for long.
LIMIT = RateLimit(4, 0.2)


def examined(output: Path, *requirements: str) -> Results:
    settings = Settings(Credentials.generate(), 0.0, rate_limit=LIMIT)
    with running(create_app(settings, SystemClock())) as url:
        target = replace(reference_target(settings, url), embedded=True)
        return examine(target, RunOptions(output=output, requirements=requirements))


def test_the_limit_of_the_reference_is_as_documented(tmp_path: Path) -> None:
    rows = [row.id for row in Catalogue.load() if row.feature == "rate_limit"]
    results = examined(tmp_path, *rows)
    assert {row.id: row.verdict for row in results.requirements} == dict.fromkeys(rows, "PASS")
    assert results.exit_status == 0
    assert results.cleanup.left == ()


def test_a_limit_slows_a_run_down_and_spoils_nothing(tmp_path: Path) -> None:
    results = examined(tmp_path, "CH-SECRET-READ", "CH-SVC-GET", "CH-SVC-LIST-COMPLETE")
    assert [check.note for check in results.checks if check.verdict != "PASS"] == []
    assert results.exit_status == 0
    statuses = [entry["status"] for entry in read(tmp_path / "journal.jsonl") if "status" in entry]
    assert 429 in statuses
