"""Redacted exchanges as they stand in results and reports."""

from datetime import UTC, datetime

from pgassay.curl import command
from pgassay.exchange import Exchange
from pgassay.results import ExchangeRecord
from pgassay.target.model import Family, Target

#: Longer bodies are cut in results; the journal keeps them whole.
LONGEST = 4000


def record(exchange: Exchange, target: Target) -> ExchangeRecord:
    """Turn a redacted exchange into evidence with the command line that repeats it."""
    request = exchange.request
    family = Family(request.family) if request.family else None
    credential = target.credential(request.credential, family)
    body = None if request.body is None else request.body.decode("utf-8", "backslashreplace")
    return ExchangeRecord(
        sequence=exchange.sequence,
        check=exchange.check,
        method=request.method,
        url=exchange.url,
        request_headers=dict(request.headers),
        request_body=None if body is None else _cut(body),
        status=exchange.status,
        answer_headers=dict(exchange.headers),
        answer_body=_cut(exchange.text),
        sent_at=datetime.fromtimestamp(exchange.sent_at, UTC).isoformat(timespec="milliseconds"),
        duration=round(exchange.duration, 6),
        failure=exchange.failure,
        curl=command(
            request,
            exchange.url,
            credential.scheme if credential else None,
            credential.header if credential else "",
        ),
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"
