"""Refusals of the dbaas family: each is an answer `{"code": ..., "type": ..., "message": ...}`."""

from collections.abc import Iterable

from starlette.responses import Response

from pgassay.reference.http import ApiError, json_response

#: The `type` of an answer, by the code of the refusal.
_TYPES = {
    "BAD_REQUEST": "ValidationError",
    "UNAUTHORIZED": "AuthenticationError",
    "FORBIDDEN": "PermissionError",
    "NOT_FOUND": "NotFoundError",
    "METHOD_NOT_ALLOWED": "MethodNotAllowedError",
    "CONFLICT": "ConflictError",
    "PAYLOAD_TOO_LARGE": "PayloadTooLargeError",
    "UNSUPPORTED_MEDIA_TYPE": "UnsupportedMediaTypeError",
}


def invalid(problems: Iterable[str]) -> ApiError:
    """Make the error for a body that breaks rules (400); the message names each of them."""
    return ApiError(400, "BAD_REQUEST", "; ".join(problems))


def unauthorized() -> ApiError:
    """Make the error for a request without a usable bearer token (401; RFC 6750, section 3)."""
    challenge = {"WWW-Authenticate": 'Bearer realm="postgres"'}
    return ApiError(401, "UNAUTHORIZED", "a valid bearer token is required", challenge)


def forbidden(detail: str) -> ApiError:
    """Make the error for what this caller may not do (403)."""
    return ApiError(403, "FORBIDDEN", detail)


def conflict(detail: str) -> ApiError:
    """Make the error for what the present state of a resource forbids (409)."""
    return ApiError(409, "CONFLICT", detail)


def render_error(error: ApiError) -> Response:
    """Render a refusal in the envelope of this family."""
    kind = _TYPES.get(error.code, "InternalError")
    body = {"code": error.status, "type": kind, "message": error.detail}
    return json_response(error.status, body, error.headers)
