"""Phases of a load: how many arrivals come in each, and how they are spaced."""

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Process: TypeAlias = Literal["poisson", "constant"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of `seconds`; `rate` arrivals per second at its start, `until` at its end.

    In between the rate changes evenly. A step or a spike is several phases. What is not `measured`
    (the warm-up, a ramp) is recorded and not judged.
    """

    name: str
    seconds: float
    process: Process
    rate: float
    until: float
    measured: bool = True

    @property
    def arrivals(self) -> float:
        """The expected number of arrivals."""
        return (self.rate + self.until) / 2 * self.seconds

    def moment(self, number: float) -> float:
        """The seconds into the phase at which `number` arrivals are expected to have come.

        This inverts the integral of the rate, r*t + (u - r)/(2*s) * t^2, from 0 to `seconds`.
        """
        slope = (self.until - self.rate) / self.seconds if self.seconds else 0.0
        # The form of the quadratic formula that loses no digits where the slope is small or zero.
        root = math.sqrt(max(self.rate**2 + 2 * slope * number, 0.0))
        divisor = self.rate + root
        return min(2 * number / divisor, self.seconds) if divisor else 0.0


#: After the last phase nothing arrives; what still runs then is recorded and not judged.
DRAIN: Final = Phase("drain", math.inf, "constant", 0.0, 0.0, measured=False)
