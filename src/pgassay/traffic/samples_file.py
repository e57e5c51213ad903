"""The raw samples of one worker: a file that grows while the load runs.

It is a sequence of cells of 32 bytes, little-endian. The first cell tells the format, the worker,
and the Unix time at which the load began. Each name of an operation, a phase or an error is written
once, before the first sample that has it: a cell with its number and length, followed by as many
cells as its text takes. All other cells are samples. A file that was cut off is whole up to its
last complete cell.
"""

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from pgassay.errors import UsageError
from pgassay.traffic.outcome import Outcome

CELL: Final = 32
_MAGIC: Final = b"pgassay samples"
FORMAT: Final = 1
#: Magic, format, worker, Unix time of the origin.
_HEAD: Final = struct.Struct("<15sBId4x")
#: What a cell holds; then a name's number, its text's length in bytes.
_NAME: Final = struct.Struct("<BxHI24x")
#: What a cell holds, outcome, phase, error, operation, status, intended, lag, latency, sent and
#: received bytes.
_SAMPLE: Final = struct.Struct("<BBBBHHdffII")
#: Numbers of phases and errors take a byte; an error beyond them is written as none.
_BYTE: Final = 0xFF
#: Samples that are kept back before they are written at once.
_BATCH: Final = 1024
_OUTCOMES: Final = tuple(Outcome)
_LARGEST: Final = 0xFFFFFFFF


class _Kind(IntEnum):
    NAME = 1
    SAMPLE = 2


@dataclass(frozen=True, slots=True)
class RawSample:
    """One request, or one wait for a lifecycle's end.

    `intended` is in seconds from the start of the load; `lag` is how much later it was sent;
    `latency` counts from the intended time. `lag` and `latency` are known to seven digits.
    `status` 0 means that no answer came.
    """

    operation: str
    phase: str
    intended: float
    lag: float
    latency: float
    outcome: Outcome
    status: int
    sent_bytes: int
    received_bytes: int
    error: str = ""


class SampleWriter:
    """Append samples to a file; memory stays bounded however long the load runs."""

    def __init__(self, path: Path, worker: int = 0) -> None:
        """Open `path` anew; samples count from now, unless `begin` tells another time."""
        self._file: IO[bytes] = path.open("wb", buffering=0)
        self._worker = worker
        self._file.write(self._head(time.time()))
        self._numbers: dict[str, int] = {}
        self._waiting: list[bytes] = []

    def __enter__(self) -> Self:
        """Return the open writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def begin(self, unix_time: float) -> None:
        """Note that samples count from `unix_time`, when the load begins."""
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self._file.write(self._head(unix_time))
        self._file.seek(end)

    def number(self, name: str) -> int:
        """Return the number under which `name` is written; a new one enters the file."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._numbers)
            text = name.encode("utf-8", "replace")
            cells = -(-len(text) // CELL) * CELL
            self._waiting.append(_NAME.pack(_Kind.NAME, number, len(text)))
            self._waiting.append(text.ljust(cells, b"\0"))
        return number

    def write(
        self,
        operation: int,
        phase: int,
        outcome: Outcome,
        status: int,
        times: tuple[float, float, float],
        size: tuple[int, int] = (0, 0),
        error: int = 0,
    ) -> None:
        """Append one sample; names by their `number`, `times` are intended, lag and latency.

        `size` is how many bytes were sent and received.
        """
        intended, lag, latency = times
        sent, received = size
        waiting = self._waiting
        waiting.append(
            _SAMPLE.pack(
                2, outcome.number, phase, error if error <= _BYTE else 0, operation, status,
                intended, lag, latency,
                min(sent, _LARGEST),
                min(received, _LARGEST),
            )
        )  # fmt: skip
        if len(waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand everything to the operating system."""
        if self._waiting:
            cells, self._waiting = b"".join(self._waiting), []
            self._file.write(cells)

    def close(self) -> None:
        """Write what is left and close the file."""
        if not self._file.closed:
            self.flush()
            self._file.close()

    def _head(self, unix_time: float) -> bytes:
        return _HEAD.pack(_MAGIC, FORMAT, self._worker, unix_time)


def read_origin(path: Path) -> float:
    """Return the Unix time from which the samples of a file count; raises `UsageError`."""
    return _origin(_read(path, CELL), path)


def read_samples(path: Path) -> Iterator[RawSample]:
    """Yield the samples in the order in which they ended; raises `UsageError`."""
    with path.open("rb") as file:
        _origin(file.read(CELL), path)
        names: list[str] = []
        while block := file.read(CELL * 4096):
            yield from _samples(block, names, file, path)


def _samples(block: bytes, names: list[str], file: IO[bytes], path: Path) -> Iterator[RawSample]:
    offset = 0
    while offset + CELL <= len(block):
        kind = block[offset]
        if kind == _Kind.SAMPLE:
            yield _sample(block, offset, names)
            offset += CELL
        elif kind == _Kind.NAME:
            _, _, length = _NAME.unpack_from(block, offset)
            offset += CELL
            end = offset + -(-length // CELL) * CELL
            if end > len(block):
                block += file.read(end - len(block))
            names.append(block[offset : offset + length].decode("utf-8", "replace"))
            offset = end
        else:
            raise UsageError(
                "the file of samples is damaged", str(path), "cells of names and samples"
            )


def _sample(block: bytes, offset: int, names: list[str]) -> RawSample:
    (
        _, outcome, phase, error, operation, status, intended, lag, latency, sent, received
    ) = _SAMPLE.unpack_from(block, offset)  # fmt: skip
    return RawSample(
        names[operation],
        names[phase],
        intended,
        lag,
        latency,
        _OUTCOMES[outcome],
        status,
        sent,
        received,
        names[error],
    )


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UsageError(f"the samples cannot be read: {error.strerror}", str(path)) from error


def _origin(head: bytes, path: Path) -> float:
    if len(head) == CELL:
        magic, version, _, origin = _HEAD.unpack(head)
        if (magic, version) == (_MAGIC, FORMAT):
            return float(origin)
    raise UsageError("this is not a file of samples", str(path), f"format {FORMAT} of pgassay")
