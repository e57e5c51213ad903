"""Headers and parameters by which a request pretends to be another one, or another caller's."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from pgassay.target.model import Credential
from pgassay.values.credentials import Headers

#: Headers by which frameworks let a form send another method (RFC 9110 knows none).
METHOD_HEADERS: Final = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
METHOD_PARAMETERS: Final = ("_method", "method", "X-HTTP-Method-Override")
#: Headers by which gateways tell the path that was asked for.
_PATH_HEADERS: Final = (
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Original-URI",
    "X-Forwarded-URI",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Envoy-Original-Path",
)
#: Headers by which gateways tell who asked; nobody but a gateway may be believed.
_ORIGIN_HEADERS: Final[Mapping[str, str]] = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-IP": "127.0.0.1",
    "X-Client-IP": "127.0.0.1",
    "X-Forwarded-Host": "localhost",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "443",
    "Forwarded": "for=127.0.0.1;host=localhost;proto=https",
    "X-Custom-IP-Authorization": "127.0.0.1",
    "X-Internal-Request": "true",
}
_CALLER_HEADERS: Final = ("X-Remote-User", "X-Forwarded-User", "X-User", "X-Auth-User")
_TENANT_NAMES: Final = ("organizationId", "organization_id", "org", "project_id", "tenant")
_TENANT_HEADERS: Final = ("X-Organization-Id", "X-Tenant-Id", "X-Project-Id", "X-Account-Id")


def other_paths(path: str) -> dict[str, Headers]:
    """Headers that name another path than the request's, by their names."""
    return {name: {name: path} for name in _PATH_HEADERS}


def trusted_origins(caller: str) -> dict[str, Headers]:
    """Headers that say that the request was let in already, for somebody called `caller`."""
    values = dict(_ORIGIN_HEADERS) | dict.fromkeys(_CALLER_HEADERS, caller)
    return {name: {name: value} for name, value in values.items()}


def other_tenant_headers(tenant: str) -> dict[str, Headers]:
    """Headers that name a tenant, by their names."""
    return {name: {name: tenant} for name in _TENANT_HEADERS}


def other_tenant_queries(tenant: str) -> list[str]:
    """Queries that name a tenant."""
    return [f"?{name}={tenant}" for name in _TENANT_NAMES]


def misplaced_headers(credential: Credential) -> dict[str, Headers]:
    """Valid credentials in headers that are not the one for them, by the header's name."""
    carried = credential.headers.get("Authorization", credential.token)
    secret = credential.password or credential.token
    values = {
        "Proxy-Authorization": carried,
        "X-Authorization": carried,
        "X-Forwarded-Authorization": carried,
        "X-Original-Authorization": carried,
        "X-Api-Key": secret,
        "X-Auth-Token": secret,
        "X-Access-Token": secret,
        "Cookie": f"Authorization={quote(carried)}; token={secret}; session={secret}",
    }
    return {name: {name: value} for name, value in values.items() if name != credential.header}


def misplaced_queries(credential: Credential) -> list[str]:
    """Valid credentials as a query, where logs and histories would keep them."""
    carried = quote(credential.headers.get("Authorization", credential.token))
    secret = quote(credential.password or credential.token)
    user = quote(credential.username)
    names = ("access_token", "token", "api_key", "apikey", "key", "secret")
    return [
        f"?Authorization={carried}",
        f"?authorization={carried}",
        f"?key_id={user}&key_secret={secret}",
        f"?keyId={user}&keySecret={secret}",
        f"?username={user}&password={secret}",
        *(f"?{name}={secret}" for name in names),
    ]
