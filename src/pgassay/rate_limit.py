"""What a server says of its rate limit: how much a window allows, what is left, when it ends.

Source: the headers that the ClickHouse Cloud API sends, as its official clients read them; the
OpenAPI document mentions neither them nor the status 429.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Exchange

#: Nobody is waited for longer at once, in seconds: some servers send a date where seconds belong.
_LONGEST: Final = 60.0
#: The wait, in seconds, where a server does not say when its window ends.
_UNKNOWN: Final = 1.0
_POLICY: Final = re.compile(r"(\d+)\s*;\s*w=(\d+(?:\.\d+)?)\b.*")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The limit as the headers of one answer tell it; None for what they do not tell.

    Attributes:
        limit: Requests that a window allows.
        remaining: Requests that are left in it.
        reset: Seconds until it ends.
        policy: Limit and seconds of a window, as X-RateLimit-Policy words them.
    """

    limit: float | None
    remaining: float | None
    reset: float | None
    policy: tuple[float, float] | None


def rate_limit(exchange: Exchange) -> RateLimit:
    """Read the four X-RateLimit headers of an answer."""
    found = _POLICY.fullmatch(exchange.headers.get("x-ratelimit-policy", "").strip())
    return RateLimit(
        limit=_number(exchange, "x-ratelimit-limit"),
        remaining=_number(exchange, "x-ratelimit-remaining"),
        reset=_number(exchange, "x-ratelimit-reset"),
        policy=(float(found[1]), float(found[2])) if found else None,
    )


def pause_after(exchange: Exchange) -> float:
    """Return how many seconds to wait until a request that was turned away may be sent again."""
    seconds = _number(exchange, "x-ratelimit-reset")
    if seconds is None:
        seconds = _number(exchange, "retry-after")
    # Windows end between two ticks of a clock; who comes a moment early is turned away again.
    return min(_UNKNOWN if seconds is None else seconds + 0.01, _LONGEST)


def _number(exchange: Exchange, header: str) -> float | None:
    try:
        value = float(exchange.headers.get(header, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
