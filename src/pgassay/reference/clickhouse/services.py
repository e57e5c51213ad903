"""The life of a Postgres service: create, read, list, update, delete."""

import re
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from pgassay.reference.clickhouse.certificates import Certificates
from pgassay.reference.clickhouse.configuration import Configuration
from pgassay.reference.clickhouse.connection import connection_string
from pgassay.reference.clickhouse.models import CreateRequest, Tag, UpdateRequest, convert
from pgassay.reference.clickhouse.quotas import Quotas
from pgassay.reference.clickhouse.rules import TextRule
from pgassay.reference.http import bad_request
from pgassay.reference.plane import Action
from pgassay.reference.schedule import outlook
from pgassay.reference.store import Document

_Value = TypeVar("_Value")

DOMAIN = "aws.pg.reference.invalid"
_EVERY_CLASS = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).*")


class Services(Configuration, Quotas, Certificates):
    """The operations on a service itself (OpenAPI: postgresServiceCreate to -Delete)."""

    def create(self, organization: Document, body: Any) -> Document:
        """Begin to create a service; ApiError 400 when the request breaks a rule, 409 by quota."""
        request = convert(body, CreateRequest)
        self.check_creation(request)
        document = self.new_document(organization, request)
        self.claim_service(organization["id"])
        duration, setup = self.rules.durations.creating, self.setup(document)
        self.begin(document, duration, {"state": "running"}, Action.PROVISION, **setup)
        self.save(document)
        return document

    def update(self, document: Document, body: Any) -> None:
        """Carry out a merge patch (RFC 7396): members that it does not name stay.

        Name and tags show at once, another host name, size or high availability when done.
        ApiError 400 when the request breaks a rule, or the service is not ready to be resized;
        409 when it is being deleted. Then nothing has changed.
        """
        request = convert(body, UpdateRequest)
        self.check_update(request)
        self.check_not_deleting(document)
        machine = self.new_machine(document, request)
        if machine:
            self.check_ready(document)
            self.resize(document, machine)
        self.rename(document, request.name)
        self.replace_tags(document, request.tags)
        self.save(document)

    def delete(self, document: Document) -> None:
        """Begin to delete a service, whatever its state; a second time changes nothing."""
        if not self.rules.service.repeated_delete:
            self.check_not_deleting(document)
        if document["state"] != "deleting":
            document["state"] = "deleting"
            self.begin_removal(document, self.rules.durations.deleting)
            self.save(document)

    def new_document(self, organization: Document, request: CreateRequest) -> Document:
        """Make the document of a service that begins to be created."""
        rules, service_id = self.rules.service, str(uuid.uuid4())
        return {
            "id": service_id,
            "organization": organization["id"],
            "name": request.name,
            "provider": request.provider,
            "region": request.region,
            "postgresVersion": _given(request.postgres_version, rules.default_version),
            "size": request.size,
            "haType": _given(request.ha_type, rules.default_high_availability),
            "tags": self.tags(request.tags),
            "isPrimary": True,
            "state": "creating",
            "createdAt": timestamp(self.clock.now()),
            "since": self.clock.now(),
            "username": "postgres",
            "password": self.generate_password(),
            "hostname": self.hostname(request.name, service_id, request.region),
            "pgConfig": self.initial_configuration("pgConfig", request.pg_config),
            "pgBouncerConfig": self.initial_configuration(
                "pgBouncerConfig", request.pg_bouncer_config
            ),
        }

    def setup(self, document: Document) -> Document:
        """Return what the data plane sets a new cluster up with."""
        setup = {"password": document["password"], "parameters": document["pgConfig"]}
        return setup | self.server_certificate(document)

    def generate_password(self) -> str:
        """Return 20 URL-safe characters with all the classes that `pgPassword` asks for."""
        while True:
            password = secrets.token_urlsafe(15)
            if _EVERY_CLASS.fullmatch(password):
                return password

    def hostname(self, name: str, service_id: str, region: str) -> str:
        """Return a new host name under a domain that never resolves (RFC 2606)."""
        unique = f"pg{service_id.replace('-', '')[:24]}"
        return f"{_label(name, 54)}-{secrets.token_hex(4)}.{unique}.c0.{_label(region)}.{DOMAIN}"

    def tags(self, tags: list[Tag] | UnsetType) -> list[Document]:
        """Return tags as they are kept and shown."""
        shown: list[Document] = [] if tags is UNSET else msgspec.to_builtins(tags)
        if self.rules.service.tags.collapsed:
            return list({tag["key"]: tag for tag in shown}.values())
        return shown

    def new_machine(self, document: Document, request: UpdateRequest) -> Document:
        """Return the members size and haType as far as the request changes them."""
        wanted = {"size": request.size, "haType": request.ha_type}
        return {
            member: value
            for member, value in wanted.items()
            if value is not UNSET and value != outlook(document, member)
        }

    def resize(self, document: Document, machine: Document) -> None:
        """Announce another machine; the CPU time that went by on the old one still counts."""
        duration, sizes = self.rules.durations.resizing, self.rules.service.sizes
        old, new = outlook(document, "size"), machine.get("size", outlook(document, "size"))
        less = (sizes[old].cpus - sizes[new].cpus) * (self.due(duration) - document["since"])
        counted = {"cpuOffset": (outlook(document, "cpuOffset") or 0) + less} if less else {}
        self.begin(document, duration, machine | counted)

    def rename(self, document: Document, name: str | UnsetType) -> None:
        """Give the service another name now and the host name that follows from it later."""
        if name is UNSET or name == document["name"]:
            return
        document["name"] = name
        hostname = self.hostname(name, document["id"], document["region"])
        certificate = self.server_certificate({**document, "hostname": hostname})
        action = Action.CERTIFY if certificate else None
        changes = {"hostname": hostname}
        self.begin(document, self.rules.durations.renaming, changes, action, **certificate)

    def replace_tags(self, document: Document, tags: list[Tag] | UnsetType) -> None:
        """Put the list that was sent in the place of the old one; RFC 7396 replaces arrays."""
        if tags is not UNSET or not self.rules.service.tags.kept_when_omitted:
            document["tags"] = self.tags(tags)

    def check_creation(self, request: CreateRequest) -> None:
        """ApiError 400 naming the member that breaks a rule."""
        rules = self.rules.service
        self.check_text("name", rules.name, request.name)
        self.check_text("region", rules.region, request.region)
        self.check_choice("provider", rules.providers, request.provider)
        self.check_choice("postgresVersion", rules.versions, request.postgres_version)
        self.check_machine(request)
        self.check_tags(request.tags)
        self.check_parameters(_given(request.pg_config, {}), _given(request.pg_bouncer_config, {}))

    def check_update(self, request: UpdateRequest) -> None:
        """ApiError 400 naming the member that breaks a rule."""
        if request.name is not UNSET:
            self.check_text("name", self.rules.service.name, request.name)
        self.check_machine(request)
        self.check_tags(request.tags)
        if self.rules.service.tags.value_required_on_update:
            self.check_tag_values(request.tags)

    def check_tag_values(self, tags: list[Tag] | UnsetType) -> None:
        """ApiError 400 naming the tag that has no value."""
        for index, tag in enumerate(_given(tags, [])):
            if tag.value is UNSET:
                raise bad_request(f"request body.tags[{index}].value: 'undefined'")

    def check_machine(self, request: CreateRequest | UpdateRequest) -> None:
        """ApiError 400 for a size or an haType that does not exist."""
        rules = self.rules.service
        self.check_choice("size", tuple(rules.sizes), request.size)
        self.check_choice("haType", rules.high_availability, request.ha_type)

    def check_text(self, member: str, rule: TextRule, text: str) -> None:
        """ApiError 400 when a text breaks its rule."""
        if problem := rule.problem(text):
            raise bad_request(f"request body.{member}: {problem}")

    def check_choice(self, member: str, choices: tuple[str, ...], value: str | UnsetType) -> None:
        """ApiError 400 when a value is there and not among the choices."""
        if value is not UNSET and value not in choices:
            listed = ", ".join(choices) if len(choices) < 10 else f"{len(choices)} known values"
            raise bad_request(f"request body.{member}: must be one of {listed}")

    def check_tags(self, tags: list[Tag] | UnsetType) -> None:
        """ApiError 400 naming the tag that breaks a rule."""
        rules, seen = self.rules.service.tags, set()
        if tags is UNSET:
            return
        if len(tags) > rules.maximum:
            raise bad_request(f"request body.tags: at most {rules.maximum} tags")
        for index, tag in enumerate(tags):
            self.check_text(f"tags[{index}].key", rules.key, tag.key)
            if tag.value is not UNSET:
                self.check_text(f"tags[{index}].value", rules.value, tag.value)
            if tag.key.startswith(rules.reserved_prefix):
                raise bad_request(f"request body.tags[{index}].key: this prefix is reserved")
            if rules.unique_keys and tag.key in seen:
                raise bad_request(f"request body.tags[{index}].key: occurs twice")
            seen.add(tag.key)

    def check_ready(self, document: Document) -> None:
        """ApiError 400 unless the service is running."""
        if document["state"] != "running":
            raise bad_request(f"The service is not ready to be changed: {document['state']}")

    def redacts(self, organization: Document) -> bool:
        """Tell whether the organization has its credentials shown on creation only."""
        everywhere = self.rules.redaction
        return bool(organization["redacts"]) if everywhere is None else everywhere

    def item(self, document: Document) -> Document:
        """Return a service as the list shows it."""
        item = self.summary(document)
        if not self.rules.service.storage_in_list:
            item.pop("storageSize", None)
        return item

    def summary(self, document: Document) -> Document:
        """Return what the list shows of a service, which is nothing to connect with."""
        return {
            "id": document["id"],
            "name": document["name"],
            "provider": document["provider"],
            "region": document["region"],
            "postgresVersion": document["postgresVersion"],
            "size": document["size"],
            "storageSize": self.rules.service.sizes[document["size"]].storage,
            "haType": document["haType"],
            "tags": document["tags"],
            "isPrimary": document["isPrimary"],
            "state": document["state"],
            "createdAt": document["createdAt"],
        }

    def details(self, document: Document, *, secret: bool) -> Document:
        """Return a service in full; with the means to connect only when `secret` is allowed."""
        connection = {"username": document["username"], "hostname": document["hostname"]}
        if secret:
            connection["password"] = document["password"]
            connection["connectionString"] = self.connection_string(document)
        return {**self.summary(document), **connection}

    def connection_string(self, document: Document) -> str:
        """Return the URI to connect with."""
        address = self.plane.address(document["id"]) if self.plane else None
        return connection_string(document, self.rules.service.connection_uri, address)

    def read(self, document: Document, organization: Document) -> Document:
        """Return the answer to a read."""
        details = self.details(document, secret=not self.redacts(organization))
        return {**details, "ipAccessList": []} if self.rules.service.access_rules else details

    def created(self, document: Document) -> Document:
        """Return the answer to the creation: the one place where secrets always show."""
        return self.dated(self.details(document, secret=True))

    def updated(self, document: Document, organization: Document) -> Document:
        """Return the answer to an update."""
        return self.dated(self.details(document, secret=not self.redacts(organization)))

    def dated(self, answer: Document) -> Document:
        """Return the answer to a change; those in the documentation have no createdAt."""
        if not self.rules.service.dated_changes:
            del answer["createdAt"]
        return answer


def timestamp(seconds: float) -> str:
    """Write epoch seconds as RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _given(value: _Value | UnsetType, otherwise: _Value) -> _Value:
    return otherwise if value is UNSET else value


def _label(text: str, maximum: int = 63) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:maximum].strip("-") or "pg"
