"""Many mutants, examined side by side."""

import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.pool import Pool
from tempfile import TemporaryDirectory

from pgassay.assessment import Assessment, Reach
from pgassay.assessment.matrix import KillMatrix, Row, arguments
from pgassay.assessment.rendering import write
from pgassay.cli.trial import Trial, reach, with_databases
from pgassay.mutants import DERIVED, MUTANTS, Mutant

__all__ = ["held", "matrix", "sought", "write"]


def held(mutants: Sequence[Mutant], jobs: int, *, whole: bool) -> Iterator[Assessment]:
    """Examine mutants by so many processes; yields each as it is done.

    Those with databases are examined here, one after the other: they mostly wait for programs.
    """
    derived = any(mutant.rule for mutant in mutants)
    argued = frozenset(arguments("survivors.toml"))
    trial = Trial(reach() if derived else Reach({}, {}), whole, argued)
    backed = [mutant for mutant in mutants if mutant.plane]
    alone = [mutant for mutant in mutants if not mutant.plane]
    if jobs == 1:
        yield from (trial.of(mutant.name) for mutant in alone)
        yield from with_databases(trial, backed)
        return
    with _processes(jobs) as pool:
        fates = pool.imap_unordered(trial.of, [mutant.name for mutant in alone])
        yield from with_databases(trial, backed)
        yield from fates


def sought(checks: Sequence[str], jobs: int) -> Iterator[tuple[str, str]]:
    """Seek a mutant that each of the checks kills; yields check and mutant, which may be none."""
    trial = Trial(reach())
    with _processes(jobs) as pool:
        yield from pool.imap_unordered(trial.seek, checks)


@contextmanager
def _processes(number: int) -> Iterator[Pool]:
    """A pool for trials, whose processes end at once where the block that holds it does.

    They are not killed from here: a pool waits for ever for a process that was killed while it
    waited for its next work.
    """
    with (
        TemporaryDirectory(prefix="pgassay-", ignore_cleanup_errors=True) as scratch,
        get_context("spawn").Pool(number, _led, (scratch,)) as pool,
    ):
        yield pool


def _led(scratch: str) -> None:
    """Leave Ctrl-C, which reaches the whole group, to the process that leads; obey that at once.

    A run that is told to end cleans up first; here all that outlives its process is in `scratch`.
    """
    tempfile.tempdir = scratch
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: signal.raise_signal(signal.SIGKILL))


def matrix(mutants: Sequence[Mutant], fates: Sequence[Assessment], *, whole: bool) -> KillMatrix:
    """Put together what became of the mutants, in their order."""
    by_name = {fate.name: fate for fate in fates}
    return KillMatrix(
        tuple(Row.of(by_name[each.name], each.description, each.rule) for each in mutants),
        whole=whole,
        complete=len(mutants) >= len(MUTANTS) + len(DERIVED),
        survivors=arguments("survivors.toml"),
        idle=arguments("idle_checks.toml"),
    )
