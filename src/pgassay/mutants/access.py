# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in who is taken for whom: secrets compared badly, keys and tenants not told apart."""

from collections.abc import Mapping
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE, WAREHOUSE, unauthorized
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import forbidden
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER, Caller
from pgassay.reference.http import ApiError, not_found
from pgassay.reference.settings import ApiKey, BearerToken
from pgassay.reference.store import Document

FAULTS = Faults()


class _Comparing(ClickhouseService):
    def same(self, right: str, sent: str) -> bool:
        raise NotImplementedError

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        for key in self.settings.credentials.keys:
            known = credentials is not None and credentials[0] == key.key_id and key.enabled
            if known and credentials and self.same(key.secret, credentials[1]):
                return super().authenticate((key.key_id, key.secret))
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretMayBeEmpty(_Comparing):
    """An empty key secret is right for every key."""

    def same(self, right: str, sent: str) -> bool:
        return not sent


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretMayBeCut(_Comparing):
    """A key secret is compared as far as it was sent."""

    def same(self, right: str, sent: str) -> bool:
        return bool(sent) and right.startswith(sent)


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretMayGoOn(_Comparing):
    """A key secret may have more behind it."""

    def same(self, right: str, sent: str) -> bool:
        return sent.startswith(right)


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretWithoutCase(_Comparing):
    """A key secret is compared without regard to case."""

    def same(self, right: str, sent: str) -> bool:
        return sent.lower() == right.lower()


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretTrimmed(_Comparing):
    """Blanks and newlines around a key secret do not count."""

    def same(self, right: str, sent: str) -> bool:
        return sent.strip() == right


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretEndsAtNul(_Comparing):
    """Behind a NUL nothing of a key secret counts."""

    def same(self, right: str, sent: str) -> bool:
        return sent.partition("\x00")[0] == right


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class SecretAsPattern(_Comparing):
    """A percent sign matches every key secret."""

    def same(self, right: str, sent: str) -> bool:
        return sent == "%"


@FAULTS.clickhouse("CH-AUTH-REQUIRED")
class KeyMayBeCut(ClickhouseService):
    """A key id may lack its last character."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        for key in self.settings.credentials.keys:
            if credentials == (key.key_id[:-1], key.secret):
                return key
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-REQUIRED")
class SecretOpensWithoutKey(ClickhouseService):
    """A key secret is enough where no key id is sent."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        for key in self.settings.credentials.keys:
            if credentials == ("", key.secret):
                return key
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-UNTOLD")
class UnknownKeyTold(ClickhouseService):
    """A refusal tells whether the key exists."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        known = {key.key_id for key in self.settings.credentials.keys}
        try:
            return super().authenticate(credentials)
        except ApiError:
            if credentials and credentials[0] in known:
                raise unauthorized("The secret of this key is wrong") from None
            raise


class _Acting(ClickhouseService):
    """Remembers whose request it answers."""

    role = ""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        self.role = ""
        for key in self.settings.credentials.keys:
            if not key.enabled and credentials == (key.key_id, key.secret):
                self.role = "disabled"
                return key
        return super().authenticate(credentials)

    def refuse_disabled(self) -> None:
        if self.role == "disabled":
            raise unauthorized("Key is not active")

    def authorize_change(self, key: ApiKey) -> None:
        self.refuse_disabled()
        super().authorize_change(key)

    def organizations(self, key: ApiKey) -> list[Document]:
        self.refuse_disabled()
        return super().organizations(key)

    def find_service(self, organization: Document, service_id: str) -> Document:
        self.refuse_disabled()
        return super().find_service(organization, service_id)


@FAULTS.clickhouse("CH-AUTH-DISABLED-KEY")
class DisabledKeyLists(_Acting):
    """A disabled key still lists services."""


@FAULTS.clickhouse("CH-AUTH-READ-ONLY")
class ReadOnlyKeyRestarts(ClickhouseService):
    """A key that may only read can restart a service."""

    reader = False

    def authorize_change(self, key: ApiKey) -> None:
        self.reader = key.role != "admin"

    def save(self, document: Document) -> None:
        if self.reader and document["state"] != "restarting":
            raise ApiError(403, "FORBIDDEN", "The key may not change anything")
        super().save(document)


@FAULTS.clickhouse("CH-AUTH-TENANT")
class ScalingFoundByIdAlone(ClickhouseService):
    """The CDC scaling is found by its service's id, whatever organisation the path names."""

    def find_warehouse(self, organization: Document, service_id: str) -> Document:
        found = self.store.get(WAREHOUSE, service_id)
        owner = {"id": found["organization"]} if found else organization
        return super().find_warehouse(owner, service_id)


@FAULTS.clickhouse("HTTP-FOREIGN-AS-ABSENT")
class ServicesOfOthersForbidden(ClickhouseService):
    """A service of others is answered with 403, one that does not exist with 404."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        found = self.store.get(SERVICE, service_id)
        if found is not None and found["organization"] != organization["id"]:
            raise ApiError(403, "FORBIDDEN", service_id)
        return super().find_service(organization, service_id)


@FAULTS.clickhouse("HTTP-FOREIGN-AS-ABSENT")
class ServicesOfOthersTold(ClickhouseService):
    """The error tells that a service exists, and that it is another organisation's."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        found = self.store.get(SERVICE, service_id)
        if found is not None and found["organization"] != organization["id"]:
            raise not_found(f"{service_id} is in another organization")
        return super().find_service(organization, service_id)


@FAULTS.clickhouse("HTTP-FOREIGN-AS-ABSENT")
class OrganizationsOfOthersForbidden(ClickhouseService):
    """An organisation of others is answered with 403, one that does not exist with 404."""

    def authorize_organization(self, key: ApiKey, organization_id: str) -> Document:
        known = {each.organization for each in self.settings.credentials.keys}
        if organization_id in known - {key.organization}:
            raise ApiError(403, "FORBIDDEN", organization_id)
        return super().authorize_organization(key, organization_id)


@FAULTS.dbaas("HTTP-FOREIGN-AS-ABSENT")
class InstancesOfOthersForbidden(DbaasService):
    """An instance of others is answered with 403, one that does not exist with 404."""

    def instance(self, caller: Caller, identifier: str) -> Document:
        found = self.found(INSTANCE, identifier)
        if found is not None and not self.visible(caller, found):
            raise forbidden("this instance belongs to another project")
        return super().instance(caller, identifier)


class _ComparingTokens(DbaasService):
    def same(self, right: str, sent: str) -> bool:
        raise NotImplementedError

    def caller(self, token: str | None) -> Caller:
        for known in self.settings.credentials.tokens:
            if token is not None and self.accepted(known) and self.same(known.token, token):
                return super().caller(known.token)
        return super().caller(token)


@FAULTS.dbaas("DB-AUTH-WRONG-TOKEN")
class TokenMayBeCut(_ComparingTokens):
    """A token is compared as far as it was sent."""

    def same(self, right: str, sent: str) -> bool:
        return len(sent) > 4 and right.startswith(sent)


@FAULTS.dbaas("DB-AUTH-WRONG-TOKEN")
class TokenMayGoOn(_ComparingTokens):
    """A token may have more behind it."""

    def same(self, right: str, sent: str) -> bool:
        return sent.startswith(right)


@FAULTS.dbaas("DB-AUTH-WRONG-TOKEN")
class TokenWithoutCase(_ComparingTokens):
    """A token is compared without regard to case."""

    def same(self, right: str, sent: str) -> bool:
        return right.lower() == sent.lower()


@FAULTS.dbaas("DB-AUTH-DISABLED")
class DisabledTokenAccepted(DbaasService):
    """A disabled token goes on to work."""

    def accepted(self, token: BearerToken) -> bool:
        return token.enabled or token.name == "disabled"


@FAULTS.dbaas("DB-AUTH-READ-ONLY")
class ReadOnlyTokenWrites(DbaasService):
    """A token that may only read can create, change and delete."""

    def may_write(self, caller: Caller) -> None:
        pass


@FAULTS.dbaas("DB-AUTH-READ-ONLY")
class ReadOnlyTokenDropsDatabases(DbaasService):
    """A token that may only read can delete a database."""

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        super().delete_database(Caller(caller.project), instance_id, identifier)


class _Unowned(DbaasService):
    """Knows instances of every project."""

    def of_anyone(self, instance_id: str) -> Caller:
        found = self.found(INSTANCE, instance_id)
        return Caller(found["project"] if found else "")


@FAULTS.dbaas("DB-AUTH-TENANT")
class UsersOfOthersListed(_Unowned):
    """The users of every instance can be listed by every project."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        return super().list_users(self.of_anyone(instance_id), instance_id)


@FAULTS.dbaas("DB-AUTH-TENANT")
class DatabasesOfOthersDropped(_Unowned):
    """The databases of every instance can be deleted by every project."""

    def delete_database(self, caller: Caller, instance_id: str, identifier: str) -> None:
        super().delete_database(self.of_anyone(instance_id), instance_id, identifier)


@FAULTS.dbaas("DB-AUTH-TENANT")
class UsersCreatedForOthers(_Unowned):
    """Every project can create users in every instance."""

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        return super().create_user(self.of_anyone(instance_id), instance_id, body)


@FAULTS.dbaas("DB-AUTH-TENANT")
class DatabasesFoundByIdAlone(DbaasService):
    """A database is found by its identifier, whatever instance and project the path names."""

    def get_database(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        found = self.found(DATABASE, identifier)
        if found is None:
            return super().get_database(caller, instance_id, identifier)
        return self.shown_database(found)


@FAULTS.dbaas("DB-AUTH-PROJECT")
class ProjectOfOthersAccepted(DbaasService):
    """A request may name another project than that of its token."""

    def check_project(self, caller: Caller, project: Any) -> None:
        pass


@FAULTS.dbaas("DB-AUTH-TENANT", "DB-DB-OWNER-VALID")
class OwnerOfAnyProject(DbaasService):
    """A user of any instance of any project can own a database."""

    def owner(self, instance: Document, reference: str) -> str:
        identifier = reference.rstrip("/").rsplit("/", 1)[-1]
        user = self.found(USER, identifier)
        return super().owner(instance, reference) if user is None else str(user["uuid"])
