"""A reference server on a clock that the tests move, at the documented pace."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference.app import create_app
from pgassay.reference.clock import ManualClock
from pgassay.reference.settings import Credentials, Settings

INSTANCES = "/v1/postgres/instances"

Body = dict[str, Any]
Connect = Callable[[str], TestClient]
Make = Callable[..., Body]


@pytest.fixture
def clock() -> ManualClock:
    """Stand still until advanced."""
    return ManualClock()


@pytest.fixture
def credentials() -> Credentials:
    """Hold the tokens main, read_only, disabled and other_tenant."""
    return Credentials.generate()


@pytest.fixture
def connect(clock: ManualClock, credentials: Credentials) -> Iterator[Connect]:
    """Connect to the server with the token of that name."""
    app = create_app(Settings(credentials, time_scale=1), clock)
    with ExitStack() as clients:
        clients.enter_context(TestClient(app))

        def connect(name: str) -> TestClient:
            headers = {"Authorization": f"Bearer {credentials.token(name).token}"}
            return TestClient(app, headers=headers, raise_server_exceptions=False)

        yield connect


@pytest.fixture
def api(connect: Connect) -> TestClient:
    """Call with the main project's token."""
    return connect("main")


@pytest.fixture
def version(api: TestClient) -> str:
    """Refer to the first version on offer."""
    versions = api.get("/v1/types/postgres/versions").json()["versions"]
    return f"/v1/types/postgres/versions/{versions[0]['uuid']}"


@pytest.fixture
def make_instance(api: TestClient, version: str) -> Make:
    """Create an instance; members of its body can be replaced by keyword."""

    def make(**members: Any) -> Body:
        answer = api.post(INSTANCES, json={"name": "demo", "version": version, **members})
        assert answer.status_code == 201, answer.text
        body: Body = answer.json()
        return body

    return make


@pytest.fixture
def make_user(api: TestClient) -> Make:
    """Create a user of an instance."""

    def make(instance: Body, name: str = "app_user", **members: Any) -> Body:
        body = {"name": name, "password": "correct horse", **members}
        answer = api.post(f"{INSTANCES}/{instance['uuid']}/users", json=body)
        assert answer.status_code == 201, answer.text
        created: Body = answer.json()
        return created

    return make


@pytest.fixture
def make_database(api: TestClient) -> Make:
    """Create a database of an instance, owned by a user."""

    def make(instance: Body, owner: Body, name: str = "app_database", **members: Any) -> Body:
        body = {"name": name, "owner": owner["uuid"], **members}
        answer = api.post(f"{INSTANCES}/{instance['uuid']}/databases", json=body)
        assert answer.status_code == 201, answer.text
        created: Body = answer.json()
        return created

    return make


@pytest.fixture
def project(credentials: Credentials) -> str:
    """Name the project of the main token."""
    return credentials.token("main").project
