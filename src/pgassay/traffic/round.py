"""One plan carried out by several workers, as the master sees it: who is how far, who is lost.

It knows no Locust and no clock of its own, so that every loss can be played through in a test.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.traffic.early_end import Standing, Standings
from pgassay.traffic.objectives import Objectives
from pgassay.traffic.orders import Assign, End, Order, Stage, Start, State, Stop
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.silence import Silence

#: From the start's announcement to the start itself, in seconds: longer than messages take.
_LEAD: Final = 0.25
#: Seconds after which an order is repeated to a worker that does not show that it has it.
_REPEAT: Final = 2.0
#: A worker that begins this much later than the others would shift their figures, in seconds.
_LATEST: Final = 2.0


@dataclass(slots=True)
class Seat:
    """A worker's place in a round; `lost` says why its figures are missing or incomplete."""

    plan: LoadPlan
    host: str
    silence: Silence
    state: State | None = None
    stage: Stage = Stage.IDLE
    asked: float = float("-inf")
    lost: str = ""

    @property
    def over(self) -> bool:
        """Tell whether nothing more is to be expected from this worker."""
        return bool(self.lost) or self.stage is Stage.ENDED

    @property
    def name(self) -> str:
        """How the worker is called in messages."""
        return f"worker {self.plan.worker} on {self.host}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may take how long, in seconds.

    `whole` is from the assignment to the end, `cleanup` from a stop to the end, `silence` between
    two words of a worker.
    """

    whole: float
    cleanup: float
    silence: float


class Round:
    """The workers of one plan, each known by its client's name."""

    def __init__(
        self,
        assignment: int,
        seats: Mapping[str, Seat],
        allowance: Allowance,
        send: Callable[[str, Order], None],
        clock: Callable[[], float],
    ) -> None:
        """Nothing is sent before `advance`; `clock` returns monotonic seconds."""
        self.seats = dict(seats)
        self._assignment = assignment
        self._allowance = allowance
        self._send = send
        self._clock = clock
        self._deadline = clock() + allowance.whole
        self._started: float | None = None
        self._stopped = False
        self._ended = ""
        objectives = next((seat.plan.objectives for seat in seats.values()), Objectives())
        self._standings = Standings(objectives, len(seats))

    @property
    def over(self) -> bool:
        """Tell whether every worker has ended or is lost."""
        return all(seat.over for seat in self.seats.values())

    def hear(self, client: str, state: State) -> None:
        """Take note of what a worker says; one that was given up is no longer listened to."""
        seat = self.seats.get(client)
        if seat is None or seat.over:
            return
        seat.silence.heard()
        seat.state = state
        if state.assignment != self._assignment:
            if state.leaving:
                self.lose(client, "left before it began")
            return
        if state.trouble:
            self.lose(client, f"could not carry out its plan: {state.trouble}")
        seat.stage = state.stage

    def weigh(self, client: str, standing: Standing) -> None:
        """Take note of how a worker that takes part stands."""
        if client in self.seats:
            self._standings.hear(client, standing)

    def lose(self, client: str, reason: str) -> None:
        """Give a worker up; the sentence names it by its number."""
        seat = self.seats[client]
        if not seat.over:
            seat.lost = f"{seat.name} {reason}"

    def stop(self) -> None:
        """Have all workers end and clean up."""
        if not self._stopped:
            self._stopped = True
            self._deadline = self._clock() + self._allowance.cleanup
            for _, seat in self._open():
                seat.asked = float("-inf")

    def advance(self) -> None:
        """Do what is due; to be called after every message and a few times a second."""
        self._give_up_the_silent()
        if not self._stopped:
            self._begin_or_stop()
        for client, seat in self._open():
            if seat.state is None or seat.state.assignment != self._assignment:
                self._ask(client, seat, Assign(self._assignment, seat.plan))
            elif self._stopped:
                self._ask(client, seat, Stop(self._assignment))
            elif self._ended:
                self._ask(client, seat, End(self._assignment, self._ended))

    def _begin_or_stop(self) -> None:
        seats = self.seats.values()
        if any(seat.lost for seat in seats) or self._clock() > self._deadline:
            # The run proves nothing any more: no target need bear the rest of it.
            self.stop()
        elif self._started is None and any(seat.over for seat in seats):
            self.stop()
        elif self._started is None and all(seat.stage is Stage.PREPARED for seat in seats):
            self._started = self._clock() + _LEAD
            for client in self.seats:
                self._send(client, Start(self._assignment, self._started - self._clock()))
        elif self._started is not None and not self._ended:
            self._ended = self._standings.lost()
            for _, seat in self._open() if self._ended else ():
                seat.asked = float("-inf")

    def _give_up_the_silent(self) -> None:
        now = self._clock()
        for client, seat in self._open():
            if seat.silence.look() > self._allowance.silence:
                self.lose(client, f"was not heard of for {self._allowance.silence:g} s")
            elif self._stopped and now > self._deadline:
                self.lose(client, f"did not end within {self._allowance.cleanup:g} s")
            elif self._late(seat, now):
                self.lose(client, "did not begin with the others")

    def _late(self, seat: Seat, now: float) -> bool:
        begun = self._started is not None and now > self._started + _LATEST
        return begun and not self._stopped and seat.stage is Stage.PREPARED

    def _ask(self, client: str, seat: Seat, order: Order) -> None:
        if self._clock() - seat.asked >= _REPEAT:
            seat.asked = self._clock()
            self._send(client, order)

    def _open(self) -> Iterable[tuple[str, Seat]]:
        return [(client, seat) for client, seat in self.seats.items() if not seat.over]
