"""The workers that a master starts on its own machine."""

import subprocess
from pathlib import Path
from typing import IO

from pgassay.traffic.brief import MasterBrief, WorkerBrief, hand_over, start
from pgassay.traffic.muster import Muster


class LocalWorkers:
    """A process for each number; one that died is replaced before the next plan."""

    def __init__(self, brief: MasterBrief, port: int) -> None:
        """Nothing is started before `fill`; the workers connect to `port`."""
        self._folder = Path(brief.folder)
        self._wanted = brief.workers
        self._brief = WorkerBrief(
            brief.identity, "127.0.0.1", port, brief.folder, brief.credentials
        )
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._discarded: list[subprocess.Popen[bytes]] = []

    def fill(self, muster: Muster) -> None:
        """Start what is missing, and tell the muster whom to expect."""
        for number in range(self._wanted):
            process = self._processes.get(number)
            if process is None or process.poll() is not None:
                self._processes[number] = self._begin(number)
        muster.own = {process.pid: number for number, process in self._processes.items()}

    def dead(self) -> set[int]:
        """The processes that have ended."""
        return {p.pid for p in self._processes.values() if p.poll() is not None}

    def discard(self, number: int) -> None:
        """Have another process take this number; the present one is asked to clean up and end."""
        process = self._processes.pop(number)
        self._discarded.append(process)
        if process.poll() is None:
            process.terminate()

    def end(self, patience: float) -> None:
        """Let them end; those that have not within `patience` seconds are asked, then killed."""
        processes = [*self._processes.values(), *self._discarded]
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        for process in processes:
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _begin(self, number: int) -> "subprocess.Popen[bytes]":
        with self._log(number) as log:
            process = start("pgassay.traffic.worker", output=log)
        hand_over(process, self._brief)
        return process

    def _log(self, number: int) -> IO[bytes]:
        return (self._folder / f"worker-{number}.log").open("ab")
