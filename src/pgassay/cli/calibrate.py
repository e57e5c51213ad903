"""`pgassay load --calibrate`: hold the instrument against a server of known truth."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from pgassay.calibration.cases import CAPACITY, CASES, CapacityCase, Case
from pgassay.calibration.comparison import Evidence, Row, Verdict, capacity, compare
from pgassay.calibration.process import serving
from pgassay.cli.calibrated import examine, search
from pgassay.cli.examination import run_folder
from pgassay.cli.options import Selection
from pgassay.cli.output import unread_output_ignored
from pgassay.errors import UsageError
from pgassay.verdict import Verdict as Result

#: The exit status by the worst row: all hold, the generator was too late, a figure is wrong.
_STATUS: Final = {Verdict.HOLDS: 0, Verdict.LATE: 4, Verdict.WRONG: 1}
_INCONCLUSIVE: Final = _STATUS[Verdict.LATE]
_RANKS: Final = tuple(Verdict)
_STYLES: Final = {Verdict.HOLDS: "green", Verdict.LATE: "yellow", Verdict.WRONG: "bold red"}


@dataclass(frozen=True, slots=True)
class Calibration:
    """The comparisons of all cases; those of some where it was `interrupted`."""

    rows: tuple[Row, ...]
    interrupted: bool = False

    @property
    def worst(self) -> Verdict:
        """The verdict on the instrument; no comparison at all is as bad as a wrong one.

        Unless it is the interruption's fault: then nothing could be judged.
        """
        none = Verdict.LATE if self.interrupted else Verdict.WRONG
        return max((row.verdict for row in self.rows), key=_RANKS.index, default=none)

    @property
    def exit_status(self) -> int:
        """What the command ends with: a calibration of some cases is never a good one."""
        cut = self.interrupted and self.worst is Verdict.HOLDS
        return _INCONCLUSIVE if cut else _STATUS[self.worst]


def calibration_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give `pgassay load` the option `--calibrate`, with which it measures no target."""

    @wraps(function)
    def choose(*, calibrate: bool, **values: Any) -> None:
        if not calibrate:
            function(**values)
            return
        status = _command(values["output"], values["seed"], values["target_file"])
        click.get_current_context().exit(status)

    option = click.option(
        "--calibrate",
        is_flag=True,
        help="Measure no target, but a server of known truth: is the instrument right here?",
    )
    decorated: Callable[..., None] = option(choose)
    return decorated


def calibrate(
    folder: Path,
    seed: int,
    progress: Callable[[str], None] = lambda text: None,
    cases: Iterable[Case | CapacityCase] = (*CASES, CAPACITY),
) -> Calibration:
    """Run the cases one after the other, each against a server of its own, until interrupted.

    The files of each run are in `folder`, under the case's name; `calibration.json` holds every
    comparison. `progress` is told what begins. Raises `UsageError` where the folder cannot be
    written, and `SuiteBroken` where the server does not start.
    """
    rows: list[Row] = []
    interrupted = False
    try:
        for case in cases:
            progress(f"{case.name}: {case.purpose}")
            if isinstance(case, CapacityCase):
                rows += _searched(case, folder / case.name, seed, progress)
            else:
                rows += _compared(case, folder / case.name, seed)
    except KeyboardInterrupt:
        interrupted = True
    found = Calibration(tuple(rows), interrupted)
    _write(found, folder / "calibration.json", seed)
    return found


def conclude(found: Calibration, folder: Path) -> int:
    """Show the table and what follows from it; return the exit status."""
    with unread_output_ignored():
        Console().print(_table(found.rows))
        for row in found.rows:
            if row.verdict is not Verdict.HOLDS and row.note:
                click.echo(f"{row.case}, {row.figure}: {row.note}")
        if found.interrupted:
            click.echo("Interrupted: cases that had not come to their end are not in the table.")
        if found.rows or not found.interrupted:
            click.echo(_sentence(found))
        click.echo(f"All figures: {folder / 'calibration.json'}")
    return found.exit_status


def _command(output: Path | None, seed: int, target_file: Path | None) -> int:
    if target_file is not None:
        raise UsageError(
            "a calibration measures no target",
            "--calibrate",
            "--target or --calibrate",
            "It brings its own server, whose truth is known.",
        )
    folder = run_folder(Selection("load", output=output))
    return conclude(calibrate(folder, seed, lambda text: click.echo(text, err=True)), folder)


def _compared(case: Case, folder: Path, seed: int) -> list[Row]:
    with serving((*case.arguments, "--seed", str(seed))) as server:
        reported = examine(server.url, case, folder, seed)
        truth = server.truth()
        samples = {operation: server.samples(operation) for operation in truth.operations}
    return list(compare(Evidence(case, reported, truth, samples, str(seed))))


def _searched(
    case: CapacityCase, folder: Path, seed: int, progress: Callable[[str], None]
) -> list[Row]:
    with serving((*case.arguments, "--seed", str(seed))) as server:
        found = search(server.url, case, folder, seed, progress)
    unsure = found.verdict is not Result.PASS
    return [capacity(case, found.sustained, (found.note or "no rate was kept") if unsure else "")]


def _write(found: Calibration, path: Path, seed: int) -> None:
    comparisons = [asdict(row) | {"deviation": row.deviation} for row in found.rows]
    content = {
        "seed": seed,
        "verdict": found.worst,
        "interrupted": found.interrupted,
        "comparisons": comparisons,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    except OSError as error:
        raise UsageError(
            f"the comparison cannot be written: {error.strerror or error}",
            str(path),
            remedy="Make room or choose another --output.",
        ) from error


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Case", no_wrap=True)
    table.add_column("Figure")  # the only column that gives way on a narrow terminal
    for name in ("Truth", "Reported", "Deviation", "Allowed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    last = ""
    for row in rows:
        numbers = (row.truth, row.reported, row.deviation, row.allowed)
        shown = (_shown(number, row.unit) for number in numbers)
        case, last = ("" if row.case == last else row.case), row.case
        table.add_row(case, row.figure, *shown, f"[{_STYLES[row.verdict]}]{row.verdict}[/]")
    return table


def _shown(number: float | None, unit: str) -> str:
    if number is None:
        return "none"
    if unit in ("s", "s/s"):
        return f"{number * 1000:.2f} m{unit}"
    return f"{number:.4g}{unit}"


def _sentence(found: Calibration) -> str:
    """What the calibration means for the user."""
    rows, worst = found.rows, found.worst
    bad = sum(row.verdict is worst for row in rows)
    match worst:
        case Verdict.HOLDS if found.interrupted:
            return f"All {len(rows)} figures of the cases until then hold."
        case Verdict.HOLDS:
            return f"The instrument is right: all {len(rows)} figures hold."
        case Verdict.LATE:
            return (
                f"{bad} of {len(rows)} figures cannot be judged: generator or server was too late."
                " The machine is busy; calibrate again when it is quiet."
            )
    return f"{bad} of {len(rows)} figures are wrong: do not trust this instrument on this machine."
