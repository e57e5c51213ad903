"""The envelope that every JSON answer of the clickhouse family comes in."""

from collections.abc import Iterator
from uuid import UUID

from pgassay.exchange import Exchange, Json
from pgassay.expectation import show
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = (
    "CH-ENVELOPE-ERROR",
    "CH-ENVELOPE-ERROR-OTHER",
    "CH-ENVELOPE-REQUEST-ID",
    "CH-ENVELOPE-REQUEST-ID-UNIQUE",
    "CH-ENVELOPE-REQUEST-ID-VERSION",
    "CH-ENVELOPE-STATUS",
    "CH-ENVELOPE-SUCCESS",
)

_JSON = "application/json"
_DOCUMENTED_ERRORS = frozenset({400, 500})
#: The live service sends `error` alone with it: whoever is turned away was not looked at.
_TOO_MANY = 429


class EnvelopeMonitor:
    """Judge status, requestId, result and error of envelopes."""

    def __init__(self) -> None:
        """Start without any known request id."""
        self._request_ids: dict[str, int] = {}

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None or operation.family is not Family.CLICKHOUSE:
            return
        body = exchange.json()
        if exchange.succeeded and _JSON in operation.content(200):
            yield _success(body, operation)
        elif exchange.status in _DOCUMENTED_ERRORS:
            yield _error("CH-ENVELOPE-ERROR", body)
        elif exchange.rejected:
            reduced = exchange.status == _TOO_MANY
            yield _error("CH-ENVELOPE-ERROR-OTHER", body, reduced=reduced)
        if isinstance(body, dict):
            yield from self._members(body, exchange)

    def _members(self, body: dict[str, Json], exchange: Exchange) -> Iterator[Judgement]:
        if "status" in body:
            status = body["status"]
            yield judge(
                "CH-ENVELOPE-STATUS",
                status == exchange.status and not isinstance(status, bool),
                "the envelope's status is not that of the answer",
                f"status {exchange.status}",
                show(status),
            )
        if "requestId" in body:
            yield from self._request_id(body["requestId"], exchange.sequence)

    def _request_id(self, value: Json, sequence: int) -> Iterator[Judgement]:
        parsed = _uuid(value)
        yield judge(
            "CH-ENVELOPE-REQUEST-ID",
            parsed is not None,
            "requestId is not a UUID",
            "a UUID",
            show(value),
        )
        if parsed is None:
            return
        yield judge(
            "CH-ENVELOPE-REQUEST-ID-VERSION",
            parsed.version == 4,
            "requestId is not a UUID of version 4",
            "version 4",
            show(value),
        )
        before = self._request_ids.setdefault(str(parsed), sequence)
        yield judge(
            "CH-ENVELOPE-REQUEST-ID-UNIQUE",
            before == sequence,
            "a requestId is used again",
            "another requestId for each request",
            f"{value} for requests {before} and {sequence}",
        )


def _success(body: Json, operation: Operation) -> Judgement:
    # Operation 8 documents a success without `result`.
    members = {"status", "requestId"}
    if operation.id != "postgresServiceDelete":
        members.add("result")
    missing = members - body.keys() if isinstance(body, dict) else members
    return judge(
        "CH-ENVELOPE-SUCCESS",
        not missing,
        "the success envelope lacks " + ", ".join(sorted(missing)),
        "an object with " + ", ".join(sorted(members)),
        show(body),
    )


def _error(requirement: str, body: Json, *, reduced: bool = False) -> Judgement:
    members = {"error"} if reduced else {"status", "requestId", "error"}
    whole = isinstance(body, dict) and members <= body.keys()
    text = body.get("error") if isinstance(body, dict) else None
    return judge(
        requirement,
        whole and isinstance(text, str) and bool(text.strip()),
        "the error envelope is incomplete",
        f"an object with {', '.join(sorted(members))}, error being a non-empty text",
        show(body),
    )


def _uuid(value: Json) -> UUID | None:
    try:
        parsed = UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # UUID() also reads braces, URNs and missing hyphens; RFC 9562 section 4 has one text form.
    return parsed if parsed and str(parsed) == str(value).lower() else None
