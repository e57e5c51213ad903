"""What both families expect of answers to those who may not have what they ask for."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final, Protocol
from urllib.parse import quote

from pgassay.client import Client
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS, Exchange, Json
from pgassay.expectation import expect, expect_rejected
from pgassay.families.naming import Names
from pgassay.values.credentials import Headers
from pgassay.values.pretences import METHOD_HEADERS, METHOD_PARAMETERS
from pgassay.values.traces import traces_in

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)?")
#: Members that name the request, as gateways call them.
_OF_THE_REQUEST: Final = frozenset({"requestid", "request_id", "traceid", "trace_id", "timestamp"})
#: A site that no server can know; RFC 6761 reserves its domain.
FOREIGN_ORIGIN: Final = "https://pgassay.invalid"
#: Characters of a text that does not occur by chance.
_TELLING: Final = 8


class Speaker(Protocol):
    """What is needed of a family's vocabulary."""

    client: Client
    names: Names

    def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        credential: str = ...,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request."""


def without_identity(exchange: Exchange) -> Json:
    """Status and body of an answer without what differs from one request to the next."""
    body = exchange.json()
    if isinstance(body, dict):
        body = {name: body[name] for name in body if name.lower() not in _OF_THE_REQUEST}
    text = str(body) if exchange.is_json else exchange.text
    return {"status": exchange.status, "body": _MOMENT.sub("<moment>", _UUID.sub("<id>", text))}


def telltale(thing: Mapping[str, Json]) -> str:
    """A text of a service, instance or the like that no other answer holds: who shows it, shows it.

    Raises `NotTestable` where the thing has none: a name may be a single letter.
    """
    texts = (thing.get(member) for member in ("name", "createdAt", "created_at"))
    found = next((text for text in texts if isinstance(text, str) and len(text) >= _TELLING), None)
    if found is None:
        raise NotTestable("nothing of what is shown is long enough to be told from chance")
    return found


def expect_concealed(exchange: Exchange, known: str, why: str, requirement: str = "") -> None:
    """Expect that an answer does not show `known`, a text that only the thing itself has."""
    expect(
        known not in exchange.text,
        f"shown although {why}",
        expected="a refusal",
        actual=exchange.line,
        exchange=exchange,
        requirement=requirement,
    )


def expect_nothing_opened(
    api: Speaker,
    requests: Iterable[tuple[str, str, Json]],
    known: Iterable[str],
    requirement: str,
    credential: str = ANONYMOUS,
) -> None:
    """Expect that disguised requests (method, path, body) get a caller nothing.

    Whoever is shown one of the `known` texts got around `requirement`; any other success without
    credentials breaks HTTP-PATH-DISGUISED.
    """
    anonymous = credential == ANONYMOUS
    who = "there are no credentials" if anonymous else "it is somebody else's"
    for method, path, body in requests:
        exchange = api.send(method, path, body, credential=credential)
        for text in known:
            expect_concealed(exchange, text, f"{who}, by the path {path}", requirement)
        expect(
            not (anonymous and exchange.succeeded),
            f"answered although {who}",
            expected="no success",
            actual=exchange.line,
            exchange=exchange,
            requirement="HTTP-PATH-DISGUISED",
        )


def pretend_to_delete(api: Speaker, path: str) -> None:
    """Send GET and POST that ask to be taken for DELETE; the caller looks what became of it."""
    for name in METHOD_HEADERS:
        for method in ("GET", "POST"):
            api.send(method, path, ... if method == "GET" else {}, headers={name: "DELETE"})
    for name in METHOD_PARAMETERS:
        for method in ("GET", "POST"):
            api.send(method, f"{path}?{name}=DELETE", ... if method == "GET" else {})
    api.send("POST", path, {"_method": "DELETE"})


def expect_misplaced_refused(
    api: Speaker, path: str, headers: Mapping[str, Headers], queries: Iterable[str]
) -> None:
    """Expect that valid credentials in other places than their own open nothing."""
    for name, each in headers.items():
        exchange = api.send("GET", path, credential=ANONYMOUS, headers=each)
        expect_rejected(exchange, f"the credentials are in {name}")
    for query in queries:
        exchange = api.send("GET", path + query, credential=ANONYMOUS)
        expect_rejected(exchange, "the credentials are in the query")


def expect_no_injected_header(exchange: Exchange, name: str) -> None:
    """Expect that line breaks in a request did not become a header of the answer."""
    expect(
        name.lower() not in exchange.headers,
        "a line break in the request makes a header in the answer",
        expected=f"no header {name}",
        actual=f"{name}: {exchange.headers.get(name.lower())}",
        exchange=exchange,
    )


def expect_origin_not_trusted(exchange: Exchange) -> None:
    """Expect that a site that the server cannot know may not read answers with credentials."""
    allowed = exchange.headers.get("access-control-allow-origin", "")
    credentials = exchange.headers.get("access-control-allow-credentials", "").lower() == "true"
    expect(
        not (credentials and allowed in {"*", "null", FOREIGN_ORIGIN}),
        "any site may send and read what the caller may",
        expected="no Access-Control-Allow-Credentials for an unknown origin",
        actual=f"Access-Control-Allow-Origin: {allowed} with credentials",
        exchange=exchange,
    )


def expect_no_trace(exchange: Exchange, secret: str, user: str = "", requirement: str = "") -> None:
    """Expect that an answer, headers included, holds no form of a secret that was planted."""
    found = traces_in((exchange.text, *exchange.headers.values()), secret, user)
    expect(
        not found,
        "an answer holds a secret",
        expected="nothing that the secret could be had from",
        actual=f"the secret {', '.join(found)} in the answer to {exchange.line}",
        exchange=exchange,
        requirement=requirement,
    )


def fresh_secret(api: Speaker) -> str:
    """A new secret that monitors look for, also where a request hides it from them."""
    secret = api.names.password()
    api.client.vault.learn(secret)
    return secret


def leaky_bodies(body: Mapping[str, Json], member: str, secret: str) -> list[bytes]:
    """Bodies that a server refuses although `member` is a secret: broken, or of other types."""
    valid = json.dumps({**body, member: secret}).encode()
    changed = ([secret], {"value": secret}, secret + "\x00", secret * 99)
    return [
        valid[:-1],
        valid + b"}",
        b"[" + valid + b"]",
        valid.replace(b'"' + member.encode(), b"'" + member.encode(), 1),
        *(json.dumps({**body, member: value}).encode() for value in changed),
    ]


def expect_data(exchange: Exchange) -> bool:
    """Expect that text was taken as text: it is refused cleanly, or accepted. True if accepted."""
    expect(
        exchange.succeeded or exchange.rejected,
        "a text is neither accepted nor refused",
        expected="a 2xx or a 4xx answer",
        actual=exchange.line,
        exchange=exchange,
    )
    return exchange.succeeded


def percent_encoded(text: str) -> str:
    """The text as one segment of a path."""
    return quote(text, safe="")
