"""The server without its sockets: each request is counted, carried out, and given its moment.

What takes effect does so when the request arrives; its answer leaves when the operation's law says.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pgassay.calibration import choice, faults
from pgassay.calibration.api import Answer, Api, Request, refusal, shown, throttled
from pgassay.calibration.choice import Choice
from pgassay.calibration.faults import AnswerFault
from pgassay.calibration.instances import Instances
from pgassay.calibration.laws import Constant, Law
from pgassay.calibration.truth import Early, Injected, Truth

#: Where the truth is told; such a look is no load and is not counted.
_TRUTH: Final = "/_truth"


#: What arrives so soon after a 429 may have left before it was read, in seconds.
_ON_THE_WAY: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Window:
    """When nothing is let in."""

    opened: float = 0.0
    ends: float = 0.0

    def left(self, now: float) -> float:
        """The seconds until it ends; none or fewer where it is over."""
        return self.ends - now


@dataclass(frozen=True, slots=True)
class Planned:
    """An answer and its moment. `operation` is empty for a look at the truth."""

    operation: str
    answer: Answer
    arrived: float
    due: float


class Service:
    """The API in front of the instances, with the chosen laws and faults.

    `active` and `updating` are seconds, as `Instances` explains. All that is random comes from
    `seed`.
    """

    def __init__(
        self,
        laws: Iterable[Choice] = (),
        wrong: Iterable[Choice] = (),
        seed: str = "1",
        active: float = 0.0,
        updating: float = 0.0,
    ) -> None:
        chosen = tuple(wrong)
        resources = [each for each in chosen if each.name in faults.RESOURCE_FAULTS]
        self.truth = Truth()
        struck = faults.ResourceFaults(resources, seed)
        self._instances = Instances(struck, self.truth, active, updating)
        self._api = Api(self._instances)
        self._laws: dict[str, Law] = {"": Constant(0.0)}
        self._laws |= {each.operation: choice.law(each, seed) for each in laws}
        self._faults = faults.answer_faults(chosen, seed)
        self._window = _Window()

    def plan(self, request: Request) -> Planned:
        """Count a request, let it take effect, and say what is answered when."""
        now = request.now
        if request.path.startswith(_TRUTH):
            return Planned("", self._tell(request), now, now)
        operation = request.operation
        self.truth.received(operation)
        due = self._laws.get(operation, self._laws[""]).finish(now)
        return Planned(operation, self._answer(operation, request), now, due)

    def _answer(self, operation: str, request: Request) -> Answer:
        """The answer, as far as no fault of answers keeps it away."""
        if self._window.left(request.now) > 0:
            return self._closed(operation, request)
        for fault in self._faults.get(operation, self._faults.get("", [])):
            if fault.strike():
                return self._faulty(fault, operation, request)
        return self._api.answer(request)

    def _faulty(self, fault: AnswerFault, operation: str, request: Request) -> Answer:
        self.truth.injected(Injected(fault.kind, operation, request.last, "", request.now))
        if fault.kind == "throttle":
            if not fault.value("header"):
                return throttled(None)
            self._window = _Window(request.now, request.now + fault.value("seconds"))
            return throttled(fault.value("seconds"))
        if fault.kind == "error":
            return refusal(500, "this request was chosen to fail")
        if fault.value("effect"):
            self._api.answer(request)
        return Answer(0)

    def _closed(self, operation: str, request: Request) -> Answer:
        """Refuse what comes in a window; what was not on its way already has come too early."""
        left = self._window.left(request.now)
        if request.now > self._window.opened + _ON_THE_WAY:
            self.truth.early(Early(operation, request.path, left))
        return throttled(left)

    def _tell(self, request: Request) -> Answer:
        """`/_truth`, or the raw samples of `/_truth/OPERATION`."""
        operation = request.path.removeprefix(_TRUTH).strip("/")
        if operation:
            return shown(self.truth.samples(operation))
        return shown(self.truth.report(len(self._instances)))
