"""The reference's clickhouse family on a clock that the tests move, at the documented pace."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app
from pgassay.specification import Specification, specification

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

Connect = Callable[[str], TestClient]
Service = dict[str, Any]


@pytest.fixture
def clock() -> ManualClock:
    """Stand still until advanced."""
    return ManualClock()


@pytest.fixture
def credentials() -> Credentials:
    """Hold the keys main, read_only, disabled and other_tenant."""
    return Credentials.generate()


@pytest.fixture(scope="session")
def documented() -> dict[str, Specification]:
    """Hold the project's own OpenAPI document, by redaction of credentials."""
    return {redaction: specification(redaction) for redaction in ("on", "off")}


@pytest.fixture
def connect(
    clock: ManualClock, credentials: Credentials, documented: dict[str, Specification]
) -> Iterator[Connect]:
    """Connect to one server with the key of a name; every answer has to be a documented one."""
    app = create_app(Settings(credentials, time_scale=1, control_token="control"), clock)
    with ExitStack() as clients:
        clients.enter_context(TestClient(app))

        def connect(name: str) -> TestClient:
            client = TestClient(app, raise_server_exceptions=False)
            key = credentials.key(name)
            client.auth = (key.key_id, key.secret)
            redaction = "on" if key.organization == SEED.other_organization else "off"
            check = partial(_check_documented, documented[redaction])
            client.event_hooks["response"].append(check)
            return client

        yield connect


@pytest.fixture
def api(connect: Connect) -> TestClient:
    """Call with the first organization's key."""
    return connect("main")


@pytest.fixture
def other(connect: Connect) -> TestClient:
    """Call with the second organization's key; that organization has its credentials redacted."""
    return connect("other_tenant")


@pytest.fixture
def service(api: TestClient, clock: ManualClock) -> Service:
    """Have a running service; its answer to the creation."""
    created: Service = api.post(SERVICES, json=MINIMAL).json()["result"]
    clock.advance(300)
    return created


@pytest.fixture
def path(service: Service) -> str:
    """Address the running service."""
    return f"{SERVICES}/{service['id']}"


def _check_documented(documented: Specification, answer: httpx.Response) -> None:
    answer.read()
    operation = documented.match(answer.request.method, answer.request.url.path)
    if operation is None:
        return
    where = f"{operation.id} {answer.status_code}"
    assert operation.documents(answer.status_code), f"{where} is not documented"
    media = answer.headers["content-type"].split(";")[0]
    assert media in operation.content(answer.status_code), f"{where} is not documented as {media}"
    value = answer.json() if media == "application/json" else answer.text
    violations = documented.violations(operation, answer.status_code, media, value)
    assert not violations, f"{where}: {violations}"
