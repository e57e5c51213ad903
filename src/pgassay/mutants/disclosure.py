# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what answers give away: secrets, the server's insides, and text that was worked on."""

import hashlib
import html
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.backend import unauthorized
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.query_string import QueryString
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-SECRET-ELSEWHERE")
class PasswordAsLabel(ClickhouseService):
    """The metrics for Prometheus have the connection string of a service as a label."""

    def labels(self, organization: Document, document: Document) -> dict[str, str]:
        labels = super().labels(organization, document)
        return labels | {"dsn": self.connection_string(document)}


@FAULTS.clickhouse("CH-SECRET-ELSEWHERE")
class PasswordInConfiguration(ClickhouseService):
    """The configuration of a service has its password."""

    def configuration(self, document: Document) -> Document:
        shown = super().configuration(document)
        return shown | {"pgConfig": {**shown["pgConfig"], "password": document["password"]}}


@FAULTS.clickhouse("CH-SECRET-ELSEWHERE")
class PasswordEncodedInMetrics(ClickhouseService):
    """The metrics of a service have its password in base64."""

    def metrics(self, document: Document, query: QueryString) -> Document:
        encoded = b64encode(document["password"].encode()).decode()
        return {**super().metrics(document, query), "agent": encoded}


@FAULTS.clickhouse("CH-SECRET-ELSEWHERE")
class PasswordOfCertificates(ClickhouseService):
    """The file of certificates begins with the SHA-256 of the password."""

    def certificates(self, document: Document) -> str:
        digest = hashlib.sha256(document["password"].encode()).hexdigest()
        return f"# {digest}\n{super().certificates(document)}"


@FAULTS.clickhouse("CH-SECRET-ELSEWHERE", shown_by=("CH-SLOW-QUERIES-SORT",))
class VerifierInSlowQueries(ClickhouseService):
    """A slow query shows the verifier that a role was given."""

    def query_patterns(self, document: Document, query: QueryString) -> list[Document]:
        found = super().query_patterns(document, query)
        text = "ALTER ROLE app PASSWORD 'SCRAM-SHA-256$4096:c2FsdA==$a2V5:a2V5'"
        return [{**each, "comment": text} for each in found]


@FAULTS.clickhouse("CH-SECRET-ERROR")
class WrongSecretSaidBack(ClickhouseService):
    """The refusal of wrong credentials quotes them."""

    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        try:
            return super().authenticate(credentials)
        except ApiError as error:
            sent = ":".join(credentials or ())
            raise unauthorized(f"{error.detail} for {sent}") from None


@FAULTS.clickhouse("CH-SECRET-ERROR")
class WeakPasswordSaidBack(ClickhouseService):
    """The refusal of a weak password quotes it."""

    def check_password(self, password: str) -> None:
        try:
            super().check_password(password)
        except ApiError as error:
            raise bad_request(f"{error.detail}, not {password}") from None


@FAULTS.dbaas("DB-SECRET-PASSWORD")
class PasswordEncodedInReads(DbaasService):
    """Reading a user shows the password in hexadecimal."""

    kept: dict[str, str]

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        self.kept = {**getattr(self, "kept", {}), body["name"]: body["password"].encode().hex()}
        return super().create_user(caller, instance_id, body)

    def get_user(self, caller: Caller, instance_id: str, identifier: str) -> Document:
        shown = super().get_user(caller, instance_id, identifier)
        return {**shown, "description": f"{shown['description']} {self.kept.get(shown['name'])}"}


@FAULTS.dbaas("DB-SECRET-PASSWORD")
class PasswordDigestListed(DbaasService):
    """The list of users has PostgreSQL's MD5 of each password."""

    kept: dict[str, str]

    def create_user(self, caller: Caller, instance_id: str, body: Mapping[str, Any]) -> Document:
        salted = f"{body['password']}{body['name']}".encode()
        digest = hashlib.md5(salted, usedforsecurity=False).hexdigest()
        self.kept = {**getattr(self, "kept", {}), body["name"]: digest}
        return super().create_user(caller, instance_id, body)

    def list_users(self, caller: Caller, instance_id: str) -> list[Document]:
        listed = super().list_users(caller, instance_id)
        return [{**user, "etag": self.kept.get(user["name"], "")} for user in listed]


class _Adding(Bending):
    """Adds to the text of errors."""

    addition = ""

    def bend(self, answer: Answer) -> Answer:
        value = answer.value
        if not answer.refused or not isinstance(value, dict):
            return answer
        name = "error" if answer.clickhouse else "message"
        return answer.with_members(**{name: f"{value[name]} {self.addition}"})


_REFUSED = ("CH-SVC-NAME-TYPE", "DB-INST-CPU-RANGE")


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class TracesInErrors(_Adding):
    """Errors end with a stack trace."""

    addition = 'Traceback (most recent call last): File "service.py", line 7, in create'


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class JavaTracesInErrors(_Adding):
    """Errors name the exception of a Java library."""

    addition = "org.postgresql.util.PSQLException at org.api.Service.create(Service.java:71)"


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class SqlInErrors(_Adding):
    """Errors quote the statement that failed."""

    addition = "in: SELECT id, name FROM services WHERE name = $1"


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class ConstraintsInErrors(_Adding):
    """Errors quote the database of the server itself."""

    addition = 'duplicate key value violates unique constraint "services_name_key"'


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class FilesInErrors(_Adding):
    """Errors name a file of the server."""

    addition = "(see /var/log/api/error.log)"


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class AddressesInErrors(_Adding):
    """Errors name the address of a database behind the server."""

    addition = "upstream 10.3.0.17:5432 refused the connection"


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=_REFUSED)
class LibrariesInErrors(_Adding):
    """Errors name a library with its version."""

    addition = "For further information visit https://errors.pydantic.dev/2.5/v/int_type"


@FAULTS.bending("HTTP-ERROR-INTERNALS", shown_by=("DB-INST-GET",))
class FilesInHeaders(Bending):
    """A header names the program file that made the answer."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_header("x-handler", "/srv/api/handlers/instances.py:42")


@FAULTS.bending("HTTP-HEADER-INJECTION")
class LineBreaksMakeHeaders(Bending):
    """A line break in a path makes a header of what follows."""

    def bend(self, answer: Answer) -> Answer:
        name, colon, value = unquote(answer.path).partition("\r\n")[2].partition(":")
        if not colon:
            return answer
        return answer.with_header(name.strip().lower(), value.partition("/")[0].strip())


@FAULTS.bending("HTTP-CROSS-ORIGIN")
class AnySiteTrusted(Bending):
    """Every site may send a browser's credentials and read the answers."""

    def bend(self, answer: Answer) -> Answer:
        allowed = answer.with_header("access-control-allow-origin", "https://pgassay.invalid")
        return allowed.with_header("access-control-allow-credentials", "true")


@FAULTS.bending("HTTP-CROSS-ORIGIN")
class OpaqueOriginTrusted(Bending):
    """Pages without an origin may send a browser's credentials and read the answers."""

    def bend(self, answer: Answer) -> Answer:
        allowed = answer.with_header("access-control-allow-origin", "null")
        return allowed.with_header("access-control-allow-credentials", "true")


class _Working(DbaasService):
    """Works on descriptions before they are kept."""

    def worked(self, text: str) -> str:
        raise NotImplementedError

    def new_document(self, model: Any, members: Any) -> Document:
        document = super().new_document(model, members)
        return document | {"description": self.worked(document["description"])}


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class QuotesDoubled(_Working):
    """Apostrophes in a description are doubled."""

    def worked(self, text: str) -> str:
        return text.replace("'", "''")


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class MarkupEscaped(_Working):
    """A description is kept as HTML."""

    def worked(self, text: str) -> str:
        return html.escape(text)


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class PercentDecoded(_Working):
    """Percent-encoding in a description is decoded."""

    def worked(self, text: str) -> str:
        return unquote(text)


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class PlaceholdersFilled(_Working):
    """Placeholders in a description are filled in."""

    def worked(self, text: str) -> str:
        return text.replace("%s", "None").replace("{name}", "None")


@FAULTS.dbaas("HTTP-TEXT-VERBATIM")
class DescriptionsTrimmed(_Working):
    """Blanks at the ends of a description are dropped."""

    def worked(self, text: str) -> str:
        return text.strip()


@FAULTS.clickhouse("HTTP-TEXT-VERBATIM")
class FiltersAsConditions(ClickhouseService):
    """A filter of slow queries goes into a statement: a condition in it matches everything."""

    def filters(self, query: QueryString) -> dict[str, str]:
        wanted = super().filters(query)
        return {name: value for name, value in wanted.items() if "' OR '1'='1" not in value}


@FAULTS.clickhouse("HTTP-TEXT-VERBATIM")
class TagsEscaped(ClickhouseService):
    """Any text is accepted in the value of a tag, and kept as HTML."""

    def update(self, document: Document, body: Any) -> None:
        tags = body.get("tags") if isinstance(body, dict) else None
        if tags and "<" in str(tags[0].get("value")):
            document["tags"] = [{"key": "injected", "value": html.escape(tags[0]["value"])}]
            self.save(document)
        else:
            super().update(document, body)


@FAULTS.dbaas("DB-SECRET-PASSWORD-ECHO")
class WrongTokenQuoted(DbaasService):
    """Who sends a wrong token is told which one it was."""

    def caller(self, token: str | None) -> Caller:
        try:
            return super().caller(token)
        except ApiError as error:
            detail = f"the token {token} is not known"
            raise ApiError(error.status, error.code, detail, error.headers) from None
