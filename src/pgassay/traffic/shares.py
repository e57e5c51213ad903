"""The plans of several workers, which together are one plan.

The rate stays that of all: each worker takes its share of the arrivals from the seed. What is a
limit on the whole (in flight, resources, requests per second) is divided here.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from pgassay.errors import UsageError
from pgassay.traffic.plan import LoadPlan

#: Two digits in every nonce, so that none is the beginning of another one's.
MOST: Final = 99


def shares(load: LoadPlan, workers: int) -> tuple[LoadPlan, ...]:
    """Return the plan of each worker.

    Raises `UsageError` for more workers than can be named, or than the target's limits let have
    one resource each.
    """
    _check(load, workers)
    return tuple(_share(load, worker, workers) for worker in range(workers))


def prefix(share: LoadPlan) -> str:
    """What the names of all files of this worker begin with."""
    name = Path(share.journal).name
    return name[: name.index(".") + 1] + f"w{share.worker}."


def files(share: LoadPlan) -> dict[str, int]:
    """The files of this worker: names and sizes in bytes."""
    found = Path(share.journal).parent.glob(f"{prefix(share)}*")
    return {path.name: path.stat().st_size for path in found}


def in_folder(share: LoadPlan, place: Path) -> LoadPlan:
    """Return the plan with its files in another folder."""
    return replace(
        share,
        journal=str(place / Path(share.journal).name),
        output=str(place / Path(share.output).name),
    )


def _check(load: LoadPlan, workers: int) -> None:
    if not 1 <= workers <= MOST:
        raise UsageError(f"{workers} workers cannot be named", "--workers", f"1 to {MOST}")
    if load.max_in_flight < workers:
        raise UsageError(
            f"the target allows {load.max_in_flight} resources at a time, less than one for each "
            f"of {workers} workers",
            "--workers",
            f"at most {load.max_in_flight}",
        )


def _share(load: LoadPlan, worker: int, workers: int) -> LoadPlan:
    limits = load.target.limits
    target = replace(
        load.target,
        limits=replace(limits, requests_per_second=limits.requests_per_second / workers),
    )
    return replace(
        load,
        worker=worker,
        workers=workers,
        nonce=f"{load.nonce}{worker:02d}",
        max_in_flight=_part(load.max_in_flight, worker, workers),
        pool=max(_part(load.pool, worker, workers), min(load.pool, 1)),
        population=max(_part(load.population, worker, workers), min(load.population, 1)),
        users=_part(load.users, worker, workers),
        target=target,
        # There is one page for all: the master's.
        web=0,
        journal=_named(load.journal, worker),
        output=_named(load.output, worker),
    )


def _part(whole: int, worker: int, workers: int) -> int:
    """The share of a worker; all shares add up to the whole."""
    return whole // workers + (worker < whole % workers)


def _named(path: str, worker: int) -> str:
    """Put the worker's number behind the stem: `load-dbaas-churn.w3.jsonl`."""
    stem, dot, suffix = Path(path).name.partition(".")
    return str(Path(path).with_name(f"{stem}.w{worker}{dot}{suffix}"))
