"""pytest over the checks of one session."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from pgassay._folders import folder
from pgassay.errors import SuiteBroken, UsageError
from pgassay.run.fixtures import Fixtures
from pgassay.run.options import RunOptions
from pgassay.run.plugin import Plugin
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import Session

#: What a process does on SIGTERM that has no plan of its own; the last is what the program sets.
_USUAL = (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler)
#: pytest without anything that an environment may have installed beside it: foreign plugins
#: claim options (Locust's --host) or patch what Locust needs unpatched.
_ARGUMENTS = (
    "--import-mode=importlib",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:terminal",
    "-p",
    "no:doctest",
    "-p",
    "no:junitxml",
    "-p",
    "no:pastebin",
    "-p",
    "no:faulthandler",
    # Warnings of the interpreter say nothing about a target.
    "-W",
    "ignore",
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
    "--strict-markers",
    # Checks expect, they do not assert: their modules need not be rewritten at each start.
    "--assert=plain",
)


def run_checks(session: Session, progress: Progress) -> None:
    """Run the checks that the session's options select; a signal to end ends them, as Ctrl-C does.

    Raises `UsageError` where none is selected, `SuiteBroken` where they cannot be run.
    """
    with terminable():
        _run(session, Plugin(session, progress))


def collect_checks(session: Session) -> Counter[str]:
    """Count the checks that `run_checks` would run, by family; nothing is sent."""
    plugin = Plugin(session, Silence())
    _run(session, plugin, "--collect-only")
    return plugin.selected


def _run(session: Session, plugin: Plugin, *options: str) -> None:
    checks = session.options.checks or folder("conformance")
    place = str(checks)
    # Without a conftest of its own pytest would read every folder above, from the root on.
    bounds = ("-c", os.devnull, "--rootdir", place, "--confcutdir", place)
    modules = [str(checks / name) for name in session.options.modules] or [place]
    arguments = [*_ARGUMENTS, *options, *bounds, *modules]
    with _bare_environment(), _own_modules(session.options.checks):
        try:
            code = pytest.main(arguments, plugins=[plugin, Fixtures(session)])
        except KeyboardInterrupt:
            code = pytest.ExitCode.INTERRUPTED
    session.interrupted = code == pytest.ExitCode.INTERRUPTED and not _stopped_early(session)
    if code in {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR} or plugin.broken:
        raise plugin.broken or SuiteBroken(f"pytest did not run the checks ({code!r})")
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(
            "the options select no check",
            where=_selection(session.options),
            remedy="`pgassay requirements --coverage` shows which requirements have checks.",
        )


def _stopped_early(session: Session) -> bool:
    return any(session.options.ends(checked.result.verdict) for checked in session.checked)


def _selection(options: RunOptions) -> str:
    parts = [f"--family {family}" for family in options.families]
    parts += [f"--requirement {identifier}" for identifier in options.requirements]
    return " ".join([*parts, f"--profile {options.profile}"])


@contextmanager
def _bare_environment() -> Iterator[None]:
    """Keep pytest options and plugins of the surroundings out; leave nothing on disk."""
    changes = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in changes}
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    os.environ.update(changes)
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _own_modules(checks: Path | None) -> Iterator[None]:
    """Forget modules of a folder of the run's own: the next run in this process may have others."""
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if checks and str(getattr(module, "__file__", None) or "").startswith(str(checks)):
                del sys.modules[name]


@contextmanager
def terminable() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C while checks run, so that cleaning up still happens.

    A process that does something of its own on SIGTERM goes on doing that.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) not in _USUAL:
        yield
        return
    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: the caller owns the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
