# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults of instances that are not settled: rules that do not hold then, changes that get lost."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.models import SIZES, InstanceReplacement
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, Caller
from pgassay.reference.dbaas.rules import Status
from pgassay.reference.http import ApiError
from pgassay.reference.schedule import PENDING, Step
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]

_BUSY = (Status.NEW, Status.IN_PROGRESS)


class _Unhurried(DbaasService):
    """Takes its time, so that requests meet instances which are not settled."""

    def step(self, seconds: float, *arguments: Any, **details: Any) -> Step:
        return super().step(8 * seconds, *arguments, **details)


class _Eager(_Unhurried):
    """Takes updates of busy instances, as a server may."""

    def check_idle(self, current: Document) -> None:
        pass


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class ShrinkWhileBusy(_Eager):
    """A disk can be made smaller while its instance is NEW or IN_PROGRESS."""

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        if current["status"] not in _BUSY:
            super().check_disk_kept(current, disk_size)


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class GrowthTakenBack(DbaasService):
    """A disk that grew can be made smaller again, down to its first size."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.first: dict[str, int] = {}

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        first = self.first.setdefault(current["uuid"], current["disk_size"])
        super().check_disk_kept({**current, "disk_size": first}, disk_size)


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class GrowthTakenBackAtSecondTry(DbaasService):
    """A disk that grew can be made smaller by asking twice; one that never grew cannot."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.grown: set[str] = set()
        self.refused: Counter[str] = Counter()

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        uuid = current["uuid"]
        if disk_size > current["disk_size"]:
            self.grown.add(uuid)
        elif disk_size < current["disk_size"]:
            self.refused[uuid] += uuid in self.grown
            if self.refused[uuid] < 2:
                super().check_disk_kept(current, disk_size)


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class HalfShrinkAccepted(DbaasService):
    """A disk can be made smaller by half, and by less it cannot."""

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        if disk_size != current["disk_size"] // 2:
            super().check_disk_kept(current, disk_size)


@FAULTS.dbaas("DB-INST-DISK-NO-SHRINK")
class ShrinkBeforeGrowthCarriedOut(_Eager):
    """While a disk grows it can be made smaller again."""

    def check_disk_kept(self, current: Document, disk_size: int) -> None:
        if current["status"] != Status.IN_PROGRESS or disk_size != current["disk_size"] - 1:
            super().check_disk_kept(current, disk_size)


class _Lenient(_Unhurried):
    """Acknowledges updates that break a rule in some status, and does nothing."""

    status = Status.ACTIVE

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        try:
            return super().update_instance(caller, identifier, body)
        except ApiError:
            current = self.instance(caller, identifier)
            if current["status"] == self.status:
                return self.shown_instance(current)
            raise


@FAULTS.dbaas("DB-INST-STATUS-VALIDATION")
class UncheckedWhileNew(_Lenient):
    """While an instance is NEW, updates that break a rule are acknowledged."""

    status = Status.NEW


@FAULTS.dbaas("DB-INST-STATUS-VALIDATION")
class UncheckedWhileUpdating(_Lenient):
    """While an instance is IN_PROGRESS, updates that break a rule are acknowledged."""

    status = Status.IN_PROGRESS


@FAULTS.dbaas("DB-INST-STATUS-CHILDREN")
class UsersUncheckedWhileBusy(_Unhurried):
    """While an instance is NEW or IN_PROGRESS, its users may have any name."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        try:
            return super().create_user(caller, instance_id, body)
        except ApiError as error:
            busy = self.instance(caller, instance_id)["status"] in _BUSY
            if error.status != 400 or not busy:
                raise
            right = {"name": f"busy_{len(self.list_users(caller, instance_id))}"}
            password = self.timestamp()
            return super().create_user(caller, instance_id, right | {"password": password})


@FAULTS.dbaas("DB-INST-UPDATE-LAST")
class FirstUpdateWins(_Eager):
    """Of two updates in a row both are acknowledged, and the first one stays."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        return current if current["status"] == Status.IN_PROGRESS else document


@FAULTS.dbaas("DB-INST-UPDATE-LAST")
class SecondUpdateStuck(DbaasService):
    """An instance that is updated for the second time stays IN_PROGRESS for good."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.updates: Counter[str] = Counter()

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        self.updates[current["uuid"]] += 1
        return document | {PENDING: []} if self.updates[current["uuid"]] == 2 else document


@FAULTS.dbaas("DB-INST-UPDATE-LAST")
class OverlappingUpdateStuck(_Eager):
    """An instance that is updated while it is IN_PROGRESS stays so for good."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        return document | {PENDING: []} if current["status"] == Status.IN_PROGRESS else document


@FAULTS.dbaas("DB-INST-STATUS-BUSY")
class UpdateOfBusyInstanceLost(_Eager):
    """An update of a busy instance is acknowledged, and lost when it is ACTIVE."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        if current["status"] in _BUSY and document[PENDING]:
            before = {size: current[size] for size in SIZES}
            for step in document[PENDING]:
                step["set"] |= before
        return document


@FAULTS.dbaas("DB-INST-STATUS-BUSY")
class UserDuringUpdateLost(_Unhurried):
    """A user who is added while the instance is updated is gone when it is ACTIVE."""

    def present_state(self, kind: str, document: Document) -> Document | None:
        present = super().present_state(kind, document)
        if kind == USER and present and present.get("during"):
            instance = self.found(INSTANCE, present["instance"])
            if instance is None or instance["status"] != Status.IN_PROGRESS:
                self.store.delete(USER, present["uuid"])
                return None
        return present

    def save(self, kind: str, document: Document) -> None:
        if kind == USER:
            instance = self.found(INSTANCE, document["instance"]) or {}
            document["during"] = instance.get("status") == Status.IN_PROGRESS
        super().save(kind, document)


@FAULTS.dbaas("DB-INST-DELETE-NO-RESURRECTION")
class BusyInstanceBack(_Unhurried):
    """An instance that is deleted while it is busy is back once it would have been ACTIVE."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.deleted: list[Document] = []

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        instance = self.instance(caller, identifier)
        super().delete_instance(caller, identifier)
        if instance["status"] in _BUSY:
            self.deleted.append(instance)

    def found(self, kind: str, identifier: str) -> Document | None:
        for instance in list(self.deleted):
            last = max(step["at"] for step in instance[PENDING])
            if self.clock.now() > last:
                self.deleted.remove(instance)
                self.save(INSTANCE, instance)
        return super().found(kind, identifier)


@FAULTS.dbaas("DB-INST-DELETE-BUSY")
class BusyInstanceKept(_Unhurried):
    """The delete of an instance that is NEW is acknowledged, and nothing happens."""

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        if self.instance(caller, identifier)["status"] != Status.NEW:
            super().delete_instance(caller, identifier)


@FAULTS.dbaas("DB-INST-CHANGE-HOLDS", shown_by=("DB-INST-UPDATE",))
class SizesFlap(DbaasService):
    """A new number of cores is shown once, and the old one in the next read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.shown: dict[str, list[int]] = {}

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        shown = super().get_instance(caller, identifier)
        values = self.shown.setdefault(shown["uuid"], [shown["cpu"]])
        if values[-1] != shown["cpu"]:
            values.append(shown["cpu"])
        elif len(values) > 1:
            shown["cpu"], self.shown[shown["uuid"]] = values[-2], values[-1:]
        return shown


@FAULTS.dbaas("DB-INST-STATUS-CAUSE")
class WorksByItself(DbaasService):
    """An ACTIVE instance is seen IN_PROGRESS at every fifth read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.reads: Counter[str] = Counter()

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        shown = super().get_instance(caller, identifier)
        self.reads[shown["uuid"]] += shown["status"] == Status.ACTIVE
        fifth = shown["status"] == Status.ACTIVE and self.reads[shown["uuid"]] % 5 == 0
        return shown | {"status": Status.IN_PROGRESS} if fifth else shown


@FAULTS.dbaas("DB-INST-MODEL")
class DatabaseDeleteTakesUpdateBack(DbaasService):
    """The delete of a database takes the instance back to the sizes before its last update."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        before = {size: current[size] for size in SIZES}
        return super().replaced(current, wanted) | {"before": before}

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        super().delete_database(caller, instance_id, identifier)
        instance = self.instance(caller, instance_id)
        self.save(INSTANCE, instance | instance.get("before", {}))


@FAULTS.dbaas("DB-INST-MODEL")
class UserOfGrownInstanceDeletesDatabase(DbaasService):
    """In an instance whose disk grew, a new user makes the oldest database disappear."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        document = super().replaced(current, wanted)
        grown = document["disk_size"] > current["disk_size"]
        return document | {"grown": True} if grown else document

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        created = super().create_user(caller, instance_id, body)
        instance = self.instance(caller, instance_id)
        databases = self.listed(DATABASE, instance["uuid"])
        if instance.get("grown") and databases:
            self.store.delete(DATABASE, databases[0]["uuid"])
        return created
