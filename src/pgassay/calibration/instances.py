"""The instances that the server holds, what it shows of them, and how it lies about some."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pgassay.calibration.faults import ResourceFaults
from pgassay.calibration.truth import Injected, Truth

_DEFAULTS = {
    "description": "",
    "cpu": 1,
    "ram": 1024,
    "disk_size": 10,
    "nodes_number": 1,
    "sync_replica_number": 0,
}
_SIZES = ("cpu", "ram", "disk_size", "nodes_number", "sync_replica_number")
#: How long a deletion holds that does not last, in seconds.
_AWAY = 0.2
_WRITABLE = frozenset({"name", "description", "project_id", "version", *_SIZES})


@dataclass(slots=True)
class Instance:
    """One instance; `fault` is what is wrong with it, `struck` whether that has shown."""

    value: dict[str, Any]
    active_at: float
    fault: str = ""
    struck: bool = False
    seen_active: bool = False
    pending: str = "NEW"  # its status until `active_at`
    gone_until: float = 0.0  # a deletion that does not last
    before: dict[str, Any] | None = None  # what a stale read shows once more
    children: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The identifier that the server gave it."""
        return str(self.value["uuid"])


class Instances:
    """All instances, oldest first.

    A new one is NEW for `active` seconds and ACTIVE from then on, exactly; one whose sizes change
    is IN_PROGRESS for `updating` seconds. Moments are in seconds of one clock.
    """

    def __init__(
        self, faults: ResourceFaults, truth: Truth, active: float = 0.0, updating: float = 0.0
    ) -> None:
        self._faults = faults
        self._truth = truth
        self._active = active
        self._updating = updating
        # Two instances stand under one identifier where it was given twice.
        self._held: dict[str, list[Instance]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def create(self, body: Mapping[str, Any], now: float) -> dict[str, Any]:
        """Create an instance as `body` says; return what the answer shows."""
        victim = self._sound()
        fault = self._faults.next(others=bool(victim))
        identifier = victim if fault == "duplicate_id" else str(uuid.uuid4())
        instance = self._new(identifier, body, now, fault)
        if fault != "lost_create":
            self._held.setdefault(identifier, []).append(instance)
        if fault == "phantom":
            twin = self._new(str(uuid.uuid4()), body, now, "twin")
            self._held[twin.id] = [twin]
        if fault in ("lost_create", "phantom", "duplicate_id"):
            self._strike(instance, "create", now)
        return self._shown(instance, now)

    def listing(self, now: float) -> list[dict[str, Any]]:
        """Return what a listing shows."""
        return [shown for instance in self._all() for shown in self._listed(instance, now)]

    def get(self, identifier: str, now: float) -> dict[str, Any] | None:
        """Return what a read shows, or None."""
        instance = self.find(identifier, now)
        if instance is None:
            return None
        if instance.before is not None:
            stale, instance.before = instance.before, None
            self._strike(instance, "get", now)
            return stale
        shown = self._shown(instance, now)
        if instance.fault == "backward_state" and instance.seen_active and not instance.struck:
            self._strike(instance, "get", now)
            return shown | {"status": "NEW"}
        instance.seen_active |= shown["status"] == "ACTIVE"
        return shown

    def update(self, identifier: str, body: Mapping[str, Any], now: float) -> dict[str, Any] | None:
        """Apply `body`, or return None where there is no such instance."""
        instance = self.find(identifier, now)
        if instance is None:
            return None
        before = self._shown(instance, now)
        changes = {name: value for name, value in body.items() if name in _WRITABLE}
        if any(changes.get(name, before[name]) != before[name] for name in _SIZES):
            instance.active_at = max(instance.active_at, now + self._updating)
            instance.pending = "IN_PROGRESS"
        instance.value |= changes | {"updated_at": _timestamp()}
        if instance.fault == "stale_read" and not instance.struck:
            instance.before = before
        return self._shown(instance, now)

    def delete(self, identifier: str, now: float) -> bool:
        """Delete an instance; tell whether there was one."""
        instance = self.find(identifier, now)
        if instance is None:
            return False
        if instance.fault == "resurrected_delete" and not instance.struck:
            self._strike(instance, "delete", now)
            instance.gone_until = now + _AWAY
            return True
        remaining = self._held[identifier]
        remaining.pop(0)
        if not remaining:
            del self._held[identifier]
        return True

    def find(self, identifier: str, now: float) -> Instance | None:
        """Return the oldest instance under an identifier."""
        held = self._held.get(identifier)
        return held[0] if held and now >= held[0].gone_until else None

    def _sound(self) -> str:
        """The identifier of the latest instance without a fault; empty where there is none."""
        held = reversed(self._held.items())
        return next((own for own, (one, *more) in held if not (one.fault or more)), "")

    def _all(self) -> Iterator[Instance]:
        return (instance for held in self._held.values() for instance in held)

    def _new(self, identifier: str, body: Mapping[str, Any], now: float, fault: str) -> Instance:
        moment = _timestamp()
        known = {name: value for name, value in body.items() if name in _WRITABLE}
        times = {"created_at": moment, "updated_at": moment}
        value = {"uuid": identifier} | _DEFAULTS | known | times
        return Instance(value, now + self._active, fault)

    def _shown(self, instance: Instance, now: float) -> dict[str, Any]:
        status = "ACTIVE" if now >= instance.active_at else instance.pending
        return instance.value | {"status": status}

    def _listed(self, instance: Instance, now: float) -> list[dict[str, Any]]:
        if now < instance.gone_until:
            return []
        shown = self._shown(instance, now)
        if instance.fault not in ("hidden_item", "repeated_item"):
            return [shown]
        if not instance.struck:
            self._strike(instance, "list", now)
        return [] if instance.fault == "hidden_item" else [shown, shown]

    def _strike(self, instance: Instance, operation: str, now: float) -> None:
        instance.struck = True
        name = str(instance.value.get("name", ""))
        self._truth.injected(Injected(instance.fault, operation, instance.id, name, now))


def _timestamp() -> str:
    """The present time as RFC 3339 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
