"""Windows of time in queries: borders in RFC 3339 forms, and texts that are none."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from pgassay.clock import utc_now

#: Forms of RFC 3339 section 5.6 beside the one with three digits and "Z", which all servers read.
FORMS: Final = (
    "seconds",
    "one-digit",
    "four-digits",
    "six-digits",
    "nine-digits",
    "zero-offset",
    "offset",
)
#: Texts that name no moment, by what is wrong with them.
NO_MOMENTS: Final[Mapping[str, str]] = {
    "empty": "",
    "word": "yesterday",
    "number": "1780000000",
    "date-only": "2026-03-01",
    "no-zone": "2026-03-01T00:00:00",
    "month-13": "2026-13-01T00:00:00.000Z",
    "day-30-of-february": "2026-02-30T00:00:00.000Z",
    "hour-25": "2026-03-01T25:00:00.000Z",
    "trailing-text": "2026-03-01T00:00:00.000Zulu",
}


def moment(at: datetime) -> str:
    """Return a moment with three digits and "Z"."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_form(at: datetime, form: str) -> str:
    """Return a moment, to the second, in one of `FORMS`."""
    whole = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    east = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    forms = {
        "seconds": f"{whole}Z",
        "one-digit": f"{whole}.0Z",
        "four-digits": f"{whole}.0000Z",
        "six-digits": f"{whole}.000000Z",
        "nine-digits": f"{whole}.000000000Z",
        "zero-offset": f"{whole}.000+00:00",
        "offset": east.strftime("%Y-%m-%dT%H:%M:%S.000+05:30"),
    }
    return forms[form]


def window(begin: datetime, end: datetime, **rest: str) -> dict[str, str]:
    """Return the query of a window from `begin` (inclusive) to `end` (exclusive), and `rest`."""
    return {"from_date": moment(begin), "to_date": moment(end), **rest}


def last_hour(**rest: str) -> dict[str, str]:
    """Return the query of the hour that ended with the last full second."""
    return the_last(timedelta(hours=1), **rest)


def the_last(length: timedelta, **rest: str) -> dict[str, str]:
    """Return the query of a window of some length that ended with the last full second."""
    end = utc_now().replace(microsecond=0)
    return window(end - length, end, **rest)
