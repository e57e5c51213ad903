"""States over time: legal steps only, no return after delete, and what never changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgassay.exchange import Exchange, Json
from pgassay.expectation import same, show
from pgassay.monitors.judgement import Judgement, judge
from pgassay.monitors.sightings import Sighting, sightings
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = (
    "CH-SVC-CREATED-AT",
    "CH-SVC-DELETE-NO-RESURRECTION",
    "CH-SVC-GET-STABLE",
    "CH-SVC-PRIMARY-STEADY",
    "CH-SVC-STATE-ENUM",
    "CH-SVC-STATE-LEGAL",
    "DB-DB-STATUS",
    "DB-INST-DELETE-NO-RESURRECTION",
    "DB-INST-STATUS-ENUM",
    "DB-INST-STATUS-LEGAL",
    "DB-INST-UPDATE-IDENTITY",
    "DB-USER-STATUS",
)

_SERVICE_STATES = frozenset(
    "creating restarting running replaying_wal restoring_backup finalizing_restore "
    "unavailable stopped deleting".split()
)
#: States of services whose provisioning is over.
_ARRIVED = frozenset({"running", "restarting", "stopped"})
_STATUSES = {
    "instance": frozenset({"NEW", "IN_PROGRESS", "ACTIVE", "ERROR"}),
    "user": frozenset({"NEW", "ACTIVE", "ERROR"}),
    "database": frozenset({"NEW", "ACTIVE", "ERROR"}),
}
_ENUM = {
    "service": "CH-SVC-STATE-ENUM",
    "instance": "DB-INST-STATUS-ENUM",
    "user": "DB-USER-STATUS",
    "database": "DB-DB-STATUS",
}
_LEGAL = _ENUM | {"service": "CH-SVC-STATE-LEGAL", "instance": "DB-INST-STATUS-LEGAL"}
_RETURN = {
    "service": "CH-SVC-DELETE-NO-RESURRECTION",
    "instance": "DB-INST-DELETE-NO-RESURRECTION",
}
#: kind -> (member that never changes, the requirement that says so)
_CONSTANT = {
    "service": (
        ("provider", "CH-SVC-GET-STABLE"),
        ("region", "CH-SVC-GET-STABLE"),
        ("postgresVersion", "CH-SVC-GET-STABLE"),
        ("createdAt", "CH-SVC-CREATED-AT"),
    ),
    "instance": (("created_at", "DB-INST-UPDATE-IDENTITY"),),
}


@dataclass(slots=True)
class _History:
    """What is known of one resource so far; `until` is when its last sighting was complete.

    `viewers` are the credentials that have seen it, `deleters` those whose delete was accepted:
    to others it may be as good as absent, and what they are told proves nothing.
    """

    state: str = ""
    until: float = 0.0
    viewers: set[str] = field(default_factory=set)
    deleters: set[str] = field(default_factory=set)
    gone: bool = False
    promoted: bool = False
    members: dict[str, Json] = field(default_factory=dict)


class LifecycleMonitor:
    """Follow every resource that a credential of the run sees, each where it lives."""

    def __init__(self) -> None:
        """Start without history."""
        self._histories: dict[str, _History] = {}

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None:
            return
        path, method = exchange.request.path.split("?")[0].rstrip("/"), exchange.request.method
        history, credential = self._history(path), exchange.request.credential
        if method == "DELETE" and exchange.succeeded:
            history.deleters.add(credential)
        if operation.id == "postgresServicePatchState" and exchange.succeeded:
            self._history(path.rpartition("/")[0]).promoted |= _promotes(exchange)
        if method == "GET" and exchange.status in {404, 410}:
            deleted = not history.deleters.isdisjoint(history.viewers)
            history.gone = history.gone or (credential in history.viewers and deleted)
            # A read that is under way since before may still show it.
            history.until = max(history.until, exchange.sent_at + exchange.duration)
            return
        if exchange.succeeded:
            for sighting in sightings(exchange, operation):
                yield from self._judge(sighting, exchange)

    def _history(self, path: str) -> _History:
        return self._histories.setdefault(path, _History())

    def _judge(self, sighting: Sighting, exchange: Exchange) -> Iterator[Judgement]:
        history = self._history(sighting.path)
        history.viewers.add(exchange.request.credential)
        if exchange.sent_at < history.until:
            return  # overlapping requests have no order to be judged by
        if sighting.kind in _RETURN:
            yield judge(
                _RETURN[sighting.kind],
                not history.gone,
                f"the deleted {sighting.kind} is back",
                "404 for good once it was answered after the delete",
                f"{exchange.line} shows {sighting.path}",
            )
        yield from self._state(sighting, history)
        yield from self._constants(sighting, history)
        yield from self._role(sighting, history)
        history.until = exchange.sent_at + exchange.duration

    def _state(self, sighting: Sighting, history: _History) -> Iterator[Judgement]:
        state = sighting.state
        if state is None:
            return
        known = _STATUSES.get(sighting.kind, _SERVICE_STATES)
        yield judge(
            _ENUM[sighting.kind],
            isinstance(state, str) and state in known,
            "an undocumented state",
            "one of " + ", ".join(sorted(known)),
            show(state),
        )
        if history.state:
            yield judge(
                _LEGAL[sighting.kind],
                legal(sighting.family, history.state, str(state)),
                "an illegal transition",
                f"a legal successor of {history.state}",
                f"{history.state} -> {state}",
            )
        history.state = str(state)

    def _constants(self, sighting: Sighting, history: _History) -> Iterator[Judgement]:
        for name, requirement in _CONSTANT.get(sighting.kind, ()):
            if name not in sighting.members:
                continue
            value = sighting.members[name]
            first = history.members.setdefault(name, value)
            yield judge(
                requirement, same(first, value), f"{name} changed", show(first), show(value)
            )

    def _role(self, sighting: Sighting, history: _History) -> Iterator[Judgement]:
        primary = sighting.members.get("isPrimary")
        if not isinstance(primary, bool):
            return
        before = history.members.get("isPrimary", primary)
        yield judge(
            "CH-SVC-PRIMARY-STEADY",
            primary is before or (primary and history.promoted),
            "isPrimary changed",
            "another role after a promotion of this service alone",
            f"{show(before)} -> {show(primary)}",
        )
        history.members["isPrimary"] = primary


def _promotes(exchange: Exchange) -> bool:
    try:
        body = json.loads(exchange.request.body or b"")
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("command") == "promote"


def legal(family: Family, before: str, after: str) -> bool:
    """Tell whether a service or an instance that was in state `before` may be in `after`."""
    if family is Family.DBAAS:
        return after != "NEW" or before == "NEW"
    if before == "deleting":
        return after == "deleting"
    if after == "finalizing_restore":
        return before not in _ARRIVED
    return after != "creating" or before == "creating"
