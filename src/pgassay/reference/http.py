"""HTTP for both families: strict bodies, credentials, refusals, resources with operations."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]

_HOST = re.compile(r"[A-Za-z0-9._~:%!$&'()*+,;=\[\]-]+")
_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


class ApiError(Exception):
    """A request is refused: HTTP status, a code such as NOT_FOUND, a detail for its sender."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def bad_request(detail: str) -> ApiError:
    """Make the error for a request that breaks a rule (400)."""
    return ApiError(400, "BAD_REQUEST", detail)


def not_found(detail: str) -> ApiError:
    """Make the error for what is not there, or not there for this caller (404)."""
    return ApiError(404, "NOT_FOUND", detail)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a resource; its name is what requests are counted under."""

    method: str
    name: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Resource:
    """A path such as `/v1/things/{thing}`, and its operations by their methods."""

    path: str
    operations: Mapping[str, Operation]

    def operation(self, method: str) -> Operation:
        """Return the operation of a method; ApiError 405, which names the methods there are."""
        found = self.operations.get(method)
        if found is None:
            allowed = ", ".join(sorted(self.operations))
            detail = f"use one of {allowed}"
            raise ApiError(405, "METHOD_NOT_ALLOWED", detail, {"Allow": allowed})
        return found


@dataclass(frozen=True, slots=True)
class Family:
    """An API family: the paths that are its own, what it serves, how it words a refusal."""

    name: str
    prefixes: tuple[str, ...]
    render_error: Callable[[ApiError], Response]
    resources: Sequence[Resource] = field(default=())

    def owns(self, path: str) -> bool:
        """Tell whether a path, known or not, lies in this family's space."""
        return any(path == prefix or path.startswith(prefix + "/") for prefix in self.prefixes)


def resource(path: str, *operations: Operation) -> Resource:
    """Make the one resource of a path.

    HEAD is answered as GET where there is a GET; OPTIONS is a method like any other.
    """
    by_method = {operation.method: operation for operation in operations}
    if "GET" in by_method:
        by_method["HEAD"] = by_method["GET"]
    return Resource(path, by_method)


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Encode a body as JSON with media type `application/json`."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def check_host(request: Request) -> None:
    """Let pass what names one host (RFC 9112, section 3.2); ApiError 400 else."""
    hosts = request.headers.getlist("host")
    old = request.scope.get("http_version") == "1.0" and not hosts
    if not old and not (len(hosts) == 1 and _HOST.fullmatch(hosts[0])):
        raise bad_request("Host: exactly one is expected")


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body; ApiError 413 when it is longer than `limit` bytes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        # The rest is read and dropped: who is still sending would miss the answer.
        if size <= limit:
            chunks.append(chunk)
        elif size > 16 * limit:
            break
    if size > limit:
        raise ApiError(413, "PAYLOAD_TOO_LARGE", f"request body: at most {limit} bytes")
    return b"".join(chunks)


def parse_json(
    request: Request, body: bytes, media_types: Sequence[str] = ("application/json",)
) -> Any:
    """Return the JSON value of a body.

    ApiError 415 for another media type or charset, 400 for what is not JSON by RFC 8259 in
    UTF-8, and for objects that name a member twice, which receivers would read differently.
    """
    _check_media_type(request.headers.get("content-type", ""), media_types)
    try:
        value = msgspec.json.decode(body)
        _STRICT.decode(body.decode())
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise bad_request("request body: not a valid JSON document") from None
    return value


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return user and password of RFC 7617, or None when the request has no such thing."""
    encoded = _authorization(request, "basic")
    if encoded is None:
        return None
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


def bearer_token(request: Request) -> str | None:
    """Return the token of RFC 6750, or None when the request has no such thing."""
    token = _authorization(request, "bearer")
    return token if token is not None and _TOKEN68.fullmatch(token) else None


def same_secret(left: str, right: str) -> bool:
    """Compare in a time that does not tell how much of a secret was right."""
    return hmac.compare_digest(left.encode(errors="replace"), right.encode(errors="replace"))


def _authorization(request: Request, scheme: str) -> str | None:
    values = request.headers.getlist("authorization")
    if len(values) != 1:
        return None
    sent, _, credentials = values[0].partition(" ")
    return credentials.strip(" ") if sent.lower() == scheme else None


def _check_media_type(content_type: str, accepted: Sequence[str]) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() not in accepted or charset not in ("", "charset=utf-8"):
        expected = " or ".join(accepted)
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type must be {expected}")


def _unique_members(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member is named twice")


_STRICT = json.JSONDecoder(object_pairs_hook=_unique_members)
