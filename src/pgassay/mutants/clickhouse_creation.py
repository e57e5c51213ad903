# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the creation of services of the clickhouse family, and in what it answers."""

from typing import Any

from msgspec import UNSET, UnsetType

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.models import CreateRequest, Tag, UpdateRequest, convert
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-SVC-CREATE")
class AvailabilityRequired(ClickhouseService):
    """A service cannot be created without naming its high availability."""

    def check_creation(self, request: CreateRequest) -> None:
        super().check_creation(request)
        if request.ha_type is UNSET:
            raise bad_request("request body.haType: 'undefined'")


@FAULTS.clickhouse("CH-SVC-CREATE-REQUIRED")
class RegionMadeUp(ClickhouseService):
    """A service without a region is created in some region."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, {"region": "us-east-1", **_members(body)})


@FAULTS.clickhouse("CH-SVC-CREATE-REJECT-NOTHING")
class RefusedServiceKept(ClickhouseService):
    """A service whose creation is refused is there nevertheless, with right values."""

    def create(self, organization: Document, body: Any) -> Document:
        try:
            return super().create(organization, body)
        except ApiError:
            name = _members(body).get("name")
            right = {"provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}
            super().create(organization, {**right, "name": _usable(name)})
            raise


@FAULTS.clickhouse("CH-SVC-CREATE-ECHO")
class AvailabilityUnechoed(ClickhouseService):
    """The answer to create shows no high availability, whatever was asked for."""

    def created(self, document: Document) -> Document:
        return super().created(document) | {"haType": "none"}


@FAULTS.clickhouse("CH-SVC-NAME-CHARACTERS")
class NameLowered(ClickhouseService):
    """A service's name is kept in lower case."""

    def create(self, organization: Document, body: Any) -> Document:
        document = super().create(organization, body)
        document["name"] = document["name"].lower()
        self.save(document)
        return document


@FAULTS.clickhouse("CH-SVC-CREATE-CREDENTIALS")
class PasswordMissing(ClickhouseService):
    """The answer to create has no password."""

    def created(self, document: Document) -> Document:
        return _without(super().created(document), "password")


@FAULTS.clickhouse("CH-SVC-CREATE-CREDENTIALS")
class ConnectionStringMissing(ClickhouseService):
    """The answer to create has no connection string."""

    def created(self, document: Document) -> Document:
        return _without(super().created(document), "connectionString")


@FAULTS.clickhouse("CH-SVC-CONNECTION-STRING")
class ConnectionStringWithOldPassword(ClickhouseService):
    """The connection string's password is not the one beside it."""

    def created(self, document: Document) -> Document:
        return super().created(document) | {"password": self.generate_password()}


@FAULTS.clickhouse("CH-SVC-CONNECTION-STRING")
class ConnectionStringToOtherHost(ClickhouseService):
    """The connection string's host is not the one beside it."""

    def created(self, document: Document) -> Document:
        return super().created(document) | {"hostname": "other.reference.invalid"}


@FAULTS.clickhouse("CH-SVC-PASSWORD-GENERATED")
class PasswordWithoutCapitals(ClickhouseService):
    """Generated passwords have no capital letters."""

    def generate_password(self) -> str:
        return super().generate_password().lower()


@FAULTS.clickhouse("CH-SVC-PASSWORD-GENERATED")
class PasswordShort(ClickhouseService):
    """Generated passwords have eleven characters."""

    def generate_password(self) -> str:
        return "aB3" + super().generate_password()[:8]


@FAULTS.clickhouse("CH-SVC-USERNAME")
class SuperuserRenamed(ClickhouseService):
    """The superuser is called admin."""

    def new_document(self, organization: Document, request: CreateRequest) -> Document:
        return super().new_document(organization, request) | {"username": "admin"}


@FAULTS.clickhouse("CH-SVC-CREATE-PRIMARY")
class CreatedAsReplica(ClickhouseService):
    """A new service says that it is a replica."""

    def new_document(self, organization: Document, request: CreateRequest) -> Document:
        return super().new_document(organization, request) | {"isPrimary": False}


@FAULTS.clickhouse("CH-SVC-CREATE-INITIAL-STATE")
class CreatedStopped(ClickhouseService):
    """A new service is stopped at first."""

    def new_document(self, organization: Document, request: CreateRequest) -> Document:
        return super().new_document(organization, request) | {"state": "stopped"}


@FAULTS.clickhouse("CH-SVC-CREATE-CONFIG")
class ConfigurationOfCreateIgnored(ClickhouseService):
    """The configuration that a create request sets is forgotten."""

    def initial_configuration(self, member: str, sent: Any) -> Document:
        super().initial_configuration(member, sent)
        return {}


@FAULTS.clickhouse("CH-SVC-CREATE-CONFIG-EMPTY")
class EmptyConfigurationOfCreateAccepted(ClickhouseService):
    """A create request may have an empty configuration."""

    def initial_configuration(self, member: str, sent: Any) -> Document:
        return super().initial_configuration(member, sent or UNSET)


@FAULTS.clickhouse("CH-REQUEST-UNKNOWN-MEMBER")
class UnknownMemberRefused(ClickhouseService):
    """A create request with a member that the document does not name is refused."""

    def create(self, organization: Document, body: Any) -> Document:
        unknown = _members(body).keys() - set(CreateRequest.__struct_encode_fields__)
        if unknown:
            raise bad_request(f"request body: unknown member {min(unknown)}")
        return super().create(organization, body)


@FAULTS.clickhouse("CH-SVC-NAME-TYPE")
class NameCoerced(ClickhouseService):
    """A service name may be any JSON value; its text becomes the name."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _as_text(body, "name"))

    def check_creation(self, request: CreateRequest) -> None:
        request.name = "".join(each if each.isalnum() else " " for each in request.name) or ""
        super().check_creation(request)


@FAULTS.clickhouse("CH-SVC-REGION")
class RegionCoerced(ClickhouseService):
    """A region may be any JSON value; its text becomes the region."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _as_text(body, "region"))


@FAULTS.clickhouse("CH-SVC-VERSION")
class VersionCoerced(ClickhouseService):
    """A version may be given as a number."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _as_text(body, "postgresVersion"))


@FAULTS.clickhouse("CH-SVC-PROVIDER")
class ProviderInCapitalsAccepted(ClickhouseService):
    """A provider may be written in capitals."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _lowered(body, "provider"))


@FAULTS.clickhouse("CH-SVC-SIZE")
class SizeInCapitalsAccepted(ClickhouseService):
    """A size may be written in capitals."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _lowered(body, "size"))


@FAULTS.clickhouse("CH-SVC-SIZE")
class UnknownSizeAccepted(ClickhouseService):
    """A size that does not exist stands for the smallest one."""

    def create(self, organization: Document, body: Any) -> Document:
        size = _members(body).get("size")
        unknown = isinstance(size, str) and size not in self.rules.service.sizes
        return super().create(organization, {**body, "size": "r6gd.medium"} if unknown else body)


@FAULTS.clickhouse("CH-SVC-HA")
class AvailabilityInCapitalsAccepted(ClickhouseService):
    """A high availability type may be written in capitals."""

    def create(self, organization: Document, body: Any) -> Document:
        return super().create(organization, _lowered(body, "haType"))


@FAULTS.clickhouse("CH-SVC-TAGS-VALUE-OPTIONAL")
class TagWithoutValueRefused(ClickhouseService):
    """A tag without a value is refused."""

    def check_tags(self, tags: list[Tag] | UnsetType) -> None:
        super().check_tags(tags)
        if tags is not UNSET and any(tag.value is UNSET for tag in tags):
            raise bad_request("request body.tags: each needs a value")


@FAULTS.clickhouse("CH-SVC-TAGS-ECHO")
class TagValuesLowered(ClickhouseService):
    """Tag values are kept in lower case."""

    def tags(self, tags: list[Tag] | UnsetType) -> list[Document]:
        return [
            {name: text.lower() if name == "value" else text for name, text in tag.items()}
            for tag in super().tags(tags)
        ]


@FAULTS.clickhouse("CH-SVC-TAGS-PRESENT")
class EmptyTagsLeftOut(ClickhouseService):
    """A service without tags does not show the member."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        return summary if summary["tags"] else _without(summary, "tags")


@FAULTS.clickhouse("CH-SVC-PATCH-VALIDATION")
class UpdateUnchecked(ClickhouseService):
    """An update may set names and tags that a create may not."""

    def check_update(self, request: UpdateRequest) -> None:
        self.check_machine(request)


def _members(body: Any) -> Document:
    return body if isinstance(body, dict) else {}


def _without(document: Document, member: str) -> Document:
    return {name: value for name, value in document.items() if name != member}


def _usable(name: Any) -> str:
    return name if isinstance(name, str) and 0 < len(name) <= 50 else "kept"


def _as_text(body: Any, member: str) -> Any:
    members = _members(body)
    return {**members, member: str(members[member])} if member in members else body


def _lowered(body: Any, member: str) -> Any:
    text = _members(body).get(member)
    return {**body, member: text.lower()} if isinstance(text, str) else body


@FAULTS.clickhouse("CH-QUOTA-CREATE", quota=6)
class QuotaIgnored(ClickhouseService):
    """An organization can have more services than its quota."""

    def claim_service(self, organization_id: str) -> None:
        pass


@FAULTS.clickhouse("CH-QUOTA-CREATE", quota=6)
class QuotaIsBadRequest(ClickhouseService):
    """A create beyond the quota is a bad request."""

    def claim_service(self, organization_id: str) -> None:
        try:
            super().claim_service(organization_id)
        except ApiError as error:
            raise bad_request(error.detail) from error


@FAULTS.clickhouse("CH-QUOTA-CREATE", quota=6)
class QuotaNeverFreed(ClickhouseService):
    """Services that are gone count for the quota for good."""

    claimed = 0

    def claim_service(self, organization_id: str) -> None:
        self.claimed += 1
        if self.claimed > self.quota():
            raise ApiError(409, "CONFLICT", "The quota is used up")


@FAULTS.clickhouse("CH-QUOTA-REJECT-NOTHING", quota=6)
class ServiceBeyondQuotaMade(ClickhouseService):
    """A create beyond the quota is refused, and the service made all the same."""

    def create(self, organization: Document, body: Any) -> Document:
        try:
            return super().create(organization, body)
        except ApiError as error:
            if error.status == 409:
                self.save(self.new_document(organization, convert(body, CreateRequest)))
            raise
