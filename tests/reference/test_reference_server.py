"""The server answers on a real socket, stops on a signal, and says why it cannot start."""

import asyncio
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import httpx
import pytest
from starlette.types import Message

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app, running, serve

PROGRAM = """
from pgassay.reference import Credentials, Settings, serve
serve(Settings(Credentials.generate()), "127.0.0.1", 0, lambda url: print(url, flush=True))
print("stopped")
"""

DURABLE = """
from pathlib import Path
from pgassay.reference import ApiKey, Credentials, Settings, serve
key = ApiKey("main", "{key.key_id}", "{secret}", "{key.organization}")
settings = Settings(Credentials((key,)), state=Path("{state}"))
serve(settings, "127.0.0.1", 0, lambda url: print(url, flush=True))
"""


def test_a_server_beside_the_caller_answers_both_families() -> None:
    credentials = Credentials.generate()
    key, token = credentials.key("main"), credentials.token("main")
    with running(create_app(Settings(credentials), ManualClock())) as url:
        answer = httpx.get(f"{url}/v1/organizations", auth=(key.key_id, key.secret))
        assert answer.json()["result"][0]["id"] == SEED.organization
        bearer = {"Authorization": f"Bearer {token.token}"}
        assert httpx.get(f"{url}/v1/types/postgres/versions", headers=bearer).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_head_has_no_body_on_the_wire() -> None:
    credentials = Credentials.generate()
    key = credentials.key("main")
    with running(create_app(Settings(credentials), ManualClock())) as url:
        answer = httpx.head(f"{url}/v1/organizations", auth=(key.key_id, key.secret))
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_quietly(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url) as client:
            assert client.get("/v1/organizations").status_code == 401
            process.send_signal(number)
            output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert output == "stopped\n"
    assert errors == ""


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    credentials = Credentials.generate()
    key = credentials.key("main")
    program = DURABLE.format(state=str(tmp_path / "state"), key=key, secret=key.secret)
    listed = f"/v1/organizations/{SEED.organization}/postgres"
    body = {"name": "kept", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answers = [
            httpx.post(f"{url}{listed}", json=body, auth=(key.key_id, key.secret)) for _ in range(5)
        ]
        process.kill()
    created = [answer.json()["result"]["id"] for answer in answers]
    app = create_app(Settings(credentials, state=tmp_path / "state"), ManualClock())
    with running(app) as url:
        answer = httpx.get(f"{url}{listed}", auth=(key.key_id, key.secret))
    assert [item["id"] for item in answer.json()["result"]] == [SEED.service, *created]


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}"):
            serve(Settings(Credentials.generate()), "127.0.0.1", port, print)


def test_an_unexpected_failure_is_a_plain_500(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    credentials = Credentials.generate()
    app = create_app(Settings(credentials, state=tmp_path / "state"), ManualClock())
    app.state.store.close()
    key = credentials.key("main")
    listed = f"/v1/organizations/{SEED.organization}/postgres"
    transport = httpx.ASGITransport(app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(listed, auth=(key.key_id, key.secret))

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert str(tmp_path) not in answer.text
    assert answer.json()["error"].startswith("INTERNAL_SERVER_ERROR: ")
    assert str(tmp_path) in caplog.text


def test_a_client_that_goes_away_is_neither_answered_nor_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    credentials = Credentials.generate()
    key = credentials.key("main")
    basic = b"Basic " + b64encode(f"{key.key_id}:{key.secret}".encode())
    path = f"/v1/organizations/{SEED.organization}/postgres"
    headers = [
        (b"host", b"h"),
        (b"authorization", basic),
        (b"content-type", b"application/json"),
    ]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(create_app(Settings(credentials), ManualClock())(scope, receive, send))
    assert sent == []
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("hosts", "status"),
    [([], 400), ([b"one", b"two"], 400), ([b"not a host"], 400), ([b""], 400), ([b"[::1]:8"], 401)],
)
def test_a_request_names_one_host(hosts: list[bytes], status: int) -> None:
    headers = [(b"host", host) for host in hosts]
    scope = {"type": "http", "method": "GET", "path": "/v1/organizations", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    app = create_app(Settings(Credentials.generate()), ManualClock())
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == status
