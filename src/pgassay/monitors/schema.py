"""Answers against the schemas of the OpenAPI document."""

from collections.abc import Iterator

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement, judge
from pgassay.redaction import holds_marker
from pgassay.specification import Operation, Specification, Violation
from pgassay.target.model import Family

JUDGES = (
    "CH-SCHEMA-RESPONSE",
    "CH-SCHEMA-UNDOCUMENTED-MEMBER",
    "DB-SCHEMA-RESPONSE",
    "DB-SCHEMA-UNDOCUMENTED-MEMBER",
)
#: Those that are broken by answers that cannot be relied on to be readable.
MALFORMED = ("CH-SCHEMA-RESPONSE", "DB-SCHEMA-RESPONSE")

_SHOWN = 5


class SchemaMonitor:
    """Judge media type and body of every documented answer."""

    def __init__(self, specification: Specification) -> None:
        """Judge by `specification`."""
        self._specification = specification

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None or not operation.documents(exchange.status):
            return
        documented = operation.content(exchange.status)
        if not documented:
            return
        prefix = "CH" if operation.family is Family.CLICKHOUSE else "DB"
        violations: list[Violation] = []
        if exchange.content_type in documented:
            violations = self._violations(exchange, operation)
        elif exchange.content_type or exchange.body:
            expected = " or ".join(documented)
            violations = [Violation("the media type", f"{exchange.content_type!r}, not {expected}")]
        for member, name in ((False, "RESPONSE"), (True, "UNDOCUMENTED-MEMBER")):
            found = [str(entry) for entry in violations if entry.undocumented_member is member]
            yield judge(
                f"{prefix}-SCHEMA-{name}",
                not found,
                "the answer has undocumented members" if member else "the answer breaks its schema",
                f"what the OpenAPI document gives for {operation.id} {exchange.status}",
                "; ".join(found[:_SHOWN]),
            )

    def _violations(self, exchange: Exchange, operation: Operation) -> list[Violation]:
        media = exchange.content_type
        if not media.endswith("json"):
            value: object = exchange.text
        elif exchange.is_json:
            value = exchange.json()
        else:
            return [Violation("the body", "is not JSON")]
        found = self._specification.violations(operation, exchange.status, media, value)
        return [each for each in found if not _struck(each)]


def _struck(violation: Violation) -> bool:
    """Tell whether it is about a text that the redaction replaced: data may equal a password."""
    return violation.message.startswith('"') and holds_marker(violation.message)
