"""Points in time as both APIs write them: RFC 3339 in, whole microseconds since the epoch out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

MICROSECONDS = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400 * MICROSECONDS
_Zoned = Annotated[datetime, msgspec.Meta(tz=True)]

# Stricter than msgspec, which also reads a space for the T and an offset without its colon.
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_MILLISECONDS = re.compile(r".{19}\.[0-9]{3}Z")
_LEAP = slice(17, 19)


def parse_timestamp(text: str) -> int | None:
    """Return the microseconds since the epoch of an RFC 3339 date-time (section 5.6), or None.

    Every form counts: any number of digits after the point, any offset, lower case, and the leap
    second, which stands for the second after it. What is finer than a microsecond is rounded.
    """
    if not _DATE_TIME.fullmatch(text):
        return None
    leap = text[_LEAP] == "60"
    if leap:
        text = f"{text[:17]}59{text[19:]}"
    try:
        moment = msgspec.convert(text, _Zoned)
    except msgspec.ValidationError:
        return None
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    return _after_leap_second(microseconds) if leap else microseconds


def has_milliseconds(text: str) -> bool:
    """Tell whether a date-time has exactly three digits after the point, and a Z."""
    return _MILLISECONDS.fullmatch(text) is not None


def _after_leap_second(microseconds: int) -> int | None:
    """Add the second that was left out; there is none but at the end of a day in UTC."""
    moment = microseconds + MICROSECONDS
    return moment if moment % _DAY < MICROSECONDS else None
