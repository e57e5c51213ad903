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
        self._closed: dict[str, float] = {}  # path -> when its throttling ends

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
        for fault in self._faults.get(operation, self._faults.get("", [])):
            left = self._closed.get(request.path, 0.0) - request.now
            if fault.kind == "throttle" and left > 0:
                self.truth.early(Early(operation, request.path, left))
                return throttled(left)
            if fault.strike():
                return self._faulty(fault, operation, request)
        return self._api.answer(request)

    def _faulty(self, fault: AnswerFault, operation: str, request: Request) -> Answer:
        self.truth.injected(Injected(fault.kind, operation, request.last, "", request.now))
        if fault.kind == "throttle":
            return self._throttle(fault, request)
        if fault.kind == "error":
            return refusal(500, "this request was chosen to fail")
        if fault.value("effect"):
            self._api.answer(request)
        return Answer(0)

    def _throttle(self, fault: AnswerFault, request: Request) -> Answer:
        """Close the path for a while; where no time is named, nobody can come too early."""
        if not fault.value("header"):
            return throttled(None)
        self._closed[request.path] = request.now + fault.value("seconds")
        return throttled(fault.value("seconds"))

    def _tell(self, request: Request) -> Answer:
        """`/_truth`, or the raw samples of `/_truth/OPERATION`."""
        operation = request.path.removeprefix(_TRUTH).strip("/")
        if operation:
            return shown(self.truth.samples(operation))
        return shown(self.truth.report(len(self._instances)))
