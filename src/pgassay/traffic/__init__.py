"""The load half: open-loop traffic on one target, measured, settled, and judged.

Locust replaces parts of the standard library when it is imported. It therefore only ever lives in
the process that `pgassay.traffic.driver` runs; everything else here is free of it.
"""

from collections.abc import Callable
from pathlib import Path

from pgassay.target.model import Target
from pgassay.traffic.found import Found
from pgassay.traffic.kind import SCENARIOS
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.watching import Watched

__all__ = ["SCENARIOS", "Found", "LoadOptions", "Watched", "examine", "find_limits"]


def examine(
    target: Target,
    options: LoadOptions,
    run_folder: Path,
    progress: Callable[[str], None] = lambda text: None,
    target_file: Path | None = None,
    watched: Watched | None = None,
) -> Found:
    """Run the chosen scenarios on `target`, one after the other, and judge them.

    Plan, journal, samples and log of each stay in `run_folder`. `progress` is told what happens.
    `target_file` lets plans be run again by hand. An interruption ends the load process orderly,
    and what was measured until then is returned; a second one does not wait for its cleanup. What
    the monitors saw is added to `watched`. Raises `UsageError` and `ConfigurationError`.
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
) -> Found:
    """Carry out the plan's searches, for capacity and growth; some plans search for nothing.

    Otherwise as `examine`.
    """
    from pgassay.traffic import plan_file  # noqa: PLC0415

    plan = plan_file.read(options.plan)
    if plan.capacity is None and plan.growth is None:
        return Found()
    # Half a second of imports that other loads do not need.
    from pgassay.traffic.limits import Searches  # noqa: PLC0415

    searches = Searches(target, plan, options, run_folder, progress, target_file)
    if watched is not None:
        searches.watched = watched
    return searches.run()
