"""Plans of short loads on the stub of conftest.py, for tests that start processes; bare results."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pgassay._folders import folder
from pgassay.results import Results, RunInfo, TargetInfo
from pgassay.target.model import Family, Target, Timing
from pgassay.traffic.plan import LoadPlan
from pgassay.verdict import Verdict

TOKEN = "Secret0Token0For0Tests"
#: A run of one family in which nothing is judged yet.
RESULTS = Results(
    run=RunInfo("r", "n", "", "", 1.0, 0, "quick", "", "", "", ""),
    target=TargetInfo("server", "http://server", ("dbaas",), embedded=False, features={}),
    verdict=Verdict.PASS,
    exit_status=0,
    counts={},
    requirements=(),
    checks=(),
    findings=(),
)


def planned(url: str, place: Path, stem: str = "load", **changes: object) -> LoadPlan:
    """A second of lives on the server at `url`; the files in `place` begin with `stem`."""
    timing = Timing(create=5, scale=5, delete=5, poll=0.05, settle=0.2, request=5)
    base = LoadPlan(
        family=Family.DBAAS,
        scenario="crud_lifecycle",
        program=str(folder("load") / "crud_lifecycle.py"),
        rate=20.0,
        duration=1.0,
        drain=10.0,
        max_in_flight=200,
        pool=2,
        seed=1,
        run="0a1b2c3d",
        nonce="0a1b2c3da",
        target=Target("stub", url, (Family.DBAAS,), timing=timing),
        journal=str(place / f"{stem}.jsonl"),
        output=str(place / f"{stem}.samples.json"),
        supervised=True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def requests_of(own: Mapping[str, int]) -> dict[str, int]:
    """The requests of a record as the stub counts them: it cannot tell a poll from a read."""
    total = Counter(own)
    total["read"] += total.pop("poll", 0)
    return {name: count for name, count in total.items() if count}
