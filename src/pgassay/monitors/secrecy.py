"""Secrets where none belong. Redacted exchanges carry a marker in the place of each secret."""

import re
from collections.abc import Iterator

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement, judge
from pgassay.redaction import holds_marker
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = (
    "CH-PASSWORD-NOT-RETURNED",
    "CH-REPLICA-NO-CREDENTIALS",
    "CH-RESTORE-NO-CREDENTIALS",
    "CH-SECRET-ERROR",
    "CH-SECRET-LIST",
    "DB-SECRET-PASSWORD",
    "DB-SECRET-PASSWORD-ECHO",
)

#: A stored verifier (RFC 5803) or an MD5 hash as PostgreSQL keeps it is as good as the password.
_VERIFIER = re.compile(r"SCRAM-SHA-256\$\d+:|\bmd5[0-9a-f]{32}\b")
#: Operations whose answers show a service, or a result, without credentials of its own.
_INHERITING = {
    "postgresInstanceCreateReadReplica": "CH-REPLICA-NO-CREDENTIALS",
    "postgresInstanceRestore": "CH-RESTORE-NO-CREDENTIALS",
}
_NONE = "no password, hash, connection string or key"


class SecrecyMonitor:
    """Judge lists, reads and error texts."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None:
            return
        if operation.family is Family.CLICKHOUSE:
            yield from _clickhouse(exchange, operation)
        else:
            yield _dbaas(exchange)


def _leaks(exchange: Exchange) -> bool:
    return holds_marker(exchange.text) or _VERIFIER.search(exchange.text) is not None


def _clickhouse(exchange: Exchange, operation: Operation) -> Iterator[Judgement]:
    if exchange.status >= 400:
        yield judge(
            "CH-SECRET-ERROR",
            not _leaks(exchange),
            "an error carries a secret",
            _NONE,
            exchange.text,
        )
    elif operation.id in _INHERITING:
        shown = _leaks(exchange) or '"connectionString"' in exchange.text
        yield judge(
            _INHERITING[operation.id], not shown, "a copy shows credentials", _NONE, exchange.line
        )
    elif operation.id == "postgresServiceSetPassword" and holds_marker(_sent(exchange)):
        yield judge(
            "CH-PASSWORD-NOT-RETURNED",
            not _leaks(exchange),
            "the answer to a chosen password holds one",
            "a result without a password",
            exchange.line,
        )
    elif operation.id == "postgresServiceGetList":
        shown = _leaks(exchange) or '"connectionString"' in exchange.text
        yield judge(
            "CH-SECRET-LIST", not shown, "the list carries credentials", _NONE, exchange.line
        )


def _sent(exchange: Exchange) -> str:
    return (exchange.request.body or b"").decode("utf-8", "replace")


def _dbaas(exchange: Exchange) -> Judgement:
    read = exchange.request.method == "GET" and exchange.succeeded
    return judge(
        "DB-SECRET-PASSWORD" if read else "DB-SECRET-PASSWORD-ECHO",
        not _leaks(exchange),
        "the answer carries a password or its hash",
        "no password and no hash in any answer",
        exchange.line,
    )
