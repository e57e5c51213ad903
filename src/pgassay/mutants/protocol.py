# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in how answers travel: statuses, envelopes, media types, shapes of bodies."""

from typing import Any

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import SERVICE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.errors import invalid
from pgassay.reference.http import ApiError
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document

FAULTS = Faults()

_READS = ("CH-SVC-GET",)
_REFUSALS = ("CH-SVC-NAME-TYPE",)
_CREATES = ("CH-SVC-CREATE",)


@FAULTS.bending("CH-STATUS-SUCCESS", shown_by=_CREATES)
class ServiceCreatedWith201(Bending):
    """The creation of a service is answered with 201."""

    def bend(self, answer: Answer) -> Answer:
        created = answer.clickhouse and answer.method == "POST" and answer.status == 200
        return answer.with_status(201).with_members(status=201) if created else answer


@FAULTS.bending("CH-SVC-DELETE")
class DeleteWithoutEnvelope(Bending):
    """The delete of a service is answered with 204 and nothing else."""

    def bend(self, answer: Answer) -> Answer:
        if answer.clickhouse and answer.method == "DELETE" and answer.succeeded:
            return Answer(answer.method, answer.path, 204, {}, b"")
        return answer


@FAULTS.bending("CH-STATUS-DOCUMENTED", shown_by=_REFUSALS)
class TeapotRefuses(Bending):
    """A bad request is answered with 418."""

    def bend(self, answer: Answer) -> Answer:
        refused = answer.clickhouse and answer.status == 400
        return answer.with_status(418).with_members(status=418) if refused else answer


@FAULTS.bending("CH-STATUS-NO-5XX", "HTTP-STATUS-NO-5XX", shown_by=_REFUSALS)
class BadRequestsCrash(Bending):
    """A bad request is answered with 500."""

    def bend(self, answer: Answer) -> Answer:
        crashed = answer.clickhouse and answer.status == 400
        return answer.with_status(500).with_members(status=500) if crashed else answer


@FAULTS.bending("HTTP-STATUS-NO-5XX", shown_by=("DB-INST-CPU-RANGE",))
class BadInstancesCrash(Bending):
    """A bad request about instances is answered with 503."""

    def bend(self, answer: Answer) -> Answer:
        crashed = not answer.clickhouse and answer.status == 400
        return answer.with_status(503) if crashed else answer


@FAULTS.bending("CH-ENVELOPE-SUCCESS", shown_by=_READS)
class BareResult(Bending):
    """A service is answered without the envelope's other members."""

    def bend(self, answer: Answer) -> Answer:
        whole = answer.clickhouse and answer.succeeded and answer.value
        return answer.without("requestId") if whole else answer


@FAULTS.bending("CH-ENVELOPE-STATUS", shown_by=_REFUSALS)
class StatusDisagrees(Bending):
    """The envelope of a refusal says 200."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_members(status=200) if answer.clickhouse and answer.refused else answer


@FAULTS.bending("CH-ENVELOPE-ERROR", shown_by=_REFUSALS)
class ErrorWithoutText(Bending):
    """A bad request is not told what is wrong."""

    def bend(self, answer: Answer) -> Answer:
        bad = answer.clickhouse and answer.status == 400
        return answer.with_members(error="") if bad else answer


@FAULTS.bending("CH-ENVELOPE-ERROR", "CH-SCHEMA-RESPONSE", shown_by=_REFUSALS)
class ErrorPageInHtml(Bending):
    """A bad request is answered with an HTML page."""

    def bend(self, answer: Answer) -> Answer:
        if not (answer.clickhouse and answer.status == 400):
            return answer
        html = {"content-type": "text/html; charset=utf-8"}
        return Answer(answer.method, answer.path, 400, html, b"<h1>Bad Request</h1>")


@FAULTS.bending("CH-ENVELOPE-ERROR-OTHER", shown_by=("CH-SVC-DELETE-ABSENT",))
class NotFoundWithoutEnvelope(Bending):
    """What does not exist is answered without status and request id."""

    def bend(self, answer: Answer) -> Answer:
        absent = answer.clickhouse and answer.status == 404
        return answer.without("status", "requestId") if absent else answer


@FAULTS.bending("CH-ENVELOPE-ERROR-DETAIL", shown_by=_REFUSALS)
class ErrorWithoutDetail(Bending):
    """A bad request is told that it is one, not why."""

    def bend(self, answer: Answer) -> Answer:
        bad = answer.clickhouse and answer.status == 400
        return answer.with_members(error="BAD_REQUEST: bad request") if bad else answer


@FAULTS.clickhouse("CH-ENVELOPE-REQUEST-ID", shown_by=_READS)
class RequestIdShort(ClickhouseService):
    """A request id is a UUID without its hyphens."""

    def request_id(self) -> str:
        return super().request_id().replace("-", "")


@FAULTS.clickhouse("CH-ENVELOPE-REQUEST-ID-VERSION", shown_by=_READS)
class RequestIdByTime(ClickhouseService):
    """A request id is a UUID of version 1."""

    def request_id(self) -> str:
        random = super().request_id()
        return f"{random[:14]}1{random[15:]}"


@FAULTS.clickhouse("CH-ENVELOPE-REQUEST-ID-UNIQUE", shown_by=_READS)
class RequestIdRepeated(ClickhouseService):
    """Every second request has the id of the one before it."""

    last: str | None = None

    def request_id(self) -> str:
        self.last, again = (None, self.last) if self.last else (super().request_id(), None)
        return again or str(self.last)


@FAULTS.clickhouse("CH-SCHEMA-RESPONSE", shown_by=_READS)
class SizeMissing(ClickhouseService):
    """A service does not show its size."""

    def summary(self, document: Document) -> Document:
        return {name: v for name, v in super().summary(document).items() if name != "size"}


@FAULTS.clickhouse("CH-SCHEMA-RESPONSE", shown_by=_READS)
class PrimaryAsText(ClickhouseService):
    """Whether a service is primary is said in text."""

    def summary(self, document: Document) -> Document:
        summary = super().summary(document)
        return summary | {"isPrimary": str(summary["isPrimary"]).lower()}


@FAULTS.clickhouse("CH-SCHEMA-UNDOCUMENTED-MEMBER", shown_by=_READS)
class InternalMemberShown(ClickhouseService):
    """A service shows the rack that it runs on."""

    def summary(self, document: Document) -> Document:
        return super().summary(document) | {"rack": "b7"}


@FAULTS.clickhouse("CH-ORG-LIST")
class OrganizationUnlisted(ClickhouseService):
    """The list of organizations is empty."""

    def organizations(self, key: Any) -> list[Document]:
        return []


@FAULTS.clickhouse("CH-ORG-SINGLE")
class OrganizationListedTwice(ClickhouseService):
    """The list of organizations has the key's one twice."""

    def organizations(self, key: Any) -> list[Document]:
        return super().organizations(key) * 2


@FAULTS.dbaas("DB-SCHEMA-RESPONSE", shown_by=("DB-INST-GET",))
class CpuAsText(DbaasService):
    """An instance shows its number of cores as text."""

    def shown_instance(self, document: Document) -> Document:
        shown = super().shown_instance(document)
        return shown | {"cpu": str(shown["cpu"])}


@FAULTS.dbaas("DB-SCHEMA-RESPONSE", shown_by=("DB-DB-GET",))
class DatabaseOwnerMissing(DbaasService):
    """A database does not show its owner."""

    def shown_database(self, document: Document) -> Document:
        return {n: v for n, v in super().shown_database(document).items() if n != "owner"}


@FAULTS.dbaas("DB-SCHEMA-UNDOCUMENTED-MEMBER", shown_by=("DB-INST-GET",))
class RackShown(DbaasService):
    """An instance shows the rack that it runs on."""

    def shown_instance(self, document: Document) -> Document:
        return super().shown_instance(document) | {"rack": "b7"}


@FAULTS.bending("DB-STATUS-DOCUMENTED", shown_by=("DB-INST-GET",))
class ReadWithOddStatus(Bending):
    """Reading an instance is answered with 226."""

    def bend(self, answer: Answer) -> Answer:
        read = not answer.clickhouse and answer.method == "GET" and answer.status == 200
        return answer.with_status(226) if read else answer


@FAULTS.bending("HTTP-CONTENT-TYPE-JSON", shown_by=("DB-INST-GET",))
class JsonAsText(Bending):
    """JSON of the dbaas family is announced as plain text."""

    def bend(self, answer: Answer) -> Answer:
        return answer if answer.clickhouse else answer.with_header("content-type", "text/plain")


@FAULTS.bending("HTTP-METHOD-NOT-ALLOWED")
class OtherMethodsAccepted(Bending):
    """A method that a path does not offer is answered as if it had worked."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(200) if answer.status == 405 else answer


@FAULTS.bending("HTTP-UNKNOWN-PATH")
class UnknownPathsAccepted(Bending):
    """A path that does not exist is answered as if it did."""

    def bend(self, answer: Answer) -> Answer:
        unknown = answer.status == 404 and b"no such path" in answer.body
        return answer.with_status(200) if unknown else answer


@FAULTS.dbaas("HTTP-NOT-FOUND")
class UnknownUserBadRequest(DbaasService):
    """A user or database that does not exist is answered with 400."""

    def child(self, kind: str, instance: Document, identifier: str) -> Document:
        try:
            return super().child(kind, instance, identifier)
        except ApiError as error:
            raise invalid([error.detail]) from None


@FAULTS.clickhouse("HTTP-NOT-FOUND")
class UnknownServiceForbidden(ClickhouseService):
    """A service that never existed is answered with 403."""

    def find_service(self, organization: Document, service_id: str) -> Document:
        if self.store.get(SERVICE, service_id) is None:
            raise ApiError(403, "FORBIDDEN", service_id)
        return super().find_service(organization, service_id)


@FAULTS.bending("HTTP-IDENTIFIER-MALFORMED")
class MalformedIdentifierCrashes(Bending):
    """An identifier that is not a UUID is answered with 500."""

    def bend(self, answer: Answer) -> Answer:
        malformed = answer.status == 400 and b"a UUID is expected" in answer.body
        return answer.with_status(500).with_members(status=500) if malformed else answer


@FAULTS.bending("HTTP-JSON-SYNTAX")
class BrokenJsonAccepted(Bending):
    """A body that is not JSON is acknowledged."""

    def bend(self, answer: Answer) -> Answer:
        broken = answer.status == 400 and b"not a valid JSON document" in answer.body
        return _acknowledged(answer) if broken else answer


@FAULTS.bending("HTTP-JSON-OBJECT")
class ArrayAccepted(Bending):
    """A body that is an array is acknowledged."""

    def bend(self, answer: Answer) -> Answer:
        array = b"must be a JSON object" in answer.body or b"got `array`" in answer.body
        return _acknowledged(answer) if answer.status == 400 and array else answer


@FAULTS.bending("HTTP-CONTENT-TYPE-REQUEST")
class AnyMediaTypeRead(Bending):
    """A body is read as JSON whatever it is announced as."""

    def headers(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {**headers, b"content-type": b"application/json"}


@FAULTS.bending("HTTP-BODY-OVERSIZE")
class OversizeCrashes(Bending):
    """A body that is too large is answered with 502."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(502) if answer.status == 413 else answer


@FAULTS.bending("CH-REQUEST-INVALID")
class BadRequestsAcknowledged(Bending):
    """No request about services is refused for what it holds."""

    def bend(self, answer: Answer) -> Answer:
        return _acknowledged(answer) if answer.clickhouse and answer.status == 400 else answer


@FAULTS.bending("DB-REQUEST-INVALID")
class BadInstancesAcknowledged(Bending):
    """No request about instances is refused for what it holds."""

    def bend(self, answer: Answer) -> Answer:
        return answer if answer.clickhouse or answer.status != 400 else _acknowledged(answer)


@FAULTS.bending("CH-REQUEST-VALID")
class EveryUpdateRefused(Bending):
    """Updates of services are carried out, and answered as bad requests."""

    def bend(self, answer: Answer) -> Answer:
        if answer.clickhouse and answer.method == "PATCH" and answer.succeeded:
            return answer.with_status(400).with_members(status=400, error="BAD_REQUEST: refused")
        return answer


@FAULTS.bending("DB-REQUEST-VALID", "DB-DB-LIST")
class DatabaseListRefused(Bending):
    """The databases of an instance cannot be listed: the request is called wrong."""

    def bend(self, answer: Answer) -> Answer:
        if answer.method == "GET" and answer.path.endswith("/databases") and answer.succeeded:
            return answer.with_status(400).saying({"message": "refused"})
        return answer


def _acknowledged(answer: Answer) -> Answer:
    envelope = {"status": 200} if answer.clickhouse else {}
    return answer.with_status(200).with_members(**envelope)


@FAULTS.clickhouse("HTTP-NOT-FOUND")
class OrganizationUnread(ClickhouseService):
    """The organisation in a path is not read: a key always means its own."""

    def authorize_organization(self, key: ApiKey, organization_id: str) -> Document:
        return super().authorize_organization(key, key.organization)
