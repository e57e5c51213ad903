"""What answers give away is seen; what their requests said themselves is no disclosure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.monitors.internals import InternalsMonitor
from pgassay.monitors.secrecy import SecrecyMonitor
from pgassay.redaction import Vault
from pgassay.specification import specification

SERVICES = "/v1/organizations/5f0f2a54-31c7-4f0e-9c35-0b1c8e6f7a01/postgres"
INSTANCE = "/v1/postgres/instances/2b1f0a3e-9d43-4f53-8f6e-0c7a7c3e5a11"
PASSWORD = "aB3dE5gH7jK9"


def exchange(
    method: str,
    path: str,
    status: int,
    answer: Any,
    *,
    sent: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    family = "clickhouse" if path.startswith("/v1/organizations") else "dbaas"
    request = Request(method, path, {}, sent, family=family)
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    url = f"http://127.0.0.1:4711{path}"
    return Exchange(1, "c", request, url, 0.0, 0.1, status, headers or {}, body)


def disclosed(shown: Exchange) -> list[str]:
    return [
        judgement.title
        for judgement in InternalsMonitor().observe(shown, None)
        if not judgement.kept
    ]


def leaked(shown: Exchange, vault: Vault) -> set[str]:
    operation = specification().match(shown.request.method, shown.request.path)
    judgements = SecrecyMonitor().observe(vault.exchange(shown), operation)
    return {judgement.requirement for judgement in judgements if not judgement.kept}


@pytest.fixture
def vault() -> Vault:
    known = Vault(b"key")
    known.learn(PASSWORD)
    return known


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cannot open /etc/pgapi/config.yaml", "a file of the server"),
        ("boom (/srv/api/handlers/create.py:42)", "a file of the server"),
        ("C:\\\\inetpub\\\\api failed", "a file of the server"),
        ("Traceback (most recent call last)", "a stack trace"),
        ("at Object.create (server.js:12:7)", "a stack trace"),
        ("panic: runtime error", "a stack trace"),
        ("KeyError: 'name'", "an exception of a language"),
        ("java.lang.IllegalStateException", "an exception of a language"),
        ("<Service object at 0x7f2a11>", "an exception of a language"),
        ("SELECT id FROM services", "SQL"),
        ('relation "services" does not exist', "SQL"),
        ("psycopg: connection lost", "a library"),
        ("uvicorn/0.30.1", "a library"),
        ("connect 10.0.3.17:5432 refused", "an address behind the server"),
    ],
)
def test_an_error_that_shows_the_servers_insides_is_seen(text: str, what: str) -> None:
    assert disclosed(exchange("GET", SERVICES, 400, {"error": f"x: {text}"})) == [
        f"an answer shows {what}"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "NOT_FOUND: 9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b10",
        "select a region from the list, or update the tags and set a value",
        "use one of GET, PATCH at 2026-01-02T03:04:05.678Z",
        "no such path /v1/organizations/x/postgres/usr/in",
        "request body.pgConfig.work_mem: must be 64 to 2147483647, such as 4MB",
        "ValidationError: name must match ^[a-z/]+$",
        "see https://example.test/var/errors#name",
        "the server 127.0.0.1:4711 does not do that",
    ],
)
def test_an_error_for_its_reader_is_right(text: str) -> None:
    assert not disclosed(exchange("GET", SERVICES, 400, {"error": text}))


def test_what_was_sent_may_be_said_back() -> None:
    text = "SELECT * FROM users; cat /etc/passwd"
    refusal = {"error": f"bad name: {text}"}
    sent = json.dumps({"name": text}).encode()
    assert not disclosed(exchange("POST", SERVICES, 400, refusal, sent=sent))
    path = f"{SERVICES}/%2Fetc%2Fpasswd"
    assert not disclosed(exchange("GET", path, 404, {"error": "no /etc/passwd here"}))


def test_a_header_of_any_answer_is_looked_at() -> None:
    shown = exchange("GET", SERVICES, 200, {}, headers={"x-handler": "/srv/api/list.py"})
    assert disclosed(shown) == ["an answer shows a file of the server"]
    location = {"location": "/var/page", "server": "uvicorn/0.30.1"}
    assert not disclosed(exchange("GET", SERVICES, 200, {}, headers=location))


def test_the_body_of_a_success_is_what_users_wrote() -> None:
    assert not disclosed(exchange("GET", INSTANCE, 200, {"description": "SELECT 1 FROM x"}))


@pytest.mark.parametrize("part", ["config", "metrics", "slowQueryPatterns", "prometheus"])
def test_a_password_in_another_answer_is_seen(vault: Vault, part: str) -> None:
    path = f"{SERVICES}/9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b10/{part}"
    answer = {"result": {"note": f"postgres://postgres:{PASSWORD}@h/x"}}
    assert leaked(exchange("GET", path, 200, answer), vault) == {"CH-SECRET-ELSEWHERE"}


def test_a_service_has_its_password_in_its_place_alone(vault: Vault) -> None:
    path = f"{SERVICES}/9b3d0c57-1f6e-4a82-8d44-5e7f2a1c6b10"
    proper = {"result": {"password": PASSWORD, "connectionString": f"postgres://p:{PASSWORD}@h/"}}
    assert not leaked(exchange("GET", path, 200, proper), vault)
    astray = {"result": {"password": PASSWORD, "hostname": f"h?{PASSWORD}"}}
    assert leaked(exchange("GET", path, 200, astray), vault) == {"CH-SECRET-ELSEWHERE"}


def test_headers_and_unknown_paths_are_looked_at(vault: Vault) -> None:
    headers = {"x-debug": PASSWORD}
    unknown = exchange("GET", "/v1/organizations/x/y", 404, {"error": PASSWORD})
    assert leaked(unknown, vault) == {"CH-SECRET-ERROR"}
    listed = exchange("GET", "/v1/organizations", 200, {"result": []}, headers=headers)
    assert leaked(listed, vault) == {"CH-SECRET-ELSEWHERE"}
    deleted = exchange("DELETE", INSTANCE, 204, b"", headers=headers)
    assert leaked(deleted, vault) == {"DB-SECRET-PASSWORD-ECHO"}


def test_a_text_that_was_sent_as_data_is_no_leak(vault: Vault) -> None:
    monitor, path = SecrecyMonitor(), f"{INSTANCE}/users"
    sent = json.dumps({"description": PASSWORD, "password": "xX7-other-one"}).encode()
    answers = (
        exchange("POST", path, 201, {"description": PASSWORD}, sent=sent),
        exchange("GET", path, 200, [{"description": PASSWORD, "password": "xX7-other-one"}]),
    )
    kept = [
        [judgement.kept for judgement in monitor.observe(vault.exchange(each), None)]
        for each in answers
    ]
    assert kept == [[True, True], [False, True]]


def test_a_body_that_is_too_deep_to_read_is_no_obstacle(vault: Vault) -> None:
    depth = 100_000
    deep = b'{"password": "%s", "x": %s%s}' % (PASSWORD.encode(), b"[" * depth, b"]" * depth)
    refused = exchange("POST", f"{INSTANCE}/users", 400, {"message": "too deep"}, sent=deep)
    assert not leaked(refused, vault)
    assert disclosed(replace(refused, body=b'{"message": "see /etc/passwd"}'))
