"""The load half: open-loop traffic on one target, measured, settled, and judged.

Locust replaces parts of the standard library when it is imported. It therefore only ever lives in
the process that `pgassay.traffic.driver` runs; everything else here is free of it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pgassay.results import LoadScenario
from pgassay.target.model import Target
from pgassay.traffic.kind import SCENARIOS
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.watching import Watched

if TYPE_CHECKING:
    from pgassay.traffic.limits import Found

__all__ = ["SCENARIOS", "LoadOptions", "Watched", "examine", "find_limits"]


def examine(
    target: Target,
    options: LoadOptions,
    run_folder: Path,
    progress: Callable[[str], None] = lambda text: None,
    target_file: Path | None = None,
    watched: Watched | None = None,
) -> tuple[LoadScenario, ...]:
    """Run the chosen scenarios on `target`, one after the other, and judge them.

    Plan, journal, samples and log of each stay in `run_folder`. `progress` is told what happens.
    `target_file` lets plans be run again by hand. An interrupted run ends its load process orderly
    before KeyboardInterrupt goes on. What the monitors saw is added to `watched`. Raises
    `UsageError` and `ConfigurationError`.
    """
    # The driver's process imports this package before Locust: nothing that opens sockets may come
    # with it.
    from pgassay.traffic.examination import Examination  # noqa: PLC0415

    examination = Examination(target, options, run_folder, progress, target_file)
    if watched is not None:
        examination.watched = watched
    return examination.run()


def find_limits(
    target: Target,
    options: LoadOptions,
    run_folder: Path,
    progress: Callable[[str], None] = lambda text: None,
    target_file: Path | None = None,
    watched: Watched | None = None,
) -> "Found | None":
    """Carry out the plan's searches, for capacity and growth; None where it searches for nothing.

    Otherwise as `examine`.
    """
    from pgassay.traffic import plan_file  # noqa: PLC0415

    plan = plan_file.read(options.plan)
    if plan.capacity is None and plan.growth is None:
        return None
    # Half a second of imports that other loads do not need.
    from pgassay.traffic.limits import Searches  # noqa: PLC0415

    searches = Searches(target, plan, options, run_folder, progress, target_file)
    if watched is not None:
        searches.watched = watched
    return searches.run()
