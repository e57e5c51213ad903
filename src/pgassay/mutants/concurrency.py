# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults that show when requests overlap: what is read once, and trusted too long."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Mapping
from contextvars import ContextVar
from copy import deepcopy
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from pgassay.mutants.answer import Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.models import InstanceReplacement
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, Caller
from pgassay.reference.store import Document

FAULTS = Faults()

Body = Mapping[str, Any]

#: How long a change waits between its arrival and its effect, in seconds.
_PAUSE: Final = 0.03
#: How late lists are, in seconds.
_LAG: Final = 0.2
#: When the change that is carried out arrived; endless where nothing had to wait.
_ARRIVED: ContextVar[float] = ContextVar("arrived", default=math.inf)


class Hesitating(Bending):
    """Changes wait between arrival and effect, so that those that arrive together overlap.

    Deletes wait half as long as others, which they overtake.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "GET":
            _ARRIVED.set(time.monotonic())
            await asyncio.sleep(_PAUSE / 2 if scope["method"] == "DELETE" else _PAUSE)
        await super().__call__(scope, receive, send)


class _Past:
    """Earlier versions of documents; None once one was deleted."""

    def __init__(self) -> None:
        self._versions: defaultdict[str, list[tuple[float, Document | None]]] = defaultdict(list)

    def note(self, identifier: str, document: Document | None) -> None:
        self._versions[identifier].append((time.monotonic(), deepcopy(document)))

    def at_arrival(self, identifier: str) -> Document | None:
        """Return a document as it was when the present change arrived."""
        past = [each for at, each in self._versions[identifier] if at <= _ARRIVED.get()]
        return deepcopy(past[-1]) if past else None

    def changed_since(self, identifier: str, moment: float | None = None) -> bool:
        """Tell whether a document changed since a moment, by default since the arrival."""
        since = _ARRIVED.get() if moment is None else moment
        return any(at > since for at, _ in self._versions[identifier])

    def lately(self, identifier: str) -> Document | None:
        """Return the version before the last one, if that is younger than the pause."""
        versions = self._versions[identifier]
        young = len(versions) > 1 and versions[-1][0] > time.monotonic() - _PAUSE
        return versions[-2][1] if young else None


# clickhouse


class _Services(ClickhouseService):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.past = _Past()

    def save(self, document: Document) -> None:
        super().save(document)
        self.past.note(document["id"], document)

    def at_arrival(self, document: Document, *members: str) -> Document:
        old = self.past.at_arrival(document["id"]) or document
        return {name: old[name] for name in members or old if name in old}


@FAULTS.clickhouse("CH-SVC-UPDATE-CONCURRENT", bending=Hesitating)
class UpdatesOverwriteEachOther(_Services):
    """An update writes back the name and tags that it found when it arrived."""

    def update(self, document: Document, body: Any) -> None:
        document.update(self.at_arrival(document, "name", "tags"))
        super().update(document, body)


@FAULTS.clickhouse("CH-CFG-MERGE-CONCURRENT", bending=Hesitating)
class ParametersOverwriteEachOther(_Services):
    """A configuration PATCH writes back all parameters that it found when it arrived."""

    def merge_configuration(self, document: Document, body: Any) -> Document:
        document.update(self.at_arrival(document, "pgConfig", "pgBouncerConfig"))
        return super().merge_configuration(document, body)


@FAULTS.clickhouse("CH-SVC-DELETE-CONCURRENT", bending=Hesitating)
class UpdateUndoesDelete(_Services):
    """An update that arrived before a delete of the service brings it back."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        met = self.past.changed_since(service_id)
        old = self.past.at_arrival(service_id) if met else None
        return old or super().find_service(organization, service_id)


@FAULTS.clickhouse("CH-SVC-DELETE-CONCURRENT", bending=Hesitating)
class ServiceDeletesCollide(_Services):
    """Of two deletes of a service that arrive together the second is a server error."""

    def delete(self, document: Document) -> None:
        old = self.at_arrival(document, "state")["state"]
        if document["state"] == "deleting" != old:
            raise RuntimeError("somebody else deletes it")
        super().delete(document)


@FAULTS.clickhouse("CH-PASSWORD-CONCURRENT", bending=Hesitating)
class PasswordsGarbled(_Services):
    """Of passwords that are set together none is kept in the end."""

    def replace_password(self, document: Document, password: str) -> None:
        met = self.past.changed_since(document["id"])
        super().replace_password(document, self.generate_password() if met else password)


@FAULTS.clickhouse("CH-SVC-CREATE-CONCURRENT", bending=Hesitating)
class SimultaneousServiceLost(_Services):
    """Of services that are created together only the first is kept."""

    def create(self, organization: Document, body: Any) -> Document:
        met = self.past.changed_since(organization["id"])
        document = super().create(organization, body)
        self.past.note(organization["id"], document)
        if met:
            self.store.delete(SERVICE, document["id"])
        return document


@FAULTS.clickhouse("CH-SVC-CREATE-CONCURRENT", bending=Hesitating)
class SimultaneousServicesShareIdentifier(_Services):
    """Services that are created together are told the same identifier."""

    def created(self, document: Document) -> Document:
        key = document["organization"]
        first = self.past.at_arrival(key) if self.past.changed_since(key) else None
        self.past.note(key, document)
        return super().created(document) | ({"id": first["id"]} if first else {})


@FAULTS.clickhouse("CH-SVC-LIST-CONCURRENT")
class NewServiceListedLate(_Services):
    """The list lacks a service until it is running, which can be read before."""

    def services(self, organization: Document) -> list[Document]:
        found = super().services(organization)
        return [each for each in found if each["state"] != "creating"]


@FAULTS.clickhouse("CH-SVC-LIST-COMPLETE", shown_by=("CH-SVC-LIST-CONCURRENT",))
class NewServiceListedTwice(_Services):
    """A list that is read right after a service was created or changed has it twice."""

    def services(self, organization: Document) -> list[Document]:
        found = super().services(organization)
        lately = time.monotonic() - _PAUSE
        return found + [each for each in found if self.past.changed_since(each["id"], lately)]


@FAULTS.clickhouse("CH-SVC-READ-CONCURRENT")
class TagsChangeByHalves(_Services):
    """A read right after an update shows the first tag of the new ones and the old others."""

    def read(self, document: Document, organization: Document) -> Document:
        old = self.past.lately(document["id"]) or document
        mixture = document["tags"][:1] + old["tags"][1:]
        return super().read({**document, "tags": mixture}, organization)


@FAULTS.clickhouse("CH-SVC-READ-YOUR-WRITES")
class TagsShowLate(_Services):
    """A read right after an update shows the old tags."""

    def read(self, document: Document, organization: Document) -> Document:
        old = self.past.lately(document["id"]) or document
        return super().read({**document, "tags": old["tags"]}, organization)


@FAULTS.clickhouse("CH-ENVELOPE-REQUEST-ID-UNIQUE", bending=Hesitating)
class SimultaneousRequestsShareIdentifier(ClickhouseService):
    """Changes that arrive together are answered with the same requestId."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.last = (-math.inf, "")

    def request_id(self) -> str:
        at, identifier = self.last
        if at > _ARRIVED.get():
            return identifier
        self.last = (time.monotonic(), super().request_id())
        return self.last[1]


# dbaas


class _Instances(DbaasService):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.past = _Past()

    def save(self, kind: str, document: Document) -> None:
        super().save(kind, document)
        for identifier in (document["uuid"], kind + document["name"], kind):
            self.past.note(identifier, document)

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        super().delete_instance(caller, identifier)
        self.past.note(identifier, None)

    def delete_user(self, caller: Caller, instance_id: str, identifier: str) -> None:
        super().delete_user(caller, instance_id, identifier)
        self.past.note(identifier, None)

    def overtaken(self, identifier: str) -> Document | None:
        """Return what was deleted since the present change arrived, as it was then."""
        met = self.past.changed_since(identifier) and self.store.get(INSTANCE, identifier) is None
        return self.past.at_arrival(identifier) if met else None


@FAULTS.dbaas("DB-USER-NAME-CONCURRENT", bending=Hesitating)
class SimultaneousUsersOfOneName(_Instances):
    """Users of one name that are created together are all accepted."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        if kind != USER or not self.past.changed_since(kind + name):
            super().check_unique(kind, instance, name)


@FAULTS.dbaas("DB-DB-NAME-CONCURRENT", bending=Hesitating)
class SimultaneousDatabasesOfOneName(_Instances):
    """Databases of one name that are created together are all accepted."""

    def check_unique(self, kind: str, instance: Document, name: str) -> None:
        if kind != DATABASE or not self.past.changed_since(kind + name):
            super().check_unique(kind, instance, name)


@FAULTS.dbaas("DB-USER-CREATE-CONCURRENT", bending=Hesitating)
class SimultaneousUserLost(_Instances):
    """Of users that are created together only the first is kept."""

    def create_user(self, caller: Caller, instance_id: str, body: Body) -> Document:
        met = self.past.changed_since(USER)
        shown = super().create_user(caller, instance_id, body)
        if met:
            self.store.delete(USER, shown["uuid"])
        return shown


@FAULTS.dbaas("DB-USER-LIST-CONCURRENT")
class NewUserListedLate(_Instances):
    """While several users are created, a list has the first of them alone."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        lately = time.monotonic() - _LAG
        listed = super().list_users(caller, instance_id)
        young = [each for each in listed if self.past.changed_since(each["uuid"], lately)]
        return [each for each in listed if each not in young[1:]]


@FAULTS.dbaas("DB-USER-LIST", shown_by=("DB-USER-LIST-CONCURRENT",))
class UserListedTwiceMeanwhile(_Instances):
    """A list that is read right after a user was created has the first user twice."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        lately = time.monotonic() - _LAG
        listed = super().list_users(caller, instance_id)
        return listed + listed[:1] if self.past.changed_since(USER, lately) else listed


@FAULTS.dbaas("DB-INST-UPDATE-CONCURRENT", bending=Hesitating)
class UpdatesMixed(_Instances):
    """Of updates that arrive together the last gives the name and the first the description."""

    def replaced(self, current: Document, wanted: InstanceReplacement) -> Document:
        met = self.past.changed_since(current["uuid"])
        kept = {"description": current["description"]} if met else {}
        return super().replaced(current, wanted) | kept


@FAULTS.dbaas("DB-INST-READ-CONCURRENT")
class UpdateShowsByHalves(_Instances):
    """A read right after an update shows the new name and the old description."""

    def get_instance(self, caller: Caller, identifier: str) -> Document:
        shown = super().get_instance(caller, identifier)
        old = self.past.lately(identifier) or shown
        return shown | {"description": old["description"]}


@FAULTS.dbaas("DB-INST-DELETE-CONCURRENT", bending=Hesitating)
class UpdateUndoesInstanceDelete(_Instances):
    """An update that arrived before a delete of the instance brings it back."""

    def update_instance(self, caller: Caller, identifier: str, body: Body) -> Document:
        if old := self.overtaken(identifier):
            super().save(INSTANCE, old)
        return super().update_instance(caller, identifier, body)


@FAULTS.dbaas("DB-INST-DELETE-CONCURRENT", bending=Hesitating)
class InstanceDeletesCollide(_Instances):
    """Of two deletes of an instance that arrive together the second is a server error."""

    def delete_instance(self, caller: Caller, identifier: str) -> None:
        if self.overtaken(identifier):
            raise RuntimeError("somebody else deleted it")
        super().delete_instance(caller, identifier)


@FAULTS.dbaas("DB-CHILD-DELETE-CONCURRENT", bending=Hesitating)
class UserOutlivesInstance(_Instances):
    """A user whose creation arrived before the delete of its instance stays."""

    def instance(self, caller: Caller, identifier: str) -> Document:
        return self.overtaken(identifier) or super().instance(caller, identifier)

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        found = self.found(USER, identifier)
        return (
            self.shown_user(found) if found else super().get_user(caller, instance_id, identifier)
        )


@FAULTS.dbaas("DB-DB-OWNER-CONCURRENT", bending=Hesitating)
class DatabaseOfNobody(_Instances):
    """A database whose creation arrived before the delete of its owner is created all the same."""

    def owner(self, instance: Document, reference: str) -> str:
        user = reference.rpartition("/")[2]
        return user if self.overtaken(user) else super().owner(instance, reference)
