"""Send the reference server what no client should send, and look for what it must not do.

    python benchmarks/malformed.py [--requests 20000] [--seed 1] [--connections 16]

Every request begins as a valid one of an operation of `spec/openapi.yaml`. Then members of its body
are replaced by values that are hard to bear, its parts by parts that are not meant there, and bytes
by other bytes; broken framing is the rule. Everything follows from the seed.

A finding is an answer with status 5xx, a connection that is neither answered nor closed, a line in
the server's log, and a server that does not answer a plain request afterwards. Exits with 1 then.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from pgassay._folders import folder
from pgassay.reference import SEED

KEY_ID, KEY_SECRET, TOKEN = (secrets.token_hex(16) for _ in range(3))
ENVIRON = {
    "PGASSAY_REFERENCE_KEY_ID": KEY_ID,
    "PGASSAY_REFERENCE_KEY_SECRET": KEY_SECRET,
    "PGASSAY_REFERENCE_TOKEN": TOKEN,
}
BASIC = b"Authorization: Basic " + base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode())
BEARER = f"Authorization: Bearer {TOKEN}".encode()

REFERENCES = {"version", "owner"}
BODIES: tuple[dict[str, Any], ...] = (
    {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"},
    {"name": "orders", "tags": [{"key": "team", "value": "a"}], "haType": "sync"},
    {"pgConfig": {"max_connections": "200", "work_mem": "8MB"}, "pgBouncerConfig": {"a": "1"}},
    {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8},
    {"command": "restart"},
    {"password": "oLtp-Reference-00001"},
    {"name": "restored", "restoreTarget": "2026-05-25T16:42:16Z"},
    {"name": "first", "version": "{version}", "cpu": 1, "disk_size": 10},
    {"name": "writer", "password": "correct horse", "owner": "{user_uuid}"},
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**31, 2**63, 2**64, 10**40, -(10**400), 1e308, 5e-324, -0.0, 1.5),
    *("", " ", "\x00", "\ud800", "\udfff\ud800", "\u202e", "\U0010ffff", "é", "a" * 5000, "1e999"),
    *([], [[]], {}, {"": ""}, [None] * 200, {"a": {"b": {"c": {}}}}, [0] * 3, "9" * 400),
    *("2026-02-30T25:61:61Z", "9999-12-31T23:59:60+99:99", "0001-01-01T00:00:00Z", "%00", "${x}"),
)
#: What stands in for a body: not JSON, nearly JSON, or JSON that is hard to read.
TEXTS: tuple[bytes, ...] = (
    *(b"", b"{", b"null", b"[]", b'"a"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"NaN", b"-", b"1e99999"),
    *(b"[" * 100_000, b'{"a":' * 20_000, b"1" * 10_000, b'{"name":"a","name":"b"}', b"{}{}"),
    *(
        b'{"name":"\\ud800"}',
        b'{"name":"\\u0000"}',
        b'{"cpu":1e400}',
        b'{"cpu":' + b"9" * 5000 + b"}",
    ),
    *(b'{"name":"\xc3\x28"}', b'{"name":"\xed\xa0\x80"}', b"\x00" * 64, b" " * 5000 + b"{}"),
)
SEGMENTS: tuple[str, ...] = (
    *("%00", "%0a", "%2e%2e", "%2f", "%ff", "%", "%zz", "%C3%A9", "%F0%9F%98%80", "..", ".", ";"),
    *("a" * 9000, "%ED%A0%80", "prometheus", "*", "~", "'", '"', "<", "\\", "|", "[", "{", "%25"),
)
QUERIES: tuple[str, ...] = (
    *("?", "?a", "?a=%", "?a=%ff", "?&&&", "?=", "?a[]=1", "?a=1&a=2", "?%00=%00", "#", "??"),
    *("?limit=5&limit=6", "?offset=%F0%9F%98%80", "?sort_by=x&sort_order", "?a=" + "b" * 70_000),
)
PARAMETERS = (
    "from_date to_date bucket_size_seconds db_name db_user db_operation app sort_by sort_order "
    "limit offset timestamp filtered_metrics"
).split()
ARGUMENTS: tuple[str, ...] = (
    *(
        "",
        "0",
        "1",
        "-1",
        "60",
        "1e9",
        "9" * 99,
        "9" * 400,
        "1.5",
        "nan",
        "true",
        "%00",
        "%ff",
        "+",
    ),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59.999999999Z"),
    *("2026-05-25T00:00:00Z", "2026-05-26T00:00:00.000Z", "2026-06-30T23:59:60Z", "2026-05-25"),
    *("%F0%9F%98%80", "%ED%A0%80", "total_duration", "asc", "postgres", "SELECT", "a" * 9000),
)
FIELDS: tuple[bytes, ...] = (
    *(b"Host: [", b"Host: a\x80b", b"Host:", b"Host: a\r\nHost: b", b"Host: x:y:z", b"Host: /?#"),
    *(b"Content-Length: -1", b"Content-Length: 5, 5", b"Content-Length: 99999999999999999999"),
    *(b"Content-Length: 0", b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length: +5"),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: x"),
    *(b"Expect: 100-continue", b"Expect: x", b"Upgrade: websocket\r\nConnection: Upgrade"),
    *(
        b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x",
        b"Connection: close",
    ),
    *(
        b"Content-Type: application/json; charset=utf-16",
        b"Content-Type: \xff",
        b"Content-Type: ;;",
    ),
    *(b"Content-Encoding: gzip", b"Authorization: Basic", b"Authorization: Basic \xff\xfe"),
    *(b"Authorization: Basic Og==", b"Authorization: Bearer", b"Authorization: Bearer \xe9"),
    *(b"Authorization: Basic " + b"A" * 70_000, b"X: " + b"a" * 200_000, b"X:\r\n folded", b": x"),
    *(
        b"X\x00: y",
        b"X: \x00",
        b"X : y",
        b"X",
        b"\xff: \xff",
        b"Range: bytes=0-0,-1",
        b"Cookie: =;=;",
    ),
)
LINES: tuple[bytes, ...] = (
    *(b"GET / HTTP/0.9", b"GET /", b"GET  / HTTP/1.1", b"get / HTTP/1.1", b"PRI * HTTP/2.0"),
    *(b"OPTIONS * HTTP/1.1", b"CONNECT a:1 HTTP/1.1", b"TRACE / HTTP/1.1", b"\x16\x03\x01\x02"),
    *(b"GET http://a/v1/organizations HTTP/1.1", b"GET http:///v1 HTTP/1.1", b"GET //[ HTTP/1.1"),
    *(b"GET /\xff HTTP/1.1", b"GET / HTTP/9.9", b"GET / HTTP/1.0", b"", b"M-SEARCH * HTTP/1.1"),
)
FRAMING = re.compile(rb"(content-length|transfer-encoding):", re.IGNORECASE)
#: Seconds that a server may take to answer, and to close a connection whose other side has ended.
IMPATIENCE, PATIENCE = 0.5, 10.0
_STATUS = re.compile(rb"HTTP/1\.1 (\d\d\d) ")


SERVICE_IDS = (SEED.service, SEED.scalable_service)


@dataclass(slots=True)
class Draft:
    """A request in parts, not sent yet."""

    method: str
    path: str
    fields: list[bytes]
    body: bytes
    line: bytes | None = None

    def whole(self) -> bytes:
        """Return it as it is sent; non-ASCII characters of the path go out in UTF-8."""
        line = self.line or f"{self.method} {self.path} HTTP/1.1".encode()
        fields = self.fields
        if self.body and not any(FRAMING.match(one) for one in fields):
            fields = [*fields, b"Content-Length: %d" % len(self.body)]
        return b"\r\n".join([line, *fields, b"", b""]) + self.body


class Draws:
    """Draws requests: each valid first, and then with some of its parts spoilt."""

    def __init__(self, chance: random.Random, ids: Mapping[str, str]) -> None:
        self._chance = chance
        self._ids = ids
        document = yaml.safe_load((folder("spec") / "openapi.yaml").read_text(encoding="utf-8"))
        self._operations = [
            (method.upper(), path)
            for path, methods in document["paths"].items()
            for method in methods
            if method in ("get", "post", "put", "patch", "delete")
        ]

    def request(self) -> bytes:
        """Draw one request."""
        draft = self._valid()
        spoilers: Sequence[Callable[[Draft], None]] = (
            self._spoil_member,
            self._spoil_body,
            self._spoil_path,
            self._spoil_query,
            self._spoil_field,
            self._spoil_line,
        )
        for spoil in self._chance.choices(
            spoilers, (6, 2, 2, 2, 3, 1), k=self._chance.choice((1, 1, 2))
        ):
            spoil(draft)
        whole = draft.whole()
        return self._spoil_bytes(whole) if self._chance.random() < 0.3 else whole

    def _valid(self) -> Draft:
        method, template = self._chance.choice(self._operations)
        path = re.sub(r"\{(\w+)\}", lambda name: self._id(name[1], method), template)
        sender = BASIC if path.startswith("/v1/organizations") else BEARER
        fields = [b"Host: reference", sender, b"Content-Type: application/json"]
        body = b"" if method in ("GET", "DELETE") else json.dumps(self._body()).encode()
        return Draft(method, path, fields, body)

    def _id(self, name: str, method: str) -> str:
        # What all requests are about must outlive them.
        if "rganization" in name or method == "DELETE":
            return SEED.organization
        return self._ids[name] if name in self._ids else self._chance.choice(SERVICE_IDS)

    def _body(self) -> Any:
        body = dict(self._chance.choice(BODIES))
        references = {name: body[name].format_map(self._ids) for name in REFERENCES & body.keys()}
        return json.loads(json.dumps(body | references))

    def _spoil_member(self, draft: Draft) -> None:
        body = self._body()
        place, key = body, self._chance.choice(list(body))
        while isinstance(place[key], dict | list) and place[key] and self._chance.random() < 0.7:
            place = place[key]
            key = self._chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key] = self._chance.choice(VALUES)
        draft.body = json.dumps(body, ensure_ascii=self._chance.random() < 0.5).encode(
            "utf-8", "surrogatepass"
        )

    def _spoil_body(self, draft: Draft) -> None:
        draft.body = self._chance.choice(TEXTS)

    def _spoil_path(self, draft: Draft) -> None:
        segments = draft.path.split("/")
        segments[self._chance.randrange(len(segments))] = self._chance.choice(SEGMENTS)
        draft.path = "/".join(segments)

    def _spoil_query(self, draft: Draft) -> None:
        names = self._chance.sample(PARAMETERS, self._chance.randint(1, 5))
        drawn = "&".join(f"{name}={self._chance.choice(ARGUMENTS)}" for name in names)
        draft.path += self._chance.choice((*QUERIES, *(f"?{drawn}" for _ in QUERIES)))

    def _spoil_field(self, draft: Draft) -> None:
        index = self._chance.randrange(len(draft.fields) + 1)
        draft.fields[index : index + self._chance.randrange(2)] = [self._chance.choice(FIELDS)]

    def _spoil_line(self, draft: Draft) -> None:
        draft.line = self._chance.choice(LINES)

    def _spoil_bytes(self, whole: bytes) -> bytes:
        spoilt = bytearray(whole)
        for _ in range(self._chance.randint(1, 5)):
            at = self._chance.randrange(len(spoilt) + 1)
            length = self._chance.choice((0, 1, 1, 2, 30))
            spoilt[at : at + length] = self._chance.randbytes(self._chance.choice((0, 1, 1, 4)))
        return bytes(spoilt)


@dataclass(slots=True)
class Report:
    """How often each status came back, and what should not have happened."""

    answers: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def note(self, request: bytes, answer: bytes | None) -> None:
        """Judge one reaction; None stands for a connection that hung."""
        if answer is None:
            self.findings.append(f"neither answered nor closed: {request[:2000]!r}")
            return
        statuses = [status.decode() for status in _STATUS.findall(answer)]
        self.answers[statuses[-1] if statuses else "closed"] += 1
        if any(status.startswith("5") for status in statuses):
            self.findings.append(f"{', '.join(statuses)}: {request[:2000]!r}")


async def reaction(address: tuple[str, int], request: bytes) -> bytes | None:
    """Send a request and return all that comes back; None when nothing ends the connection.

    The server need not answer what is incomplete; so after a while the sender ends its side.
    """
    reader, writer = await asyncio.open_connection(*address)
    answer = b""
    try:
        with suppress(ConnectionError):
            writer.write(request)
            await writer.drain()
            with suppress(TimeoutError):
                answer = await asyncio.wait_for(reader.read(65536), IMPATIENCE)
            with suppress(OSError):
                # The server may have cut the connection already.
                writer.write_eof()
            while piece := await asyncio.wait_for(reader.read(65536), PATIENCE):
                answer += piece
    except TimeoutError:
        return None
    finally:
        writer.transport.abort()
    return answer


def instance(address: tuple[str, int]) -> dict[str, str]:
    """Create an instance with a user and a database; return their ids by parameters of paths."""
    connection = HTTPConnection(*address, timeout=10)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: object = None) -> Any:
        connection.request(method, path, json.dumps(body), headers)
        return json.loads(connection.getresponse().read())

    with closing(connection):
        version = ask("GET", "/v1/types/postgres/versions")["versions"][0]["uuid"]
        path = "/v1/postgres/instances"
        made = {"uuid": ask("POST", path, {"name": "first", "version": version})["uuid"]}
        path += f"/{made['uuid']}"
        user = ask("POST", f"{path}/users", {"name": "writer", "password": "correct horse"})
        database = ask("POST", f"{path}/databases", {"name": "orders", "owner": user["uuid"]})
    return made | {"user_uuid": user["uuid"], "db_uuid": database["uuid"], "version": version}


async def fuzz(address: tuple[str, int], draws: Draws, requests: int, at_once: int) -> Report:
    """Send so many requests over so many connections at once."""
    report = Report()

    async def work(share: int) -> None:
        for _ in range(share):
            request = draws.request()
            report.note(request, await reaction(address, request))

    await asyncio.gather(*(work(requests // at_once) for _ in range(at_once)))
    whole = b"GET /v1/organizations HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + BASIC
    plain = await reaction(address, whole + b"\r\n\r\n")
    if not plain or not plain.startswith(b"HTTP/1.1 200 "):
        report.findings.append(f"a plain request is answered with {plain!r}")
    return report


@contextmanager
def serving(scratch: Path) -> Iterator[tuple[tuple[str, int], Path]]:
    """Run a reference server; gives its address and its log."""
    log = scratch / "log"
    options = ("--port", "0", "--time-scale", "0.0001", "--write-target", str(scratch / "target"))
    with log.open("wb") as errors:
        process = subprocess.Popen(
            (sys.executable, "-m", "pgassay", "serve", *options),
            env={**os.environ, **ENVIRON},
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        parts = urlsplit(process.stdout.readline().decode().strip() if process.stdout else "")
        yield (parts.hostname or "", parts.port or 0), log
    finally:
        process.terminate()
        process.communicate()


def main(arguments: Sequence[str] | None = None) -> int:
    """Send the requests and print what was found; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)  # noqa: S311 - it must repeat itself
    with tempfile.TemporaryDirectory() as scratch:
        with serving(Path(scratch)) as (address, log):
            draws = Draws(chance, instance(address))
            report = asyncio.run(fuzz(address, draws, options.requests, options.connections))
        report.findings += log.read_text(encoding="utf-8").splitlines()
    for finding in report.findings:
        print(finding)
    answered = ", ".join(f"{count} x {what}" for what, count in sorted(report.answers.items()))
    print(f"{options.requests} requests: {answered}; {len(report.findings)} findings")
    return int(bool(report.findings))


if __name__ == "__main__":
    sys.exit(main())
