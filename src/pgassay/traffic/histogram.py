"""Latencies as counts in log-linear buckets: small, quick to record, and merged exactly.

Each power of two is cut into 512 buckets of one width, so a value is known to 1/1024 of itself.
Everything but `minimum` and `maximum`, which are exact, is a sum of integers: histograms of the
parts of a load, however it was split, merge into the histogram of the whole. The layout is that of
HdrHistogram (hdrhistogram.org) with a fixed number of significant bits.
"""

import math
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import frexp
from typing import Final

import msgspec

#: Below this many seconds (about a nanosecond) a value counts as zero.
_SMALLEST: Final = 2.0**-30
#: The index of the bucket for zero: below that of `_SMALLEST`.
_ZERO: Final = -30 * 512
_NANOSECONDS: Final = 1e9


class Histogram:
    """Durations in seconds; negative ones count as zero."""

    __slots__ = ("_counts", "_maximum", "_minimum", "_nanoseconds", "_packed", "count")

    def __init__(self) -> None:
        """Start empty."""
        self.count = 0
        self._counts: dict[int, int] = {}
        self._packed = b""
        self._nanoseconds = 0
        self._minimum = math.inf
        self._maximum = 0.0

    def record(self, seconds: float) -> None:
        """Count one value."""
        # The hot path of every request: nothing is called here that can be written out.
        if seconds < _SMALLEST:
            seconds = max(seconds, 0.0)
            index = _ZERO
        else:
            mantissa, exponent = frexp(seconds)
            index = exponent * 512 + int(mantissa * 1024.0)
        counts = self._counts
        if index in counts:
            counts[index] += 1
        else:
            counts[index] = 1
        self.count += 1
        self._nanoseconds += int(seconds * 1e9)
        if seconds < self._minimum:  # noqa: PLR1730  # min() takes three times as long
            self._minimum = seconds
        if seconds > self._maximum:  # noqa: PLR1730  # as for min()
            self._maximum = seconds

    def merge(self, other: "Histogram") -> None:
        """Add everything that `other` counted."""
        counts, nanoseconds, minimum, maximum = other._state()  # noqa: SLF001  # its own kind
        own = self._buckets()
        if own:
            for index, count in counts.items():
                own[index] = own.get(index, 0) + count
        else:
            own.update(counts)
        self.count += other.count
        self._nanoseconds += nanoseconds
        self._minimum = min(self._minimum, minimum)
        self._maximum = max(self._maximum, maximum)

    @classmethod
    def merged(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """Return one histogram of all values of `histograms`."""
        found = cls()
        for histogram in histograms:
            found.merge(histogram)
        return found

    @property
    def total(self) -> float:
        """The sum of all values in seconds, each cut to whole nanoseconds."""
        return self._nanoseconds / _NANOSECONDS

    @property
    def mean(self) -> float | None:
        """The mean in seconds; None without values."""
        return self.total / self.count if self.count else None

    @property
    def minimum(self) -> float | None:
        """The smallest value in seconds, exact; None without values."""
        return self._minimum if self.count else None

    @property
    def maximum(self) -> float | None:
        """The largest value in seconds, exact; None without values."""
        return self._maximum if self.count else None

    def value_at_rank(self, rank: int) -> float:
        """Return the value with `rank` (1 to `count`) in ascending order, in seconds.

        It differs from the true one by at most 1/1024 of it; the first and the last are exact.
        Raises IndexError for a rank that no value has.
        """
        if not 1 <= rank <= self.count:
            raise IndexError(f"rank {rank} of {self.count} values")
        if rank == self.count:
            return self._maximum
        if rank == 1:
            return self._minimum
        # Most ranks that are asked for are near the top.
        buckets, left = self._buckets(), self.count - rank
        for index in sorted(buckets, reverse=True):
            left -= buckets[index]
            if left < 0:
                low, high = _bounds(index)
                return min(max((low + high) / 2, self._minimum), self._maximum)
        return self._minimum

    def quantile(self, share: float) -> float | None:
        """Return the nearest-rank quantile `share` (0 to 1) in seconds; None without values."""
        if not self.count:
            return None
        return self.value_at_rank(min(max(math.ceil(share * self.count - 1e-9), 1), self.count))

    def above(self, seconds: float) -> int:
        """How many values are surely above `seconds`: those of all buckets that begin above it."""
        bound = _bucket(seconds)
        return sum(count for index, count in self._buckets().items() if index > bound)

    def tail(self, seconds: float) -> "Histogram":
        """Return a histogram of as many values in which all not surely above `seconds` are zero.

        Those above are as they were, and so is every rank that is theirs; the sum is not known.
        """
        found, bound = Histogram(), _bucket(seconds)
        found._counts = {index: n for index, n in self._buckets().items() if index > bound}
        found.count, above = self.count, sum(found._counts.values())
        found._minimum, found._maximum = self._minimum, self._maximum if above else 0.0
        if above < self.count:
            found._counts[_ZERO] = self.count - above
            found._minimum = 0.0
        return found

    def items(self) -> Iterator[tuple[float, float, int]]:
        """Yield low end, high end (both in seconds) and count of each filled bucket, ascending."""
        for index, count in sorted(self._buckets().items()):
            yield *_bounds(index), count

    def compact(self) -> None:
        """Take as little memory as can be until more is recorded; for those that have come to rest.

        A histogram that is kept for each second of a long run would otherwise fill the memory.
        """
        if self._counts:
            self._packed = zlib.compress(_pack(self._buckets()), 1)
            self._counts = {}

    def coarse(self) -> "Histogram":
        """Return the same values in buckets eight times as wide: an eighth of the work, for a look.

        Values are known to 1/128 of themselves; all else is as exact as it was.
        """
        found = Histogram()
        counts = found._counts
        for index, count in self._buckets().items():
            # The middle one of eight neighbours; 512 is a multiple of eight.
            wide = index if index == _ZERO else index & ~7 | 4
            counts[wide] = counts.get(wide, 0) + count
        found.count, found._nanoseconds = self.count, self._nanoseconds
        found._minimum, found._maximum = self._minimum, self._maximum
        return found

    def encode(self) -> bytes:
        """Return everything as bytes, for a file or another process."""
        ends = (self._minimum, self._maximum) if self.count else None
        return zlib.compress(
            msgspec.msgpack.encode((ends, self._nanoseconds, _pack(self._buckets()))), 1
        )

    @classmethod
    def decode(cls, encoded: bytes) -> "Histogram":
        """Return the histogram that `encode` wrote; raises ValueError for other bytes."""
        try:
            ends, nanoseconds, packed = msgspec.msgpack.decode(
                zlib.decompress(encoded), type=tuple[tuple[float, float] | None, int, bytes]
            )
            counts = _unpack(packed)
        except (zlib.error, msgspec.DecodeError) as error:
            raise ValueError(f"this is not a histogram: {error}") from error
        found = cls()
        found._counts, found._nanoseconds = counts, nanoseconds
        found.count = sum(counts.values())
        if ends is not None:
            found._minimum, found._maximum = ends
        return found

    def __eq__(self, other: object) -> bool:
        """Tell whether both counted the same."""
        return isinstance(other, Histogram) and self._state() == other._state()

    __hash__ = None  # type: ignore[assignment]  # it changes with every record

    def __repr__(self) -> str:
        return f"Histogram({self.count} values, {self.minimum} to {self.maximum} s)"

    def _state(self) -> tuple[dict[int, int], int, float, float]:
        return (self._buckets(), self._nanoseconds, self._minimum, self._maximum)

    def _buckets(self) -> dict[int, int]:
        """The counts by index, unpacked where they were compacted."""
        if self._packed:
            counts = _unpack(zlib.decompress(self._packed))
            self._packed = b""
            for index, count in self._counts.items():
                counts[index] = counts.get(index, 0) + count
            self._counts = counts
        return self._counts


def _bucket(seconds: float) -> float:
    """The index of the bucket that holds `seconds`; that of infinity is above all others."""
    if seconds < _SMALLEST:
        return _ZERO
    if math.isinf(seconds):
        return seconds
    mantissa, exponent = frexp(seconds)
    return exponent * 512 + int(mantissa * 1024.0)


def _bounds(index: int) -> tuple[float, float]:
    if index == _ZERO:
        return 0.0, _SMALLEST
    # From 512 on, so that an index is the exponent times 512 and 1024 times the mantissa.
    exponent, step = divmod(index - 512, 512)
    return math.ldexp(512 + step, exponent - 10), math.ldexp(513 + step, exponent - 10)


def _pack(counts: dict[int, int]) -> bytes:
    """Distances between indices and counts; small numbers, which take a byte or two each."""
    ordered = sorted(counts)
    distances = ordered[:1] + [after - before for before, after in pairwise(ordered)]
    return msgspec.msgpack.encode((distances, [counts[index] for index in ordered]))


def _unpack(packed: bytes) -> dict[int, int]:
    distances, counts = msgspec.msgpack.decode(packed, type=tuple[list[int], list[int]])
    found, index = {}, 0
    for distance, count in zip(distances, counts, strict=True):
        index += distance
        found[index] = count
    return found
