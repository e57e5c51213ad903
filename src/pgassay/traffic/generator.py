"""What applies load: one process, or a master with workers here or on other machines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pgassay.target.model import Target
from pgassay.traffic import load_process
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord


class Generator(Protocol):
    """Whatever carries out plans, one after the other."""

    def carry_out(self, load: LoadPlan, stem: Path) -> LoadRecord:
        """Carry out `load` and return its record; the names of its files begin with `stem`.

        An interruption ends the load, and shows in the record alone.
        """


class OneProcess:
    """A fresh load process for each plan."""

    def __init__(self, target: Target, progress: Callable[[str], None]) -> None:
        """`target` has the credentials, which plans do not hold; `progress` hears of the end."""
        self._target = target
        self._progress = progress

    def carry_out(self, load: LoadPlan, stem: Path) -> LoadRecord:
        """Carry out `load` in a process of its own."""
        credentials = self._target.of_tenants(load.tenants, load.family)
        return load_process.carry_out(load, credentials, stem, self._progress)


@contextmanager
def generator(
    target: Target, options: LoadOptions, run_folder: Path, progress: Callable[[str], None]
) -> Iterator[Generator]:
    """Hold ready what carries out the plans of a run with as many workers as `options` say.

    One worker needs no master. Raises `ConfigurationError` where the master cannot listen.
    """
    if options.workers == 1 and not options.listen:
        yield OneProcess(target, progress)
        return
    # Half a second of imports that a single process does not need.
    from pgassay.traffic.workforce import Patience, Workforce  # noqa: PLC0415

    workforce = Workforce(
        target,
        options.workers,
        options.listen,
        run_folder,
        progress,
        patience=Patience(options.patience),
        web=options.web,
    )
    try:
        yield workforce
    finally:
        workforce.close()
