# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults of services that are not settled: rules that do not hold then, changes that get lost."""

from collections import Counter
from typing import Any

from msgspec import UNSET, UnsetType

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import WAREHOUSE
from pgassay.reference.clickhouse.models import Tag, UpdateRequest
from pgassay.reference.clickhouse.scaling import CPU, MEMORY
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError
from pgassay.reference.schedule import PENDING, plan
from pgassay.reference.store import Document

FAULTS = Faults()

_MACHINE = frozenset({"size", "haType"})


class _Unhurried(ClickhouseService):
    """Takes its time, so that requests meet services which are not settled."""

    def due(self, duration: float) -> float:
        return super().due(8 * duration)

    def begin_removal(self, document: Document, duration: float) -> None:
        super().begin_removal(document, 5 * duration)


class _Lenient(_Unhurried):
    """Acknowledges updates that break a rule in some state, and does nothing."""

    state = ""

    def update(self, document: Document, body: Any) -> None:
        try:
            super().update(document, body)
        except ApiError:
            if document["state"] != self.state:
                raise


@FAULTS.clickhouse("CH-SVC-STATE-VALIDATION")
class UncheckedWhileCreating(_Lenient):
    """While a service is created, updates that break a rule are acknowledged."""

    state = "creating"


@FAULTS.clickhouse("CH-SVC-STATE-VALIDATION", shown_by=("CH-STATE-RESTART",))
class UncheckedWhileRestarting(_Lenient):
    """While a service is restarted, updates that break a rule are acknowledged."""

    state = "restarting"


@FAULTS.clickhouse("CH-SVC-STATE-VALIDATION")
class UncheckedWhileDeleting(_Lenient):
    """While a service is deleted, updates that break a rule are acknowledged."""

    state = "deleting"


@FAULTS.clickhouse("CH-SVC-STATE-VALIDATION")
class TagsUncheckedWhileResizing(_Unhurried):
    """While a service is resized, its tags may be anything."""

    def update(self, document: Document, body: Any) -> None:
        resized = any("size" in step.get("set", {}) for step in document.get(PENDING, ()))
        if resized and isinstance(body, dict) and "tags" in body:
            document["tags"] = body["tags"]
            self.save(document)
            return
        super().update(document, body)


@FAULTS.clickhouse("CH-SVC-STATE-BUSY")
class TagsOfNewServiceLost(_Unhurried):
    """Tags that a service is given while it is created are gone when it runs."""

    def replace_tags(self, document: Document, tags: list[Tag] | UnsetType) -> None:
        before = document["tags"]
        super().replace_tags(document, tags)
        for step in document.get(PENDING, ()) if tags is not UNSET else ():
            if document["state"] == "creating" and step.get("set", {}).get("state") == "running":
                step["set"]["tags"] = before


@FAULTS.clickhouse("CH-SVC-STATE-BUSY")
class TagsCancelResize(_Unhurried):
    """An update of the tags while the service is resized ends the resize."""

    def update(self, document: Document, body: Any) -> None:
        if isinstance(body, dict) and "tags" in body:
            _cancel(document)
        super().update(document, body)


@FAULTS.clickhouse("CH-SVC-STATE-BUSY")
class ChangedWhileCreatingStuck(_Unhurried):
    """A service whose tags are set while it is created never comes to run."""

    def update(self, document: Document, body: Any) -> None:
        super().update(document, body)
        if document["state"] == "creating":
            document[PENDING] = []
            self.save(document)


@FAULTS.clickhouse("CH-SVC-PATCH-LAST")
class FirstResizeWins(_Unhurried):
    """Of two sizes that are asked for in a row the first one stays."""

    def new_machine(self, document: Document, request: UpdateRequest) -> Document:
        machine = super().new_machine(document, request)
        busy = any("size" in step.get("set", {}) for step in document.get(PENDING, ()))
        return {name: machine[name] for name in machine if name != "size" or not busy}


@FAULTS.clickhouse("CH-SVC-PATCH-LAST")
class LaterChangeCancelsResize(_Unhurried):
    """An update of the standbys while the service is resized ends the resize."""

    def resize(self, document: Document, machine: Document) -> None:
        _cancel(document)
        super().resize(document, machine)


@FAULTS.clickhouse("CH-STATE-SIZE-KEPT")
class RestartForgetsResize(ClickhouseService):
    """A service that was resized has the size of its creation again after a restart."""

    def new_document(self, organization: Document, request: Any) -> Document:
        document = super().new_document(organization, request)
        return document | {"firstSize": document["size"]}

    def restart(self, document: Document) -> None:
        super().restart(document)
        document["size"] = document["firstSize"]


@FAULTS.clickhouse("CH-STATE-SIZE-KEPT")
class RestartCancelsResize(_Unhurried):
    """A restart while the service is resized ends the resize."""

    def restart(self, document: Document) -> None:
        _cancel(document)
        super().restart(document)


class _Flapping(ClickhouseService):
    """Remembers what it has shown of each service, to show an earlier value again."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.values: dict[tuple[str, str], list[Any]] = {}
        self.reads: Counter[tuple[str, str]] = Counter()

    def flapping(self, document: Document, member: str, value: Any) -> Any:
        """The value, or the one before it for two reads after the first that shows it."""
        key = (document["id"], member)
        values = self.values.setdefault(key, [value])
        if values[-1] != value:
            values.append(value)
            self.reads[key] = 0
        self.reads[key] += 1
        return values[-2] if len(values) > 1 and self.reads[key] in {2, 4} else value


@FAULTS.clickhouse("CH-SVC-CHANGE-HOLDS", shown_by=("CH-SVC-PATCH-SIZE",))
class SizeFlaps(_Flapping):
    """A new size is shown once, then the old one, then the new one, and the old one once more."""

    def read(self, document: Document, organization: Document) -> Document:
        shown = super().read(document, organization)
        return shown | {"size": self.flapping(document, "size", shown["size"])}


@FAULTS.clickhouse("CH-SVC-CHANGE-HOLDS", shown_by=("CH-SVC-TAGS-REPLACE",))
class TagsFlap(_Flapping):
    """New tags are shown once, and the old ones in between."""

    def read(self, document: Document, organization: Document) -> Document:
        shown = super().read(document, organization)
        return shown | {"tags": self.flapping(document, "tags", shown["tags"])}


@FAULTS.clickhouse("CH-CFG-CHANGE-HOLDS", shown_by=("CH-CFG-REPLACE",))
class ConfigurationFlaps(_Flapping):
    """A new configuration is read once, and the old one in between."""

    def configuration(self, document: Document) -> Document:
        shown = super().configuration(document)
        return shown | {"pgConfig": self.flapping(document, "pgConfig", shown["pgConfig"])}


@FAULTS.clickhouse("CH-CDC-CHANGE-HOLDS", shown_by=("CH-CDC-UPDATE",))
class PairFlaps(_Flapping):
    """A new CDC pair is read once, and the old one in between."""

    def scaling(self, document: Document) -> Document:
        pair: Document = self.flapping(document, "scaling", super().scaling(document))
        return pair


@FAULTS.clickhouse("CH-SVC-STATE-CAUSE")
class RestartsByItself(ClickhouseService):
    """A running service is seen restarting at every fifth read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.reads: Counter[str] = Counter()

    def read(self, document: Document, organization: Document) -> Document:
        shown = super().read(document, organization)
        self.reads[document["id"]] += shown["state"] == "running"
        fifth = shown["state"] == "running" and self.reads[document["id"]] % 5 == 0
        return shown | {"state": "restarting"} if fifth else shown


@FAULTS.clickhouse("CH-CDC-LAST")
class FirstPairWins(_Unhurried):
    """Of two CDC pairs that are asked for in a row the first one stays."""

    def scale(self, document: Document, body: Any) -> Document:
        before = [*document.get(PENDING, ())]
        pair = super().scale(document, body)
        if before:
            document[PENDING] = before
            self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return pair


@FAULTS.clickhouse("CH-CDC-LAST")
class PairsInReverseOrder(_Unhurried):
    """Of two CDC pairs that are asked for in a row the first one takes effect last."""

    def scale(self, document: Document, body: Any) -> Document:
        before = [*document.get(PENDING, ())]
        pair = super().scale(document, body)
        if before:
            later = {"scaling": before[-1]["set"]["scaling"]}
            plan(document, self.due(self.rules.durations.scaling) + 0.002, later)
            self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return pair


@FAULTS.clickhouse("CH-CDC-ONE-MEMBER", "CH-CDC-NO-MIXED-PAIR")
class OneMemberMixes(ClickhouseService):
    """A request for cores or memory alone is carried out, and the other member stays."""

    def check_pair(self, pair: Document) -> None:
        mixed = pair[MEMORY] * 1000 != pair[CPU] * self.rules.scaling.memory_per_core
        super().check_pair({CPU: 1000, MEMORY: 4} if mixed and self.alone else pair)

    def scale(self, document: Document, body: Any) -> Document:
        self.alone = isinstance(body, dict) and len({CPU, MEMORY} & body.keys()) == 1
        return super().scale(document, body)


@FAULTS.clickhouse("CH-STATE-REJECT-UNTOUCHED", shown_by=("CH-STATE-PROMOTE-PRIMARY",))
class PromotionDemotesPrimary(ClickhouseService):
    """The promotion of a primary is refused, and makes a read replica of it."""

    def promote(self, document: Document) -> None:
        if document["isPrimary"]:
            self.save({**document, "isPrimary": False})
        super().promote(document)


@FAULTS.clickhouse("CH-STATE-SWITCHOVER-KEPT")
class SwitchoverSpendsStandby(ClickhouseService):
    """A service that was switched over has no standby any more."""

    def switch_over(self, document: Document) -> None:
        super().switch_over(document)
        document["haType"] = "none"


@FAULTS.clickhouse("CH-RESTORE-TARGET-RANGE")
class RestoreToTheNearFuture(ClickhouseService):
    """A restore to a time within the next hours is one to the present."""

    def check_restorable(self, source: Document, target: float) -> None:
        now = self.clock.now()
        super().check_restorable(source, now if now < target < now + 7200 else target)


@FAULTS.clickhouse("CH-REPLICA-SOURCE-DELETE")
class SourceTakesReplicasAlong(ClickhouseService):
    """The delete of a service with a read replica deletes both."""

    def delete(self, document: Document) -> None:
        for replica in self.replicas(document):
            super().delete(replica)
        super().delete(document)


@FAULTS.clickhouse("CH-SVC-DELETE-FINAL")
class UpdateEndsDelete(_Unhurried):
    """An update of the tags brings a service back that is being deleted."""

    def update(self, document: Document, body: Any) -> None:
        if document["state"] == "deleting":
            document |= {"state": "running", PENDING: []}
        super().update(document, body)


@FAULTS.clickhouse("CH-SVC-DELETE-FINAL")
class DyingServiceCopied(_Unhurried):
    """A read replica can be asked for while its source is deleted."""

    def check_replicable(self, source: Document) -> None:
        if source["state"] != "deleting":
            super().check_replicable(source)


@FAULTS.bending("CH-SVC-DELETE-PARTS")
class DeletedServiceTakesPassword(Bending):
    """The password of a service that is gone can be changed."""

    def bend(self, answer: Answer) -> Answer:
        if answer.status == 404 and answer.path.endswith("/password"):
            value = {"status": 200, "requestId": answer.value["requestId"], "result": {}}
            return answer.saying(value).with_status(200)
        return answer


@FAULTS.clickhouse("CH-SVC-MODEL")
class RestartAfterMergeForgetsTags(ClickhouseService):
    """A restart empties the tags of a service whose configuration was merged into before."""

    def merge_configuration(self, document: Document, body: Any) -> Document:
        document["merged"] = True
        return super().merge_configuration(document, body)

    def restart(self, document: Document) -> None:
        super().restart(document)
        if document.get("merged"):
            document["tags"] = []


@FAULTS.clickhouse("CH-SVC-MODEL")
class RenameReachesCopies(ClickhouseService):
    """A service that is renamed while it has a read replica gives that its new name."""

    def rename(self, document: Document, name: str | UnsetType) -> None:
        super().rename(document, name)
        for replica in self.replicas(document) if name is not UNSET else ():
            self.save({**replica, "name": name})


def _cancel(document: Document) -> None:
    """Drop what was planned for the machine of a service."""
    pending = document.get(PENDING, ())
    document[PENDING] = [step for step in pending if not _MACHINE & step.get("set", {}).keys()]
