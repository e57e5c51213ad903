"""What happens beside Schemathesis's own work: mend each case before it goes, judge after."""

from typing import Any, Final

from pgassay.clock import clock
from pgassay.deviation import Deviation
from pgassay.exchange import Json
from pgassay.fuzzing.attribution import Attribution, Failure, Placing
from pgassay.fuzzing.crossing import Crossing
from pgassay.fuzzing.door import Door
from pgassay.fuzzing.ground import DISK_SIZES, Ground
from pgassay.fuzzing.guard import SAFE, Guard
from pgassay.run.session import Session
from pgassay.target.model import Family

#: Seconds that a pass waits in all for its resource to take changes again.
_PATIENCE: Final = {"quick": 0.5, "full": 6.0}
#: Whole numbers below it are exact in a double (RFC 8259, section 6).
_EXACT: Final = 2**53
#: Schemas of the names below each part of a path, the innermost part first.
_NAMES: Final = {
    "users": "RoleName",
    "databases": "DatabaseName",
    "instances": "InstanceName",
    "organizations": "PgName",
}


class Listener:
    """Hear of every case and of every failure of one pass."""

    def __init__(
        self,
        session: Session,
        ground: Ground,
        guard: Guard,
        door: Door,
        zones: Placing,
        crossing: Crossing | None = None,
    ) -> None:
        """Listen to one pass; one that draws what breaks a rule may have a `crossing`."""
        self._session = session
        self._ground = ground
        self._guard = guard
        self._door = door
        self._crossing = crossing
        self._attribution = Attribution(session, ground, guard, zones)
        self._patience = _PATIENCE[session.options.profile]
        self._ready: dict[str, bool] = {}
        component = session.specification.component
        self._named = {part: component(schema) for part, schema in _NAMES.items()}
        self._found: dict[tuple[str, str, str], Deviation] = {}
        self.errors: list[str] = []

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """What was found: the first example of each operation, check and credential."""
        return tuple(self._found.values())

    def before(self, case: Any) -> None:
        """Lead a case to resources of ours, give what it creates our name, wait until ready."""
        self._guard.steer(case.method, case.path, case.path_parameters)
        if case.method.upper() not in SAFE:
            if isinstance(case.body, dict | list):
                case.body = _whole(case.body)
            self._mend(case.method.upper(), case.path, case.body)
            if self._crossing is not None:
                case.body = self._crossing.body(case.path, case.body)
        if case.operation.definition.raw.get("x-pgassay-precondition"):
            self._ready[case.id] = self._takes_changes(case.formatted_path)

    def failed(self, failure: Any, case: Any) -> None:
        """Judge a failed check; the engine hears nothing of it and draws on."""
        exchange = self._door.exchanges.get(failure.case_id or case.id)
        if exchange is None:
            return
        documented = self._ground.documented(exchange.request.path)
        operation = self._session.specification.match(case.method, documented)
        name = operation.id if operation else exchange.request.path
        check = failure.checks[0] if failure.checks else ""
        key = (name, check, exchange.request.credential)
        if key in self._found:
            return
        deviation = self._attribution.deviation(
            Failure(
                check,
                " ".join(failure.message.split()),
                operation,
                exchange,
                resource=_deleted(failure),
                ready=self._ready.get(case.id, True),
            )
        )
        if deviation is not None:
            self._found[key] = deviation

    def _mend(self, method: str, template: str, body: Json) -> None:
        """Keep to what the resource allows, without making right what is wrong or the reverse.

        A valid name gets the run's nonce, by which a lost creation is found again; a valid disk
        size of an update is the present one, because a disk cannot shrink.
        """
        if not isinstance(body, dict):
            return
        name, disk = body.get("name"), body.get("disk_size")
        place = next((part for part in _NAMES if f"/{part}" in template), "")
        if place and self._named[place].is_valid(name):
            names = self._session.names
            service = self._ground.family is Family.CLICKHOUSE
            fresh = names.words() if service else names.identifier()
            body["name"] = fresh.replace("_", "-") if place == "instances" else fresh
        if method == "PUT" and type(disk) is int and disk in DISK_SIZES:
            body["disk_size"] = self._ground.disk_size

    def _takes_changes(self, path: str) -> bool:
        """Tell whether the resource at `path` is known to take changes now."""
        if path.startswith(self._ground.home):
            return self._wait()
        return bool(self._ground.scaling) and path == self._ground.scaling

    def _wait(self) -> bool:
        """Wait until the pass's resource takes changes, within what patience is left."""
        started = clock().now()
        poll = self._session.target.timing.poll
        while not (ready := self._guard.ready()):
            if clock().now() - started > self._patience:
                break
            clock().sleep(min(poll, 0.05))
        self._patience -= clock().now() - started if not ready else 0
        return ready


def _whole(value: Json) -> Json:
    """Write 1.0 as 1: equal for JSON Schema, but one more reason to refuse for typed parsers."""
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    exact = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if exact else value


def _deleted(failure: Any) -> str:
    """The path of the resource that a failure says was deleted before."""
    free = getattr(failure, "free", "")
    return str(free).split(" ", 1)[-1] if free else ""
