"""What may still come of a plan, at most: an objective is lost for sure only in view of that."""

from collections.abc import Iterable
from typing import Final

import msgspec

from pgassay.traffic.kind import KINDS
from pgassay.traffic.pauses import most_polls
from pgassay.traffic.plan import LoadPlan

#: An arrival sends several of these; of every other operation it sends one at most.
POLLS: Final = frozenset({"poll", "config_poll", "user_poll", "cdc_poll"})


class Outlook(msgspec.Struct, frozen=True):
    """What may still come, at most; None stands for any number.

    `arrivals` are those that have not ended. `polls` bounds the requests of each operation that
    polls, `requests` those of all operations together, whether seen so far or not, and `waits` the
    ends of each lifecycle figure.
    """

    arrivals: int
    polls: int | None = None
    requests: int | None = None
    waits: int | None = None

    def samples(self, operation: str) -> int | None:
        """How many samples of `operation` may still come; None for any number."""
        return self.polls if operation in POLLS else self.arrivals


def outlook(load: LoadPlan, arrivals: int, seconds: float) -> Outlook:
    """Return what `arrivals` may still send that is judged, `seconds` before that ends.

    A poll that is due later belongs to the drain, and is not judged. What an arrival of an unknown
    scenario sends has no bound.
    """
    kind = KINDS.get(load.scenario)
    if kind is None:
        return Outlook(arrivals)
    timing = load.target.timing
    longest = max(timing.create, timing.scale, timing.config, timing.cdc)
    each = most_polls(timing.poll, min(longest, max(seconds, 0.0))) if kind.waits else 0
    waits = arrivals * kind.waits
    if each is None:
        return Outlook(arrivals, waits=waits)
    polls = waits * each
    return Outlook(arrivals, polls, arrivals * kind.calls + polls, waits)


def together(parts: Iterable[Outlook]) -> Outlook:
    """Return what may still come of all workers' shares."""
    whole = tuple(parts)
    return Outlook(
        sum(part.arrivals for part in whole),
        _sum(part.polls for part in whole),
        _sum(part.requests for part in whole),
        _sum(part.waits for part in whole),
    )


def _sum(bounds: Iterable[int | None]) -> int | None:
    total = 0
    for bound in bounds:
        if bound is None:
            return None
        total += bound
    return total
