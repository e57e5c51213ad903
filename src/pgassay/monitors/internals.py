"""Internal parts that no answer may show: nodes of an instance, and how the server is made."""

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from pgassay.exchange import Exchange, Json
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = ("DB-INST-NODES-INTERNAL", "HTTP-ERROR-INTERNALS")

_INTERNAL = frozenset({"nodes", "node_set", "node_sets", "nodeset", "nodesets"})
_FILE = (
    r"(?<![\w./:~-])/(?:usr|home|var|opt|etc|root|srv|tmp|proc|mnt)/[\w.@+-]+"
    r"|(?<![\w./:~-])(?:/[\w.@+-]+)+\.(?:py|pyc|js|ts|go|rs|java|rb|php|cs|kt|ex)\b"
    r"|\b[A-Z]:\\+(?:Users|Windows|Program|inetpub|app|src)\b"
)
_TRACE = (
    r"Traceback \(most recent call last\)"
    r"|\bFile \"[^\"\n]+\", line \d+"
    r"|\bat [\w.$<>]+\([\w ]+\.(?:java|kt|scala):\d+\)"
    r"|\bat (?:\S+ )?\(?[\w/.:@-]+\.[cm]?[jt]s:\d+:\d+"
    r"|\bgoroutine \d+ \[|\bpanic: |\bpanicked at\b|\bnode_modules\b"
    r"|\.(?:rb|ex):\d+:in\b|\bin \S+ on line \d+"
)
_EXCEPTION = (
    r"\b(?:Key|Type|Attribute|Index|Name|Assertion|Recursion|ZeroDivision|UnboundLocal)Error\b"
    r"|\b(?:java|javax|org|com|io|scala|kotlin)(?:\.\w+)+(?:Exception|Error)\b"
    r"|\bSystem(?:\.\w+)+Exception\b|\bNullPointerException\b"
    r"|\bundefined method\b|\bcannot read propert|\bnil pointer dereference\b"
    r"|<\w[\w.]* object at 0x[0-9a-f]+>"
)
_SQL = (
    r"\bSELECT\b[^\n]{1,300}\bFROM\b|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \S+ SET\b"
    r"|\bSQLSTATE\b|\bsyntax error at or near\b|\bviolates \S+ constraint\b"
    r"|\b(?:relation|column|role) \"[^\"]*\" does not exist\b|\bORA-\d{5}\b"
)
_LIBRARY = (
    r"\b(?:psycopg\d?|asyncpg|sqlalchemy|sqlite3|pymysql|pgx|hibernate|sequelize|activerecord)\b"
    r"|\berrors\.pydantic\.dev\b"
    r"|\b(?:uvicorn|gunicorn|werkzeug|starlette|fastapi|django|flask|express|tomcat|jetty|spring)"
    r"[/ ]v?\d+\.\d"
)
#: What the text of an error shows of the server's insides, by a name for reports. Statements of
#: SQL are in capitals, so that "select a region from the list" is none.
_PATTERNS: Final = {
    "a file of the server": re.compile(_FILE),
    "a stack trace": re.compile(_TRACE),
    "an exception of a language": re.compile(_EXCEPTION),
    "SQL": re.compile(_SQL),
    "a library": re.compile(_LIBRARY, re.IGNORECASE),
    "an address behind the server": re.compile(
        r"\b(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}:\d{2,5}\b"
        r"|\blocalhost:\d{2,5}\b"
    ),
}
#: Headers that carry paths of the API or of sites.
_PATHS_EXPECTED: Final = frozenset({"location", "content-location", "link", "set-cookie", "server"})


class InternalsMonitor:
    """Judge that neither nodes nor the making of the server show."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        yield _disclosure(exchange)
        if operation is not None and operation.family is Family.DBAAS:
            yield from _nodes(exchange)


def _nodes(exchange: Exchange) -> Iterator[Judgement]:
    if not exchange.succeeded:
        return
    shown = sorted(set(_members(exchange.json())) & _INTERNAL)
    yield judge(
        "DB-INST-NODES-INTERNAL",
        not shown,
        "an answer shows nodes",
        "no member about node sets or nodes",
        ", ".join(shown),
    )


def _disclosure(exchange: Exchange) -> Judgement:
    what, shown = next(_disclosed(exchange), ("", ""))
    return judge(
        "HTTP-ERROR-INTERNALS",
        not what,
        f"an answer shows {what}",
        "a text for the caller, and nothing of how the server is made",
        shown,
    )


def _disclosed(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Name what an answer discloses; what the request said itself is only said back."""
    for text in _texts(exchange):
        for what, pattern in _PATTERNS.items():
            for found in pattern.finditer(text):
                if found.group().strip() not in _sent(exchange):
                    yield what, found.group()[:200]


def _texts(exchange: Exchange) -> Iterator[str]:
    """All headers, and of an error the body: successes hold what users wrote."""
    if exchange.status >= 400:
        yield from _strings(exchange.json() if exchange.is_json else exchange.text)
    for name, value in exchange.headers.items():
        if name.lower() not in _PATHS_EXPECTED:
            yield value


def _sent(exchange: Exchange) -> str:
    request = exchange.request
    body = request.body or b""
    try:
        members = tuple(_strings(json.loads(body)))
    except (ValueError, RecursionError):
        members = ()
    path = (exchange.url, request.path, unquote(request.path))
    return "\n".join((*path, *request.headers.values(), body.decode("utf-8", "replace"), *members))


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _strings(member)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _members(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _members(member)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item)
