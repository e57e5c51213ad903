"""The workers of a run as the examining process sees them: plans in, one merged record out."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pgassay import __version__
from pgassay.errors import ConfigurationError, UsageError
from pgassay.specification import specification
from pgassay.target.model import Target
from pgassay.traffic import command, evidence, load_process, plan, record, shares
from pgassay.traffic.brief import PATIENCE, MasterBrief, environment, hand_over
from pgassay.traffic.command import CarryOut, Command, Finished, Gathered, Halt, Listening, Missing
from pgassay.traffic.orders import SILENCE, Identity
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord

#: How long the master waits for workers that it starts itself, in seconds.
_LOCAL_PATIENCE: Final = 60.0
#: What the master may take for its own end, in seconds.
_FAREWELL: Final = 30.0


def identity() -> Identity:
    """What master and workers must have in common."""
    return Identity(__version__, specification().sha256)


def address(text: str, flag: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`; raises `UsageError` naming `flag`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"{text!r} is no address", flag, "HOST:PORT, such as 0.0.0.0:5557")
    return host, int(port)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the master waits, in seconds.

    `coming` is for workers from elsewhere. A worker that says nothing for `silence` is lost.
    """

    coming: float = PATIENCE
    silence: float = SILENCE


class Workforce:
    """A master and its workers, from the first plan of a run to the last."""

    def __init__(
        self,
        target: Target,
        workers: int,
        listen: str,
        run_folder: Path,
        progress: Callable[[str], None],
        *,
        patience: Patience = Patience(),
        web: int = 0,
    ) -> None:
        """Start the master; without `listen` it starts the workers itself.

        `web` is the port of Locust's page, 0 for none.
        Raises `UsageError` where workers elsewhere could not reach the target, and
        `ConfigurationError` where the master cannot listen there.
        """
        if listen and target.embedded:
            raise UsageError(
                "workers elsewhere cannot reach the reference that this command starts",
                "--listen",
                "--target FILE beside it",
            )
        host, port = address(listen, "--listen") if listen else ("127.0.0.1", 0)
        self._workers = workers
        self._local = not listen
        self._progress = progress
        self._log = run_folder / "master.log"
        self._cleanup = _FAREWELL
        run_folder.mkdir(parents=True, exist_ok=True)
        self._master = self._begin(
            MasterBrief(
                identity(),
                host,
                port,
                workers,
                str(run_folder.resolve()),
                target.credentials if self._local else {},
                local=self._local,
                patience=_LOCAL_PATIENCE if self._local else patience.coming,
                silence=patience.silence,
                web=web,
            )
        )

    def carry_out(self, load: LoadPlan, stem: Path) -> LoadRecord:
        """Have all workers carry out their shares of `load`, and merge their records.

        An interruption is passed on, and their cleanup waited for until a second one. Raises
        `ConfigurationError` where too few workers come.
        """
        plans = shares.shares(load, self._workers)
        for share in plans:
            written = stem.with_name(f"{shares.prefix(share)}plan.json")
            plan.write(replace(share, supervised=False), written)
        self._cleanup = load_process.cleanup(load)
        self._tell(CarryOut(plans, load_process.allowance(load), self._cleanup))
        try:
            return self._merged(plans, self._await_end())
        except KeyboardInterrupt:
            return replace(self._merged(plans, self._halted()), interrupted=True)

    def close(self) -> None:
        """End the master, which dismisses its workers."""
        if self._master.stdin is not None:
            with suppress(BrokenPipeError):
                self._master.stdin.close()
        try:
            self._master.wait(self._cleanup + _FAREWELL)
        except subprocess.TimeoutExpired:
            self._master.kill()
            self._master.wait()
        if self._master.stdout is not None:
            self._master.stdout.close()

    def _begin(self, brief: MasterBrief) -> "subprocess.Popen[bytes]":
        with self._log.open("wb") as log:
            master = subprocess.Popen(
                [sys.executable, "-m", "pgassay.traffic.master"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(),
                start_new_session=True,
            )
        hand_over(master, brief)
        self._master = master
        event = self._event()
        if not isinstance(event, Listening):
            self.close()
            raise ConfigurationError(load_process.last_line(self._log))
        self.port = event.port
        if not self._local:
            self._progress(f"waiting for {self._workers} workers at {brief.host}:{self.port}")
        return master

    def _tell(self, order: Command) -> None:
        if self._master.stdin is not None:
            # Its end shows where its answer is read.
            with suppress(BrokenPipeError):
                self._master.stdin.write(command.line(order))
                self._master.stdin.flush()

    def _event(self) -> command.Event | None:
        """The master's next event; None where it has ended."""
        line = self._master.stdout.readline() if self._master.stdout is not None else b""
        return command.EVENTS.decode(line) if line.endswith(b"\n") else None

    def _await_end(self) -> Finished | None:
        while True:
            event = self._event()
            if event is None or isinstance(event, Finished):
                return event
            if isinstance(event, Gathered) and not self._local:
                self._progress(str(event.attendance))
            elif isinstance(event, Missing):
                raise self._incomplete(event)

    def _halted(self) -> Finished:
        """Have the workers end, and wait for it; of those that are not waited for files tell."""
        self._progress(load_process.INTERRUPTED)
        self._tell(Halt())
        with suppress(ConfigurationError, KeyboardInterrupt):
            return self._await_end() or Finished({})
        return Finished({})

    def _incomplete(self, event: Missing) -> ConfigurationError:
        attendance, log = event.attendance, f"The master's log is {self._log}."
        present, wanted = attendance.present, attendance.wanted
        missing = ", ".join(attendance.missing)
        return ConfigurationError(
            f"{present} of {wanted} workers came within {event.seconds:g} s; missing: {missing}",
            expected=f"{wanted} of them" + ("" if self._local else " elsewhere"),
            remedy=log if self._local else f"--wait SECONDS waits longer. {log}",
        )

    def _merged(self, plans: Sequence[LoadPlan], finished: Finished | None) -> LoadRecord:
        if finished is None:
            return LoadRecord(crash=f"the master ended: {load_process.last_line(self._log)}")
        return LoadRecord.merge([_record(share, finished.lost) for share in plans])


def _record(share: LoadPlan, lost: dict[int, str]) -> LoadRecord:
    """The record of one worker; of a lost one what its journal proves."""
    found = record.read(Path(share.output))
    if found is None:
        sentence = lost.get(share.worker, f"worker {share.worker} ended without a record")
        return evidence.of_lost(share, sentence)
    return replace(found, lost=(lost[share.worker],)) if share.worker in lost else found
