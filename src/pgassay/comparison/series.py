"""The figures of runs, put in series: one value for each run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from pgassay import results
from pgassay.errors import UsageError
from pgassay.results import LoadOperation, LoadScenario, Results
from pgassay.verdict import Verdict

_FILE = "results.json"


class Key(NamedTuple):
    """What a figure is of."""

    scenario: str
    family: str
    operation: str
    percentile: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its name (that of its folder) and its results."""

    name: str
    results: Results


@dataclass(frozen=True, slots=True)
class Series:
    """The value of one figure in each run that has it (seconds), and the share of errors."""

    values: tuple[float, ...]
    errors: float


def read(places: Sequence[Path]) -> tuple[Run, ...]:
    """Read runs: folders of runs, folders that hold several, or `results.json` files.

    Raises `UsageError` for a place that holds no run, and for one that is named twice.
    """
    files = [file for place in places for file in _files(place)]
    for file in files:
        if files.count(file) > 1:
            raise UsageError("this run is named twice", str(file.parent), "different runs")
    return tuple(Run(file.parent.name, _read(file)) for file in files)


def series(runs: Iterable[Run], percentiles: Sequence[float]) -> dict[Key, Series]:
    """Return the figures in the order of their appearance; broken scenarios have none."""
    values: dict[Key, list[float]] = {}
    spent: dict[Key, list[tuple[int, int]]] = {}
    for scenario, operation in _operations(runs):
        for percentile in operation.percentiles:
            key = Key(scenario.scenario, scenario.family, operation.name, percentile.q)
            if percentile.q in percentiles and percentile.value:
                values.setdefault(key, []).append(percentile.value)
                errors = operation.failed + operation.unfinished
                spent.setdefault(key, []).append((errors, operation.sent))
    return {key: Series(tuple(found), _share(spent[key])) for key, found in values.items()}


def loads(runs: Iterable[Run]) -> dict[tuple[str, str], set[tuple[float, float]]]:
    """Return the rates and durations that were meant, by scenario and family."""
    found: dict[tuple[str, str], set[tuple[float, float]]] = {}
    for run in runs:
        for load in run.results.load:
            meant = found.setdefault((load.scenario, load.family), set())
            # What a run really took differs by a few milliseconds each time.
            meant.add((round(load.rate, 3), round(load.duration)))
    return found


def _operations(runs: Iterable[Run]) -> Iterator[tuple[LoadScenario, LoadOperation]]:
    for run in runs:
        for load in run.results.load:
            if load.verdict is not Verdict.ERROR:
                yield from ((load, item) for item in (*load.operations, *load.lifecycle))


def _share(spent: Iterable[tuple[int, int]]) -> float:
    errors, sent = map(sum, zip(*spent, strict=True))
    return errors / sent if sent else 0.0


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place.resolve()]
    if (place / _FILE).is_file():
        return [(place / _FILE).resolve()]
    found = sorted(file.resolve() for file in place.glob(f"*/{_FILE}"))
    if not found:
        raise UsageError(
            "there is no run",
            str(place),
            f"the folder of a run, with its {_FILE}, or a folder of such folders",
        )
    return found


def _read(file: Path) -> Results:
    try:
        return results.read(file)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"the file does not hold the results of a run: {error}",
            str(file),
            f"the form {results.FORMAT} of pgassay's results",
        ) from error
