"""What both families expect of answers to those who may not have what they ask for."""

import re
from typing import Final

from pgassay.exchange import Exchange, Json

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)?")
#: Members that name the request, as gateways call them.
_OF_THE_REQUEST: Final = frozenset({"requestid", "request_id", "traceid", "trace_id", "timestamp"})


def without_identity(exchange: Exchange) -> Json:
    """Status and body of an answer without what differs from one request to the next."""
    body = exchange.json()
    if isinstance(body, dict):
        body = {name: body[name] for name in body if name.lower() not in _OF_THE_REQUEST}
    text = str(body) if exchange.is_json else exchange.text
    return {"status": exchange.status, "body": _MOMENT.sub("<moment>", _UUID.sub("<id>", text))}
