"""What every answer says of itself: its date and its media type."""

import re
from collections.abc import Iterator
from email.utils import parsedate
from typing import Final

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation

JUDGES = ("HTTP-CONTENT-TYPE-PRESENT", "HTTP-DATE")

#: IMF-fixdate (RFC 9110, section 5.6.7).
_DATE: Final = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT")


class MessageMonitor:
    """Judge fields that answers of all kinds should have."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        # What turns a broken message away may be too simple to have a clock.
        if exchange.request.raw is None and exchange.status < 500:
            date = exchange.headers.get("date", "")
            yield judge(
                "HTTP-DATE",
                bool(_DATE.fullmatch(date) and parsedate(date)),
                "an answer has no valid Date",
                "a Date such as Sun, 06 Nov 1994 08:49:37 GMT",
                date or "no Date",
            )
        if exchange.body:
            yield judge(
                "HTTP-CONTENT-TYPE-PRESENT",
                bool(exchange.content_type),
                "a body has no media type",
                "a Content-Type",
                "none",
            )
