# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults at the door: requests that are let in although nothing that they carry opens it."""

from base64 import b64encode
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote

from starlette.types import Receive, Scope, Send

from pgassay.mutants.answer import Bending
from pgassay.mutants.mutant import Faults, Mutant
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import Caller
from pgassay.reference.settings import ApiKey

_FAULTS = Faults()
#: What a request that is let in carries from the faulty door to the services behind it.
_LET_IN: Final = "let-in-by-a-faulty-door"


class _KeyLetIn(ClickhouseService):
    def authenticate(self, credentials: tuple[str, str] | None) -> ApiKey:
        if credentials == (_LET_IN, _LET_IN):
            return self.settings.credentials.keys[0]
        return super().authenticate(credentials)


class _TokenLetIn(DbaasService):
    def caller(self, token: str | None) -> Caller:
        return super().caller(
            self.settings.credentials.tokens[0].token if token == _LET_IN else token
        )


class Opening(Bending):
    """Lets some requests in, as if the first key or token had sent them."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Tell whether a request is let in; it may be led to another path as well."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in if the fault wants that."""
        if scope["type"] == "http":
            scope = dict(scope)
            headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
            if self.opens(scope, headers):
                scope["headers"] = _let_in(scope)
        await super().__call__(scope, receive, send)


def _let_in(scope: Scope) -> list[tuple[bytes, bytes]]:
    basic = b64encode(f"{_LET_IN}:{_LET_IN}".encode())
    clickhouse = scope["path"].startswith("/v1/organizations")
    value = b"Basic " + basic if clickhouse else b"Bearer " + _LET_IN.encode()
    kept = [(name, each) for name, each in scope["headers"] if name != b"authorization"]
    return [*kept, (b"authorization", value)]


def _written(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.decode("latin-1").partition("?")[0]


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


@_FAULTS.bending("CH-AUTH-REQUIRED")
class AnonymousScrapes(Opening):
    """The Prometheus metrics of a service are shown to everyone."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return scope["path"].endswith("/prometheus") and "authorization" not in headers


@_FAULTS.bending("CH-AUTH-REQUIRED")
class AnonymousDeletes(Opening):
    """A delete needs no credentials."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return scope["method"] == "DELETE" and "authorization" not in headers


@_FAULTS.bending("CH-AUTH-REQUIRED")
class AnonymousCommands(Opening):
    """A state command needs no credentials."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return scope["path"].endswith("/state") and "authorization" not in headers


@_FAULTS.bending("DB-AUTH-REQUIRED")
class VersionsPublic(Opening):
    """One version can be read without credentials."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return "/versions/" in scope["path"] and "authorization" not in headers


@_FAULTS.bending("CH-AUTH-REQUIRED")
class SchemeInLowerCaseUnchecked(Opening):
    """Credentials whose scheme is in lower case are not looked at."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("authorization", "").startswith(("basic ", "bearer "))


@_FAULTS.bending("CH-AUTH-REQUIRED")
class SchemeAloneAccepted(Opening):
    """The scheme without any credentials is enough."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("authorization") in {"Basic", "Bearer"}


@_FAULTS.bending("CH-AUTH-REQUIRED")
class EmptyHeaderAccepted(Opening):
    """An empty Authorization header is enough."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == ""


@_FAULTS.bending("CH-AUTH-REQUIRED")
class UndecodableCredentialsAccepted(Opening):
    """Basic credentials that cannot be decoded are taken for right ones."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("authorization", "").startswith("Basic ?")


@_FAULTS.bending("DB-AUTH-REQUIRED")
class UnsignedTokenAccepted(Opening):
    """A token that says of itself that it is not signed is believed."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("authorization", "").startswith("Bearer eyJhbGciOiJub25l")


def _part_open_to_others(part: str) -> type[Opening]:
    class OpenToOthers(Opening):
        def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
            return scope["path"].endswith(part) and "authorization" in headers

    OpenToOthers.__name__ = part.strip("/")[0].upper() + part.strip("/")[1:] + "OfOthersOpen"
    OpenToOthers.__doc__ = f"Every valid key opens `{part}` of every organisation's services."
    return OpenToOthers


_OPEN_PARTS: Final = (
    "/config",
    "/password",
    "/caCertificates",
    "/metrics",
    "/slowQueryPatterns",
    "/readReplica",
    "/clickpipesCdcScaling",
)
for _part in _OPEN_PARTS:
    _FAULTS.bending("CH-AUTH-TENANT")(_part_open_to_others(_part))
_FAULTS.bending("CH-RESTORE-TENANT")(_part_open_to_others("/restoredService"))


@_FAULTS.bending("CH-AUTH-REQUIRED")
class DoubleSlashLetsIn(Opening):
    """A path with a doubled slash passes the check, and is served as the plain one."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        doubled = "//" in scope["path"]
        scope["path"] = scope["path"].replace("//", "/")
        return doubled


@_FAULTS.bending("CH-AUTH-REQUIRED")
class DotSegmentsLetIn(Opening):
    """A path with dot segments passes the check, and is served without them."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        dotted = "/x/../" in scope["path"]
        scope["path"] = scope["path"].replace("/x/../", "/")
        return dotted


@_FAULTS.bending("CH-AUTH-REQUIRED")
class EncodedDotsLetIn(Opening):
    """A path with dot segments in percent-encoding passes the check."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        dotted = "%2e%2e" in _written(scope).lower()
        scope["path"] = scope["path"].replace("/x/../", "/")
        return dotted


@_FAULTS.bending("DB-AUTH-REQUIRED")
class PathParameterLetsIn(Opening):
    """A path with a parameter behind a semicolon passes the check, and is served without it."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        parameter = ";x=1" in scope["path"]
        scope["path"] = scope["path"].replace(";x=1", "")
        return parameter


@_FAULTS.bending("CH-AUTH-REQUIRED")
class EncodedSlashLetsIn(Opening):
    """A path with an encoded slash passes the check, and is served as with a plain one."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return "%2f" in _written(scope).lower()


@_FAULTS.bending("DB-AUTH-REQUIRED")
class SuffixLetsIn(Opening):
    """What ends like a file needs no credentials, and is served without the ending."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        suffixed: bool = scope["path"].endswith(".json")
        scope["path"] = scope["path"].removesuffix(".json")
        return suffixed


@_FAULTS.bending("CH-AUTH-REQUIRED")
class UpperCaseLetsIn(Opening):
    """A path with a word in upper case passes the check, and is served as in lower case."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        shouted = "/ORGANIZATIONS" in scope["path"] or "/POSTGRES" in scope["path"]
        scope["path"] = scope["path"].lower() if shouted else scope["path"]
        return shouted


@_FAULTS.bending("HTTP-PATH-DISGUISED")
class NulEndsThePath(Opening):
    """Behind a NUL nothing of a path counts, and it is answered that all is well."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        cut = "\x00" in scope["path"]
        scope["path"] = "/v1/organizations" if cut else scope["path"]
        return cut


@_FAULTS.bending("CH-AUTH-TENANT")
class ClimbingAllowed(Opening):
    """The first organisation of a path is checked, the one after dot segments is served."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        before, climb, after = scope["path"].partition("/../")
        climbs = bool(climb) and before.startswith("/v1/organizations/") and len(before) > 50
        scope["path"] = f"/v1/organizations/{after}" if climbs else scope["path"]
        return climbs


@_FAULTS.bending("HTTP-ROUTE-HEADERS")
class OriginalUrlHonoured(Opening):
    """The path in the header X-Original-URL is served in place of the request's."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        scope["path"] = headers.get("x-original-url", scope["path"])
        return False


@_FAULTS.bending("CH-AUTH-REQUIRED")
class LoopbackTrusted(Opening):
    """Whoever says that the request came from the server itself needs no credentials."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return headers.get("x-forwarded-for") == "127.0.0.1"


@_FAULTS.bending("CH-AUTH-REQUIRED")
class RemoteUserTrusted(Opening):
    """Whoever names a key in the header X-Remote-User needs no secret."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        return "x-remote-user" in headers


@_FAULTS.bending("CH-AUTH-TENANT")
class OrganizationHeaderHonoured(Opening):
    """The organisation in a header goes before the path's, after the path's was checked."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        named = headers.get("x-organization-id")
        scope["path"] = f"/v1/organizations/{named}/postgres" if named else scope["path"]
        return named is not None


@_FAULTS.bending("CH-AUTH-TENANT")
class OrganizationParameterHonoured(Opening):
    """The organisation in a query goes before the path's, after the path's was checked."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        named = _query(scope).get("organizationId")
        scope["path"] = f"/v1/organizations/{named[0]}/postgres" if named else scope["path"]
        return named is not None


@_FAULTS.bending("HTTP-METHOD-OVERRIDE")
class MethodHeaderHonoured(Opening):
    """A header turns a POST into a request of another method."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        if scope["method"] == "POST":
            scope["method"] = headers.get("x-http-method-override", "POST")
        return False


@_FAULTS.bending("HTTP-METHOD-OVERRIDE")
class MethodParameterHonoured(Opening):
    """A parameter of the query turns a GET into a request of another method."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        scope["method"] = _query(scope).get("_method", [scope["method"]])[0]
        return False


def _moved(scope: Scope, value: str | None) -> None:
    if value:
        scope["headers"] = [*scope["headers"], (b"authorization", unquote(value).encode())]


@_FAULTS.bending("HTTP-AUTH-ELSEWHERE")
class QueryCredentialsAccepted(Opening):
    """Credentials may be a parameter of the query."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        _moved(scope, _query(scope).get("authorization", [None])[0])
        return False


@_FAULTS.bending("HTTP-AUTH-ELSEWHERE")
class CookieCredentialsAccepted(Opening):
    """Credentials may be a cookie, which browsers send by themselves."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        cookie = headers.get("cookie", "").partition("Authorization=")[2]
        _moved(scope, cookie.partition(";")[0])
        return False


@_FAULTS.bending("HTTP-AUTH-ELSEWHERE")
class ForwardedCredentialsAccepted(Opening):
    """Credentials in the header X-Forwarded-Authorization count."""

    def opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        _moved(scope, headers.get("x-forwarded-authorization"))
        return False


def _with_doors(mutant: Mutant) -> Mutant:
    services: dict[str, Any] = {"clickhouse": _KeyLetIn, "dbaas": _TokenLetIn}
    return replace(mutant, **services)


FAULTS: Final = tuple(map(_with_doors, _FAULTS))
