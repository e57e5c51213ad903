"""Rule 7: each operation lacks each of its guards.

Guards are who asks (a credential at all, one that may write) and whose the thing is that is asked
for (of the organization in the path, of the organization or the project at all, of the instance). A
faulty service learns by `asked` whether the operation is meant. Whether credentials are in use a
family asks in one place, so that all its operations lack this guard at once.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from pgassay.mutants.derived.faults import in_service, when_asked
from pgassay.mutants.derived.operations import Operation, asked, operations
from pgassay.mutants.mutant import Mutant
from pgassay.reference.clickhouse.backend import ORGANIZATION, SERVICE, WAREHOUSE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.dbaas.routes import INSTANCES
from pgassay.reference.http import ApiError
from pgassay.reference.settings import ApiKey, BearerToken
from pgassay.reference.store import Document

NAME: Final = "guard"


class _Clickhouse(ClickhouseService):
    """Lacks a guard on one operation."""

    operation = ""


class _Dbaas(DbaasService):
    """The same of the other family."""

    operation = ""


class _KeyUnasked(_Clickhouse):
    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        try:
            return super().authenticate(credentials)
        except ApiError:
            if asked() != self.operation:
                raise
            return self.settings.credentials.keys[0]


class _TokenUnasked(_Dbaas):
    def caller(self, token: str | None) -> Caller:
        try:
            return super().caller(token)
        except ApiError:
            if asked() != self.operation:
                raise
            return Caller(self.settings.credentials.tokens[0].project)


class _KeyPastUse(ClickhouseService):
    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        for key in self.settings.credentials.keys:
            if credentials == (key.key_id, key.secret):
                return key
        return super().authenticate(credentials)


class _TokenPastUse(DbaasService):
    def accepted(self, token: BearerToken) -> bool:
        return True


class _ReaderWrites(_Clickhouse):
    def authorize_change(self, key: ApiKey) -> None:
        if asked() != self.operation:
            super().authorize_change(key)


class _TokenWrites(_Dbaas):
    def may_write(self, caller: Caller) -> None:
        if asked() != self.operation:
            super().may_write(caller)


class _AnyOrganization(_Clickhouse):
    def authorize_organization(self, key: ApiKey, organization_id: str) -> Document:
        found = self.store.get(ORGANIZATION, organization_id)
        mine = asked() != self.operation or found is None
        return super().authorize_organization(key, organization_id) if mine else found or {}


class _AnyService(_Clickhouse):
    def find_service(self, organization: Document, service_id: str) -> Document:
        return super().find_service(self._owner(SERVICE, service_id, organization), service_id)

    def find_warehouse(self, organization: Document, service_id: str) -> Document:
        return super().find_warehouse(self._owner(WAREHOUSE, service_id, organization), service_id)

    def _owner(self, kind: str, service_id: str, organization: Document) -> Document:
        found = self.store.get(kind, service_id) if asked() == self.operation else None
        return {"id": found["organization"]} if found else organization


class _ListOfAll(_Clickhouse):
    def services(self, organization: Document) -> list[Document]:
        if asked() != self.operation:
            return super().services(organization)
        every = self.store.every(ORGANIZATION)
        return [service for each in every for service in super(_ListOfAll, self).services(each)]


class _AnyProject(_Dbaas):
    def visible(self, caller: Caller, instance: Document) -> bool:
        return asked() == self.operation or super().visible(caller, instance)


class _AnyInstance(_Dbaas):
    def belongs(self, document: Document, instance: Document) -> bool:
        return asked() == self.operation or super().belongs(document, instance)


class _ListOfEverything(_Dbaas):
    def listed(self, kind: str, parent: str) -> list[Document]:
        if asked() != self.operation:
            return super().listed(kind, parent)
        present = [self.present_state(kind, document) for document in self.store.every(kind)]
        return [document for document in present if document is not None]


#: Tells whether an operation has a guard.
_Applies = Callable[[Operation], bool]


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for change, does, service, applies in _GUARDS:
        for one in operations().values():
            if one.dbaas == issubclass(service, DbaasService) and applies(one):
                faulty = type(service.__name__, (service,), {"operation": one.id})
                yield when_asked(NAME, one, change, does, faulty)
    for family, service in (("clickhouse", _KeyPastUse), ("dbaas", _TokenPastUse)):
        sentence = f"Every {family} operation accepts credentials that are disabled or expired."
        mutant = Mutant(f"{family}-use-guard-removed", sentence, (), rule=NAME)
        yield in_service(mutant, service)


def _any(one: Operation) -> bool:
    return True


def _changes(one: Operation) -> bool:
    return one.changes


def _has(*parameters: str) -> _Applies:
    return lambda one: not {*parameters}.isdisjoint(one.parameters)


def _lists(one: Operation) -> bool:
    """Tell whether an operation is about all services of an organization."""
    return one.method == "GET" and one.parameters == ("organization",)


def _lists_below(one: Operation) -> bool:
    """Tell whether an operation lists instances, or what is in one."""
    below = one.path.startswith(INSTANCES) and not one.path.endswith("}")
    return one.method == "GET" and below


#: The change, what a user notices of it, the service without the guard, and who has the guard.
_GUARDS: Final[tuple[tuple[str, str, type[Any], _Applies], ...]] = (
    ("auth-guard-removed", "needs no credentials", _KeyUnasked, _any),
    ("auth-guard-removed", "needs no credentials", _TokenUnasked, _any),
    ("write-guard-removed", "can be called with a read-only key", _ReaderWrites, _changes),
    ("write-guard-removed", "can be called with a read-only token", _TokenWrites, _changes),
    (
        "tenant-guard-removed",
        "works in the organizations of others",
        _AnyOrganization,
        _has("organization"),
    ),
    ("tenant-guard-removed", "works on the instances of others", _AnyProject, _has("instance")),
    ("owner-guard-removed", "works on the services of others", _AnyService, _has("service")),
    (
        "owner-guard-removed",
        "finds what belongs to another instance",
        _AnyInstance,
        _has("user", "database"),
    ),
    ("list-guard-removed", "shows the services of others", _ListOfAll, _lists),
    ("list-guard-removed", "shows what belongs to others", _ListOfEverything, _lists_below),
)
