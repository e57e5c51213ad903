"""Runs that were never run: folders with results of a load whose truth is known."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from pgassay import results
from pgassay.comparison import Run
from pgassay.results import LoadOperation, LoadScenario, Percentile, Results, RunInfo, TargetInfo
from pgassay.verdict import Verdict

#: Median latency of each operation in seconds; p95 is twice as long.
LATENCIES = {"create": 0.04, "read": 0.005, "list": 0.02}


def operation(name: str, median: float, failed: int = 0) -> LoadOperation:
    return LoadOperation(
        name,
        offered=1000,
        sent=1000,
        dropped=0,
        succeeded=1000 - failed,
        failed=failed,
        throttled=0,
        unfinished=0,
        statuses={"200": 1000},
        errors={},
        percentiles=tuple(
            Percentile(q, median * factor, None, None)
            for q, factor in ((50.0, 1.0), (95.0, 2.0), (99.0, 3.0))
        ),
        maximum=median * 5,
        mean=median,
    )


def load(operations: Sequence[LoadOperation], rate: float = 20.0) -> LoadScenario:
    return LoadScenario(
        family="dbaas",
        scenario="crud_lifecycle",
        rate=rate,
        duration=60.0,
        seed=1,
        verdict=Verdict.PASS,
        note="",
        offered=1200,
        sent=1200,
        dropped=0,
        operations=tuple(operations),
        slos=(),
        timeline=(),
        generator={},
    )


def run_results(loads: Sequence[LoadScenario]) -> Results:
    info = RunInfo("run", "nonce", "", "", 60.0, 1, "full", "pgassay load", "1", "3.11", "")
    target = TargetInfo("target", "http://target", ("dbaas",), embedded=False, features={})
    return Results(info, target, Verdict.PASS, 0, {}, (), (), (), load=tuple(loads))


def disturbed(
    numbers: np.random.Generator,
    growth: Mapping[str, float],
    scatter: float,
    rate: float = 20.0,
) -> Results:
    """A run as a whole is faster or slower than others by `scatter`; each operation a little."""
    whole = numbers.normal() * scatter * 0.9
    operations = [
        operation(
            name,
            median * growth.get(name, 1.0) * math.exp(whole + numbers.normal() * scatter * 0.44),
        )
        for name, median in LATENCIES.items()
    ]
    return run_results([load(operations, rate)])


@pytest.fixture
def side() -> Callable[..., list[Run]]:
    """Make the runs of one side: `side(seed, {"list": 1.5}, runs=5, scatter=0.1)`."""

    def make(
        seed: int, growth: Mapping[str, float] = {}, runs: int = 5, scatter: float = 0.1
    ) -> list[Run]:
        numbers = np.random.default_rng(seed)
        return [Run(f"{seed}-{n}", disturbed(numbers, growth, scatter)) for n in range(runs)]

    return make


@pytest.fixture
def other() -> Callable[..., list[Run]]:
    """Make three runs with a single operation: `other("list", failed=100)`."""

    def make(name: str, failed: int = 0, rate: float = 20.0) -> list[Run]:
        return [
            Run(str(n), run_results([load([operation(name, 0.02 + n / 1000, failed)], rate)]))
            for n in range(3)
        ]

    return make


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write runs into a folder, one for each seed: `written("old", range(5), {"list": 1.5})`."""

    def write(side: str, seeds: Sequence[int], growth: Mapping[str, float] = {}) -> Path:
        for seed in seeds:
            folder = tmp_path / side / f"{side}-{seed}"
            folder.mkdir(parents=True)
            found = disturbed(np.random.default_rng(seed), growth, 0.03)
            results.write(found, folder / "results.json")
        return tmp_path / side

    return write
