"""Measure the clusters behind `pgassay serve --data-plane postgres`.

    python benchmarks/data_plane.py [--rounds 10] [--postgres-bin DIR]

Prints the median and the slowest of each action, in milliseconds from its submission to its end:
provisioning (the copy of the template, the start, the superuser's password), a read replica until
it has caught up, a restore to the present, a restart, a removal; and how long it takes until the
template is made and until all clusters are stopped. Then the disk and memory that one idle cluster
takes (memory on Linux: proportional set size of its processes).
"""

import argparse
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

from pgassay.reference.plane import Action, Job, Outcome
from pgassay.reference.postgres import (
    PostgresPlane,
    find_binaries,
    open_plane,
    temporary_folder,
)

_MIB = 1024 * 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--postgres-bin", type=Path)
    options = parser.parse_args()
    programs, begin = find_binaries(options.postgres_bin), time.perf_counter()
    with temporary_folder() as folder:
        with open_plane(programs, folder) as plane:
            print(f"PostgreSQL {plane.version}")
            _show("template", [time.perf_counter() - begin])
            _measure(plane, options.rounds)
            _weigh(folder / "clusters" / "service-0")
            begin = time.perf_counter()
        _show("stop of all", [time.perf_counter() - begin])


def _measure(plane: PostgresPlane, rounds: int) -> None:
    setup = {"password": "Benchmark-Passw0rd", "parameters": {}}
    _do(plane, "first", Action.PROVISION, **setup)
    names = [f"service-{number}" for number in range(rounds)]
    copies = [f"copy-{number}" for number in range(rounds)]
    restored = [f"restored-{number}" for number in range(rounds)]
    copy = {**setup, "source": "first"}
    _show("provision", [_do(plane, name, Action.PROVISION, **setup) for name in names])
    _show("replicate", [_do(plane, name, Action.REPLICATE, **copy) for name in copies])
    _show("promote", [_do(plane, name, Action.PROMOTE) for name in copies])
    _show(
        "restore",
        [_do(plane, name, Action.RESTORE, target=time.time(), **copy) for name in restored],
    )
    _show("restart", [_do(plane, name, Action.RESTART) for name in names])
    _show("remove", [_do(plane, name, Action.REMOVE) for name in (*copies, *restored)])


def _do(plane: PostgresPlane, cluster: str, action: Action, **arguments: Any) -> float:
    """Do one thing and return how many seconds it took."""
    job, begin = Job(str(uuid.uuid4()), cluster, action, arguments), time.perf_counter()
    plane.submit(job)
    while plane.outcome(job.id) is Outcome.WORKING:
        time.sleep(0.001)
    if plane.outcome(job.id) is Outcome.FAILED:
        raise SystemExit(f"{action} of {cluster} failed")
    return time.perf_counter() - begin


def _show(what: str, seconds: list[float]) -> None:
    middle, slowest = 1000 * statistics.median(seconds), 1000 * max(seconds)
    print(f"{what:<12} median {middle:7.0f} ms   slowest {slowest:7.0f} ms   of {len(seconds)}")


def _weigh(cluster: Path) -> None:
    size = sum(file.stat().st_blocks * 512 for file in cluster.rglob("*") if file.is_file())
    print(f"disk         {size / _MIB:.0f} MiB for an idle cluster")
    leader = (cluster / "data" / "postmaster.pid").read_text().splitlines()[0]
    children = Path(f"/proc/{leader}/task/{leader}/children")
    if children.exists():
        pids = [leader, *children.read_text().split()]
        memory = sum(_proportional(pid) for pid in pids)
        print(f"memory       {memory / 1024:.0f} MiB in {len(pids)} processes of an idle cluster")


def _proportional(pid: str) -> int:
    """Return a process's share of memory in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
