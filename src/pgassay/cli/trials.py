"""Many mutants, examined side by side."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from pgassay.assessment import Assessment, Reach
from pgassay.assessment.matrix import KillMatrix, Row, arguments
from pgassay.assessment.rendering import write
from pgassay.cli.trial import Trial, reach, with_databases
from pgassay.mutants import DERIVED, MUTANTS, Mutant

__all__ = ["held", "matrix", "write"]


def held(mutants: Sequence[Mutant], jobs: int, *, whole: bool) -> Iterator[Assessment]:
    """Examine mutants by so many processes; yields each as it is done.

    Those with databases are examined here, one after the other: they mostly wait for programs.
    """
    derived = any(mutant.rule for mutant in mutants)
    trial = Trial(reach() if derived else Reach({}, {}), whole)
    backed = [mutant for mutant in mutants if mutant.plane]
    alone = [mutant for mutant in mutants if not mutant.plane]
    if jobs == 1:
        yield from (trial.of(mutant.name) for mutant in alone)
        yield from with_databases(trial, backed)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        futures: list[Future[Assessment]] = [pool.submit(trial.of, each.name) for each in alone]
        try:
            yield from with_databases(trial, backed)
            yield from (future.result() for future in as_completed(futures))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


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
