"""Statuses and content types of all answers."""

from collections.abc import Iterator

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = (
    "CH-STATUS-DOCUMENTED",
    "CH-STATUS-NO-5XX",
    "CH-STATUS-SUCCESS",
    "DB-STATUS-DOCUMENTED",
    "HTTP-AUTH-CHALLENGE",
    "HTTP-CONTENT-TYPE-JSON",
    "HTTP-STATUS-NO-5XX",
)

_UNAUTHORIZED = 401
_INTERNAL_ERROR = 500
_SERVER_ERROR = range(500, 600)
#: They refuse methods and versions that a server does not know (RFC 9110: 15.6.2, 15.6.6).
_NOT_SUPPORTED = frozenset({501, 505})


class ProtocolMonitor:
    """Judge status codes and the announced media type."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        answer = f"{exchange.line}"
        yield judge(
            "HTTP-STATUS-NO-5XX",
            exchange.status not in _SERVER_ERROR or exchange.status in _NOT_SUPPORTED,
            f"status {exchange.status}",
            "no 5xx answer",
            answer,
        )
        if exchange.body[:1] in {b"{", b"["} and exchange.is_json:
            yield judge(
                "HTTP-CONTENT-TYPE-JSON",
                exchange.content_type.endswith("json"),
                f"JSON announced as {exchange.content_type or 'nothing'}",
                "content type application/json",
                exchange.headers.get("content-type", "no content type"),
            )
        if exchange.status == _UNAUTHORIZED:
            yield judge(
                "HTTP-AUTH-CHALLENGE",
                bool(exchange.headers.get("www-authenticate", "").strip()),
                "a 401 answer without WWW-Authenticate",
                "a challenge such as Basic or Bearer",
                "no such header",
            )
        if operation is not None:
            yield from _documented(exchange, operation)


def _documented(exchange: Exchange, operation: Operation) -> Iterator[Judgement]:
    clickhouse = operation.family is Family.CLICKHOUSE
    yield judge(
        "CH-STATUS-DOCUMENTED" if clickhouse else "DB-STATUS-DOCUMENTED",
        operation.documents(exchange.status),
        f"undocumented status {exchange.status}",
        "one of " + ", ".join(sorted(operation.definition["responses"])),
        exchange.line,
    )
    if not clickhouse:
        return
    yield judge(
        "CH-STATUS-NO-5XX",
        exchange.status != _INTERNAL_ERROR,
        "internal server error",
        "a 2xx or 4xx answer",
        exchange.line,
    )
    if exchange.succeeded:
        yield judge(
            "CH-STATUS-SUCCESS",
            exchange.status == 200,
            f"success with status {exchange.status}",
            "status 200",
            exchange.line,
        )
