# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in who may do what, and in who gets to see secrets."""

from collections.abc import Mapping
from typing import Any

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import invalid
from pgassay.reference.dbaas.models import UserCreation
from pgassay.reference.dbaas.resources import INSTANCE, USER, Caller
from pgassay.reference.http import ApiError, bad_request, not_found
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-AUTH-REQUIRED")
class AnonymousAccepted(ClickhouseService):
    """A request without credentials is answered as if it had the first key's."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        if credentials is None:
            return self.settings.credentials.keys[0]
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-WRONG-SECRET")
class WrongSecretAccepted(ClickhouseService):
    """The secret of a key is not looked at."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        known = {key.key_id: key.secret for key in self.settings.credentials.keys}
        if credentials is not None and credentials[0] in known:
            credentials = (credentials[0], known[credentials[0]])
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-STATUS")
class UnknownKeyForbidden(ClickhouseService):
    """Missing and wrong credentials are answered with 403."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        try:
            return super().authenticate(credentials)
        except ApiError as error:
            raise ApiError(403, "FORBIDDEN", error.detail) from None


@FAULTS.clickhouse("CH-AUTH-DISABLED-KEY")
class DisabledKeyAccepted(ClickhouseService):
    """A disabled key goes on to work."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        for key in self.settings.credentials.keys:
            if not key.enabled and credentials == (key.key_id, key.secret):
                return key
        return super().authenticate(credentials)


@FAULTS.clickhouse("CH-AUTH-READ-ONLY")
class ReadOnlyKeyWrites(ClickhouseService):
    """A key that may only read can create, change and delete."""

    def authorize_change(self, key: ApiKey) -> None:
        pass


@FAULTS.clickhouse("CH-AUTH-TENANT")
class ServicesOfOthersFound(ClickhouseService):
    """Every organization can read, change and delete every service by its id."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        document = self.present_state(SERVICE, self.store.get(SERVICE, service_id))
        if document is None:
            raise not_found(service_id)
        return document


@FAULTS.clickhouse("CH-AUTH-TENANT")
class OrganizationsOfOthersOpen(ClickhouseService):
    """A key opens every organization whose id its holder knows."""

    def authorize_organization(self, key: ApiKey, organization_id: str) -> Document:
        anyone = ApiKey(key.name, key.key_id, key.secret, organization_id, key.role)
        return super().authorize_organization(anyone, organization_id)


@FAULTS.clickhouse("CH-SECRET-LIST")
class PasswordsListed(ClickhouseService):
    """The list of services has their passwords."""

    def services(self, organization: Document) -> list[Document]:
        return [{**each, "listed": True} for each in super().services(organization)]

    def summary(self, document: Document) -> Document:
        listed = {"password": document["password"]} if "listed" in document else {}
        return super().summary(document) | listed


@FAULTS.clickhouse("CH-SECRET-ERROR", shown_by=("CH-SVC-PATCH-VALIDATION",))
class ErrorsQuotePasswords(ClickhouseService):
    """The refusal of an update quotes the service with its password."""

    def update(self, document: Document, body: Any) -> None:
        try:
            super().update(document, body)
        except ApiError as error:
            raise bad_request(f"{error.detail} in {document}") from None


@FAULTS.clickhouse("CH-SECRET-READ")
class PasswordsInReads(ClickhouseService):
    """Reads show passwords although the organization has them hidden."""

    def redacts(self, organization: Document) -> bool:
        return False


@FAULTS.clickhouse("CH-SECRET-SHOWN")
class CredentialsHiddenFromAll(ClickhouseService):
    """Credentials are hidden in every organization, also in one that did not ask for it."""

    def redacts(self, organization: Document) -> bool:
        return True


@FAULTS.clickhouse("CH-SECRET-RESET")
class ChosenPasswordRepeated(ClickhouseService):
    """The answer to a password change repeats the password that was sent."""

    def set_password(self, document: Document, body: Any) -> Document:
        super().set_password(document, body)
        return {"password": document["password"]}


@FAULTS.dbaas("DB-AUTH-REQUIRED")
class AnonymousAcceptedByDbaas(DbaasService):
    """A request without credentials is answered as if it had the first token."""

    def caller(self, token: str | None) -> Caller:
        return super().caller(token or self.settings.credentials.tokens[0].token)


@FAULTS.dbaas("DB-AUTH-WRONG-TOKEN")
class WrongTokenAccepted(DbaasService):
    """Any token opens the first project."""

    def caller(self, token: str | None) -> Caller:
        try:
            return super().caller(token)
        except ApiError:
            if token is None:
                raise
            return Caller(self.settings.credentials.tokens[0].project)


@FAULTS.dbaas("DB-AUTH-TENANT")
class InstancesOfOthersFound(DbaasService):
    """Every project can read, change and delete every instance by its identifier."""

    def visible(self, caller: Caller, instance: Document) -> bool:
        return True


@FAULTS.dbaas("DB-AUTH-TENANT")
class InstancesOfOthersListed(DbaasService):
    """The list of instances has those of other projects."""

    def list_instances(self, caller: Caller) -> list[Document]:
        projects = dict.fromkeys(token.project for token in self.settings.credentials.tokens)
        listed = [self.listed(INSTANCE, project) for project in projects]
        return [self.shown_instance(each) for some in listed for each in some]


class _Keeping(DbaasService):
    """Keeps passwords in clear text."""

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        created = super().create_user(caller, instance_id, body)
        user = self.store.get(USER, created["uuid"]) or {}
        user |= {"password": body["password"]}
        self.store.put(USER, created["uuid"], user["instance"], user)
        return created


@FAULTS.dbaas("DB-SECRET-PASSWORD", shown_by=("DB-USER-GET",))
class PasswordRead(_Keeping):
    """Reading a user shows its password."""

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        shown = super().get_user(caller, instance_id, identifier)
        return shown | {"password": (self.found(USER, identifier) or {})["password"]}


@FAULTS.dbaas("DB-SECRET-PASSWORD", shown_by=("DB-USER-GET",))
class VerifierRead(DbaasService):
    """Reading a user shows the verifier of its password."""

    def shown_user(self, document: Document) -> Document:
        return super().shown_user(document) | {"scram": document["verifier"]}


@FAULTS.dbaas("DB-SECRET-PASSWORD", shown_by=("DB-USER-LIST",))
class PasswordsOfUsersListed(_Keeping):
    """The list of users has their passwords, in a member with another name."""

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        users = self.listed(USER, self.instance(caller, instance_id)["uuid"])
        return [{**self.shown_user(user), "credential": user["password"]} for user in users]


@FAULTS.dbaas("DB-SECRET-PASSWORD-ECHO", shown_by=("DB-USER-CREATE",))
class PasswordEchoed(DbaasService):
    """The answer to the creation of a user repeats the password."""

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        created = super().create_user(caller, instance_id, body)
        return created | {"password": body["password"]}


@FAULTS.dbaas("DB-SECRET-PASSWORD-ECHO", shown_by=("DB-USER-PASSWORD-LENGTH",))
class PasswordInError(DbaasService):
    """The refusal of a password quotes it."""

    def validate(self, model: Any, rules: Any) -> None:
        try:
            super().validate(model, rules)
        except ApiError as error:
            if isinstance(model, UserCreation):
                raise invalid([f"{error.detail}, not {model.password!r}"]) from None
            raise
