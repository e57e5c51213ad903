"""Secrets where none belong. Redacted exchanges carry a marker in the place of each secret."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from pgassay.exchange import Exchange, Json
from pgassay.monitors.judgement import Judgement, judge
from pgassay.redaction import SECRET_MEMBERS, holds_marker, markers
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = (
    "CH-PASSWORD-NOT-RETURNED",
    "CH-REPLICA-NO-CREDENTIALS",
    "CH-RESTORE-NO-CREDENTIALS",
    "CH-SECRET-ELSEWHERE",
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
#: Operations whose answers show a service's credentials, to whom reads do not hide them.
_SHOWING = frozenset(
    {
        "postgresServiceCreate",
        "postgresServiceGet",
        "postgresServicePatch",
        "postgresServicePatchState",
        "postgresServiceSetPassword",
    }
)
_CREDENTIALS = frozenset({"password", "connectionString"})
#: Operations for which `_special` has the better rule.
_RULED = frozenset({*_INHERITING, "postgresServiceGetList"})
_NONE = "no password, hash, connection string or key"


class SecrecyMonitor:
    """Judge every answer: lists, reads, error texts, headers, also off the documented paths.

    A text that was a password once and also sent as a description or a name is no secret there.
    """

    def __init__(self) -> None:
        """Start without any text that was sent as data."""
        self._data: frozenset[str] = frozenset()

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        self._data |= _sent_as_data(exchange)
        if self._data and _leaks(exchange):
            exchange = _without(exchange, self._data)
        family = operation.family if operation else exchange.request.family
        if family == Family.DBAAS:
            yield from _dbaas(exchange)
        elif family == Family.CLICKHOUSE and exchange.status >= 400:
            yield _refusal(exchange)
        elif family == Family.CLICKHOUSE:
            if operation is not None:
                yield from _special(exchange, operation)
            yield _elsewhere(exchange, operation.id if operation else "")


def _sent_as_data(exchange: Exchange) -> frozenset[str]:
    if not holds_marker(_sent(exchange)):
        return frozenset()
    try:
        return frozenset(_outside_secrets(json.loads(_sent(exchange))))
    except (ValueError, RecursionError):
        return frozenset()


def _outside_secrets(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from markers(value)
    elif isinstance(value, dict):
        for name in value.keys() - SECRET_MEMBERS:
            yield from _outside_secrets(value[name])
    elif isinstance(value, list):
        for item in value:
            yield from _outside_secrets(item)


def _without(exchange: Exchange, data: frozenset[str]) -> Exchange:
    def bare(text: str) -> str:
        for marker in data & markers(text):
            text = text.replace(marker, "")
        return text

    headers = {name: bare(value) for name, value in exchange.headers.items()}
    return replace(exchange, body=bare(exchange.text).encode(), headers=headers)


def _leaks(exchange: Exchange) -> bool:
    return _shows(exchange.text) or _leaks_in_headers(exchange)


def _leaks_in_headers(exchange: Exchange) -> bool:
    return any(map(_shows, exchange.headers.values()))


def _shows(text: str) -> bool:
    return holds_marker(text) or _VERIFIER.search(text) is not None


def _refusal(exchange: Exchange) -> Judgement:
    return judge(
        "CH-SECRET-ERROR", not _leaks(exchange), "an error carries a secret", _NONE, exchange.text
    )


def _special(exchange: Exchange, operation: Operation) -> Iterator[Judgement]:
    """Judge answers for which the documents have a rule of their own."""
    leaks = _leaks(exchange)
    shown = leaks or '"connectionString"' in exchange.text
    if operation.id in _INHERITING:
        yield judge(
            _INHERITING[operation.id], not shown, "a copy shows credentials", _NONE, exchange.line
        )
    elif operation.id == "postgresServiceSetPassword" and holds_marker(_sent(exchange)):
        yield judge(
            "CH-PASSWORD-NOT-RETURNED",
            not leaks,
            "the answer to a chosen password holds one",
            "a result without a password",
            exchange.line,
        )
    elif operation.id == "postgresServiceGetList":
        yield judge(
            "CH-SECRET-LIST", not shown, "the list carries credentials", _NONE, exchange.line
        )


def _elsewhere(exchange: Exchange, operation: str) -> Judgement:
    """Judge what an answer shows beside the members in which services have their credentials."""
    bare = exchange
    body = exchange.json() if operation in _SHOWING else None
    if isinstance(body, dict) and isinstance(body.get("result"), dict):
        rest = {name: body["result"][name] for name in body["result"].keys() - _CREDENTIALS}
        bare = replace(exchange, body=json.dumps(body | {"result": rest}).encode())
    return judge(
        "CH-SECRET-ELSEWHERE",
        operation in _RULED or not _leaks(bare),
        "an answer holds a secret where none belongs",
        _NONE,
        exchange.line,
    )


def _sent(exchange: Exchange) -> str:
    return (exchange.request.body or b"").decode("utf-8", "replace")


def _dbaas(exchange: Exchange) -> Iterator[Judgement]:
    read = exchange.request.method == "GET" and exchange.succeeded
    yield judge(
        "DB-SECRET-PASSWORD" if read else "DB-SECRET-PASSWORD-ECHO",
        not _shows(exchange.text),
        "the answer carries a password or its hash",
        "no password and no hash in any answer",
        exchange.line,
    )
    yield judge(
        "DB-SECRET-PASSWORD-ECHO",
        not _leaks_in_headers(exchange),
        "a header of the answer carries a password, its hash or a token",
        "no secret in any header",
        exchange.line,
    )
