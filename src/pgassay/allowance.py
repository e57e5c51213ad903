"""How many services and instances a run may create, in all and at once.

Users and databases cost a target next to nothing and are not counted.
"""

import sys
from typing import Final

from pgassay.ownership import Ownership
from pgassay.target.model import Limits

#: A target that allows so many at once gets each place filled so often, where no total is set.
_ROUNDS: Final = 3
#: Of less than this nothing is left over.
_ENOUGH: Final = 4


class Allowance:
    """What the limits of a target leave to a run."""

    def __init__(self, limits: Limits, ownership: Ownership) -> None:
        """Count what `ownership` knows."""
        self._ownership = ownership
        self.total = limits.total_resources or _ROUNDS * limits.concurrent_resources
        self.concurrent = limits.concurrent_resources
        #: What valid creations leave over, for a target that accepts what it must refuse.
        self.reserve = 1 if self.total >= _ENOUGH else 0

    @property
    def limited(self) -> bool:
        """Tell whether the run must be thrifty."""
        return bool(self.total)

    @property
    def spare(self) -> int:
        """How many more may be created on purpose."""
        left = self.total - self._ownership.made - self.reserve
        return max(left, 0) if self.total else sys.maxsize

    @property
    def share(self) -> int:
        """How many of them a check may create that draws: half, since others may come after it."""
        return self.spare if not self.total else self.spare // 2

    def crowded(self, wanted: int) -> bool:
        """Tell whether something has to go before `wanted` more can exist."""
        return bool(self.concurrent) and self._ownership.standing + wanted > self.concurrent

    def exhausted(self, wanted: int) -> bool:
        """Tell whether so many more can never be created."""
        return bool(self.total) and self._ownership.made + wanted > self.total

    def forbids(self, wanted: int) -> str:
        """Say which limit `wanted` more would overshoot; empty if none."""
        if self.exhausted(wanted):
            return f"[limits] total_resources = {self.total} is used up"
        if self.crowded(wanted):
            return f"[limits] concurrent_resources = {self.concurrent} is reached"
        return ""
