"""A reference server with both families on a clock that the tests move."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Behaviour, Credentials, ManualClock, Settings, create_app

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
INSTANCES = "/v1/postgres/instances"
TOKEN = {"X-Control-Token": "control"}


class Bench:
    """One server at the documented pace, asked by its main key, its main token, and its control."""

    def __init__(self, *, behaviour: Behaviour | None = None, **settings: Any) -> None:
        self.clock = ManualClock()
        self.credentials = Credentials.generate()
        self.settings = Settings(
            self.credentials, time_scale=1, control_token="control", **settings
        )
        self.start(behaviour=behaviour)

    def start(self, **variant: Any) -> None:
        """Start the server, again perhaps: what it keeps it finds in its state file."""
        self.app = create_app(self.settings, self.clock, **variant)
        self.client = TestClient(self.app, raise_server_exceptions=False)
        # Entered, it keeps one event loop for all requests.
        self.client.__enter__()

    def stop(self) -> None:
        self.client.__exit__()

    def ch(self, method: str, path: str = "", json: Any = None, key: str = "main") -> Any:
        """Ask the clickhouse family; `path` follows the first organization's services."""
        known = self.credentials.key(key)
        url = path if path.startswith("/v1") else SERVICES + path
        return self.client.request(method, url, json=json, auth=(known.key_id, known.secret))

    def db(self, method: str, path: str = "", json: Any = None, caller: str = "main") -> Any:
        """Ask the dbaas family; `path` follows the instances."""
        headers = {"Authorization": f"Bearer {self.credentials.token(caller).token}"}
        url = path if path.startswith("/v1") else INSTANCES + path
        return self.client.request(method, url, json=json, headers=headers)

    def control(self, method: str, path: str, json: Any = None) -> Any:
        return self.client.request(method, f"/_control{path}", json=json, headers=TOKEN)

    def service(self, **members: Any) -> dict[str, Any]:
        """Begin to create a Postgres service."""
        minimal = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
        answer = self.ch("POST", json={**minimal, **members})
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()["result"]
        return created

    def instance(self, **members: Any) -> dict[str, Any]:
        """Begin to create an instance."""
        versions = self.db("GET", "/v1/types/postgres/versions").json()["versions"]
        body = {"name": "demo", "version": versions[0]["uuid"], **members}
        answer = self.db("POST", json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def state(self, service: dict[str, Any]) -> str:
        """Return the state of a service, "" when it is gone."""
        answer = self.ch("GET", f"/{service['id']}")
        return answer.json()["result"]["state"] if answer.status_code == 200 else ""

    def status(self, instance: dict[str, Any], path: str = "") -> str:
        """Return the status of an instance or what is below it, "" when it is gone."""
        answer = self.db("GET", f"/{instance['uuid']}{path}")
        return answer.json()["status"] if answer.status_code == 200 else ""


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Have a server in memory."""
    bench = Bench()
    yield bench
    bench.stop()
