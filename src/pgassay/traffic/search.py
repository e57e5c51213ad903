"""Search for the highest rate that is kept: bracket, bisect, confirm, hold.

The search knows nothing of traffic; `Trial` applies a rate and says what came of it. Near the edge
a trial may go either way. Whether a rate is kept is therefore asked again before a bisection
believes that it is not, and the rate that is found must be kept several times more, and longer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol


class Purpose(StrEnum):
    """What a trial is for."""

    BRACKET = "bracket"
    BISECT = "bisect"
    CONFIRM = "confirm"
    HOLD = "hold"


class Answer(StrEnum):
    """What a trial says of its rate."""

    KEPT = "kept"
    BROKEN = "broken"
    #: The generator did not apply the rate: no evidence about the server.
    GENERATOR = "generator"
    #: Too little was measured to tell, or the trial could not be carried out.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one trial.

    `achieved` is in good arrivals per second, `p99` in seconds, `backlog_slope` in resources per
    second, `concurrency` the mean number of requests in flight and `throughput` the requests per
    second that made it up, `creates` the resources that became active per minute.
    """

    answer: Answer
    achieved: float = 0.0
    p99: float | None = None
    backlog_slope: float | None = None
    concurrency: float | None = None
    throughput: float | None = None
    creates: float | None = None
    note: str = ""


class Trial(Protocol):
    """Whatever applies a rate to a server."""

    def __call__(self, rate: float, seconds: float) -> Outcome:
        """Apply `rate` arrivals per second for `seconds` and tell what came of it.

        Raises `Over` where the search has to end.
        """


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where and how long to search; the words are those of a plan's table `[capacity]`."""

    lowest: float
    highest: float
    seconds: float
    confirmations: int = 2
    hold: float = 0.0
    precision: float = 0.05


@dataclass(frozen=True, slots=True)
class Attempt:
    """One trial of the search."""

    rate: float
    seconds: float
    purpose: Purpose
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """The highest rate that was kept, the lowest that was not, and all trials.

    `limited` says why the capacity may be higher than `sustained`: empty when the server's own
    limit was found. `complete` tells whether all that the plan asks for was done.
    """

    attempts: tuple[Attempt, ...]
    sustained: float | None
    lowest_bad: float | None
    limited: str = ""
    note: str = ""
    complete: bool = True


#: How often the rate is taken back by one step before the search gives up.
_RETREATS: Final = 12
_NEXT: Final = 2.0
#: How often in a row a trial may say nothing about the server. A generator at its limit fails every
#: time; a machine that stood still for a second does not.
_PATIENCE: Final = 3


class Over(Exception):
    """The search cannot go on; the text says why."""


class Search:
    """One search on its way."""

    def __init__(
        self, bounds: Bounds, trial: Trial, told: Callable[[Attempt], None] = lambda attempt: None
    ) -> None:
        """`told` hears of each trial as it ends."""
        self._bounds = bounds
        self._trial = trial
        self._told = told
        self._attempts: list[Attempt] = []
        self._good: float | None = None
        self._bad: float | None = None
        #: The lowest rate that the generator did not apply.
        self._ceiling: float | None = None

    def run(self) -> Found:
        """Search to the end; each trial is carried out once it is needed."""
        note = ""
        try:
            self._bracket()
            self._bisect()
            self._doubt()
            self._settle()
        except Over as over:
            note = str(over)
        attempts = tuple(self._attempts)
        complete = not note and self._ceiling is None
        return Found(attempts, self._good, self._bad, self._limited(), note, complete)

    def _bracket(self) -> None:
        """Double the rate until it is not kept, or cannot be applied, or is the highest."""
        rate = self._bounds.lowest
        while self._ask(rate, Purpose.BRACKET):
            if rate >= self._bounds.highest:
                return
            rate = min(rate * _NEXT, self._bounds.highest)
        if self._good is None:
            raise Over(
                "the lowest rate could not be applied"
                if self._bad is None
                else "not even the lowest rate was kept"
            )

    def _bisect(self) -> None:
        """Halve the bracket, in proportion, until it is as narrow as wanted."""
        while (upper := self._upper()) is not None and self._good is not None:
            if upper <= self._good * (1 + self._bounds.precision):
                return
            self._ask(math.sqrt(self._good * upper), Purpose.BISECT)

    def _doubt(self) -> None:
        """Confirm the upper end, too: step up as long as it turns out to be kept after all."""
        bounds = self._bounds
        while bounds.confirmations and self._good and self._bad and self._upper() == self._bad:
            if not self._majority(self._bad, bounds.confirmations, bounds.confirmations):
                return
            self._good, self._bad = self._bad, None
            while self._upper() is None and self._good < bounds.highest:
                higher = min(self._good * (1 + bounds.precision), bounds.highest)
                self._ask(higher, Purpose.BISECT)

    def _settle(self) -> None:
        """Have the rate kept several times more and longer; take it back by a step if it is not."""
        bounds = self._bounds
        for _ in range(_RETREATS):
            rate = self._good
            if rate is None or self._confirmed(rate):
                return
            self._bad = rate if self._bad is None else min(rate, self._bad)
            self._good = rate / (1 + bounds.precision)
            if self._good < bounds.lowest:
                self._good = None
                raise Over("no rate was kept often enough")
        self._good = None
        raise Over(f"no rate was kept {bounds.confirmations + 1} times in a row")

    def _confirmed(self, rate: float) -> bool:
        """Whether a rate is kept as often as wanted before it is broken as often, and held."""
        bounds = self._bounds
        # A rate that was taken back has not been tried yet.
        tried = any(
            item.rate == rate and item.outcome.answer is Answer.KEPT for item in self._attempts
        )
        if not self._majority(rate, bounds.confirmations + (not tried), bounds.confirmations):
            return False
        return not bounds.hold or self._keeps(rate, bounds.hold, Purpose.HOLD)

    def _majority(self, rate: float, kept: int, broken: int) -> bool:
        """Try a rate until it was `kept` so often, or `broken` so often (at least once)."""
        left = {True: kept, False: max(broken, 1)}
        while all(left.values()):
            left[self._keeps(rate, self._bounds.seconds, Purpose.CONFIRM)] -= 1
        return not left[True]

    def _keeps(self, rate: float, seconds: float, purpose: Purpose) -> bool:
        """Tell whether a rate is kept; what is no evidence about the server is tried again."""
        for _ in range(_PATIENCE):
            answer = self._try(rate, seconds, purpose)
            if answer in {Answer.KEPT, Answer.BROKEN}:
                return answer is Answer.KEPT
        if answer is Answer.GENERATOR:
            self._ceiling = rate
        raise Over(f"{rate:.4g} arrivals/s could not be confirmed: {self._note()}")

    def _ask(self, rate: float, purpose: Purpose) -> bool:
        """Try a rate, move the bracket by what is to be believed of it; tell if it was kept."""
        answer = self._believed(rate, purpose)
        if answer is Answer.UNKNOWN:
            raise Over(self._note())
        if answer is Answer.KEPT:
            self._good = rate
        elif answer is Answer.BROKEN:
            self._bad = rate
        else:
            self._ceiling = rate
        return answer is Answer.KEPT

    def _believed(self, rate: float, purpose: Purpose) -> Answer:
        """Ask again where a rate seems not to be kept; of answers that differ a third decides."""
        first = self._try(rate, self._bounds.seconds, purpose)
        if first is Answer.KEPT:
            return first
        second = self._try(rate, self._bounds.seconds, purpose)
        if second is first and first is not Answer.GENERATOR:
            return first
        if first is Answer.GENERATOR and second is Answer.KEPT:
            return second
        return self._try(rate, self._bounds.seconds, purpose)

    def _try(self, rate: float, seconds: float, purpose: Purpose) -> Answer:
        attempt = Attempt(rate, seconds, purpose, self._trial(rate, seconds))
        self._attempts.append(attempt)
        self._told(attempt)
        return attempt.outcome.answer

    def _note(self) -> str:
        return self._attempts[-1].outcome.note or "the last trial said nothing"

    def _upper(self) -> float | None:
        return min((end for end in (self._bad, self._ceiling) if end is not None), default=None)

    def _limited(self) -> str:
        if self._bad is not None and (self._ceiling is None or self._bad <= self._ceiling):
            return ""
        if self._ceiling is not None:
            return f"the generator could not apply {self._ceiling:.4g} arrivals/s"
        if self._good is None:
            return ""
        if self._good < self._bounds.highest:
            return f"no rate above {self._good:.4g} arrivals/s was broken"
        return f"the highest rate of the plan, {self._bounds.highest:g} arrivals/s, was kept"
