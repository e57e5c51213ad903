"""Query strings, read strictly: what is named is there once, and has a value."""

import re
from urllib.parse import parse_qsl

from starlette.requests import Request

from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.timestamps import has_milliseconds, parse_timestamp

_WHOLE = re.compile(r"-?[0-9]{1,100}")


class QueryString:
    """The parameters of one request; those that nobody asks for are ignored.

    Every method raises ApiError 400 for a parameter that is repeated, empty, or of another form
    than asked for. `milliseconds_only` leaves one form of RFC 3339, such as
    2026-05-28T20:26:40.000Z.
    """

    def __init__(self, request: Request, *, milliseconds_only: bool = False) -> None:
        self._milliseconds_only = milliseconds_only
        self._values: dict[str, list[str]] = {}
        for name, value in _pairs(request.scope["query_string"]):
            self._values.setdefault(name, []).append(value)

    def text(self, name: str) -> str | None:
        """Return a parameter's value, or None when it is not there."""
        values = self._values.get(name)
        if values is None:
            return None
        if len(values) > 1:
            raise refused(name, "must not be repeated")
        if not values[0]:
            raise refused(name, "must not be empty")
        return values[0]

    def required_text(self, name: str) -> str:
        """Return the value of a parameter that must be there."""
        value = self.text(name)
        if value is None:
            raise refused(name, "is required")
        return value

    def choice(self, name: str, choices: tuple[str, ...], otherwise: str) -> str:
        """Return one of the choices."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise refused(name, f"must be one of {', '.join(choices)}")
        return otherwise if value is None else value

    def whole(self, name: str) -> int | None:
        """Return a whole number, written in decimal digits."""
        value = self.text(name)
        if value is None:
            return None
        if not _WHOLE.fullmatch(value):
            raise refused(name, "must be a whole number")
        return int(value)

    def moment(self, name: str) -> int | None:
        """Return a point in time, in microseconds since the epoch."""
        value = self.text(name)
        if value is None:
            return None
        moment = parse_timestamp(value)
        if moment is None or (self._milliseconds_only and not has_milliseconds(value)):
            raise refused(name, "must be an RFC 3339 date-time such as 2026-05-28T20:26:40.000Z")
        return moment

    def required_moment(self, name: str) -> int:
        """Return a point in time that must be there, in microseconds since the epoch."""
        self.required_text(name)
        moment = self.moment(name)
        assert moment is not None  # noqa: S101 - it was there a line ago
        return moment


def refused(name: str, problem: str) -> ApiError:
    """Make the error for a parameter that breaks a rule (400)."""
    return bad_request(f"query parameter {name}: {problem}")


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise bad_request("query string: must be percent-encoded UTF-8") from None
