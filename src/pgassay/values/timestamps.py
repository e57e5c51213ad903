"""RFC 3339 times as the documents show them."""

import re
from datetime import UTC, datetime
from typing import Final

from pgassay.exchange import Json

#: Fractions of any length are legal. "Z" and "+00:00" say the same: RFC 3339, section 4.2.
_UTC: Final = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:[Zz]|\+00:00)"
)


def utc_time(text: Json) -> datetime | None:
    """The moment that an RFC 3339 text in UTC names, to the microsecond; None for anything else."""
    found = _UTC.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    try:
        whole = datetime.fromisoformat(found.group(1).upper())
    except ValueError:
        return None
    fraction = (found.group(2) or "").ljust(6, "0")[:6]
    return whole.replace(microsecond=int(fraction), tzinfo=UTC)
