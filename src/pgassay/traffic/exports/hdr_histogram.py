"""The HdrHistogram of one interval, in the encoding that its tools read (V2, compressed).

Format: https://github.com/HdrHistogram/HdrHistogram, `AbstractHistogram.encodeIntoByteBuffer` and
`encodeIntoCompressedByteBuffer`; the numbers are big-endian, counts are ZigZag LEB128 in which a
negative one stands for a run of zeros. Values are whole microseconds with three significant digits.
"""

import struct
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping

#: Three significant digits take 2048 steps for each power of two; from the second one on only the
#: upper half of them is used.
_HALF_BITS = 10
_MASK = (1 << (_HALF_BITS + 1)) - 1
_COOKIE = 0x1C849303 | 0x10
_COMPRESSED_COOKIE = 0x1C849304 | 0x10
_HEADER = struct.Struct(">iiiiqqd")
_DIGITS, _LOWEST, _RATIO = 3, 1, 1.0
#: The highest value that readers make room for, in microseconds: an hour, as the tools' default.
_HIGHEST = 3_600_000_000


class HdrHistogram:
    """Counts of values by the steps of the format; a value beyond an hour counts as an hour."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: Counter[int] = Counter()
        self.maximum = 0  # microseconds

    def record(self, seconds: float) -> None:
        """Count one value of zero or more seconds."""
        value = min(max(round(seconds * 1e6), 0), _HIGHEST)
        self.maximum = max(self.maximum, value)
        self._counts[_index(value)] += 1

    def encode(self) -> str:
        """Return the histogram as base64 text, as interval logs hold it."""
        counts = b"".join(map(_zigzag, _runs(self._counts)))
        header = (_COOKIE, len(counts), 0, _DIGITS, _LOWEST, _HIGHEST, _RATIO)
        packed = zlib.compress(_HEADER.pack(*header) + counts)
        return b64encode(struct.pack(">ii", _COMPRESSED_COOKIE, len(packed)) + packed).decode()


def _index(value: int) -> int:
    """The place of a value among the counts."""
    power = (value | _MASK).bit_length() - (_HALF_BITS + 1)
    return (power << _HALF_BITS) + (value >> power)


def _runs(counts: Mapping[int, int]) -> Iterator[int]:
    """Yield counts in the order of their places, and each run of zeros as its negative length."""
    reached = 0
    for index in sorted(counts):
        if index > reached:
            yield reached - index
        yield counts[index]
        reached = index + 1


def _zigzag(number: int) -> bytes:
    rest = (number << 1) ^ (number >> 63)
    written = bytearray()
    while rest > 0x7F and len(written) < 8:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)
