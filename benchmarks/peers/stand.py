"""The server that the tools meet, and what stands on it before they come.

Every run has a server of its own: the reference, a legal variant or a mutant, by `pgassay serve`.
On it are resources that belong to somebody else, and two sets that the tool may use: peers that
work with fixed identifiers need some that exist.
"""

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from pgassay.cli.embedded import embedded_reference
from pgassay.target.model import Family, Target

_PATIENCE = 3.0
#: Members whose change is harm. What a server may change by itself is not among them.
_OWNED = (
    *("name", "size", "haType", "tags", "description", "version", "owner"),
    *("cpu", "ram", "disk_size", "nodes_number", "sync_replica_number"),
)
_SERVICE = {"provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}
_INSTANCE = {"cpu": 1, "ram": 512, "disk_size": 8, "nodes_number": 1, "sync_replica_number": 0}


@dataclass(frozen=True, slots=True)
class Lent:
    """Identifiers of one set of resources; empty where a faulty server refused to create it.

    `user` owns the database, `idle` is another user, who owns nothing.
    """

    service: str = ""
    instance: str = ""
    user: str = ""
    idle: str = ""
    database: str = ""


class Stand:
    """One server, with an ordinary client of it."""

    def __init__(self, target: Target, token: str) -> None:
        self.target = target
        self._token = token
        self._http = httpx.Client(base_url=target.base_url, timeout=10)
        self.organization = target.clickhouse.organization_id
        self.version = self._first_version()
        self._foreign = self._paths(self.plant("warehouse"))
        self.lent, self.spare = self.plant("lent"), self.plant("spare")
        self._before = {path: self._owned(path) for path in self._foreign}

    def headers(self, family: Family) -> Mapping[str, str]:
        """Return the headers with the main credential of a family."""
        credential = self.target.credential("main", family)
        return credential.headers if credential else {}

    def requests(self) -> int:
        """How many requests the server has answered, by its own counter."""
        answer = self._http.get("/_control/requests", headers={"X-Control-Token": self._token})
        return sum(answer.json().values())

    @property
    def foreign(self) -> int:
        """How many resources of somebody else could be planted and read."""
        return sum(state is not None for state in self._before.values())

    def harmed(self) -> tuple[str, ...]:
        """Tell which resources of somebody else are no longer what they were."""
        harm = []
        for path, before in self._before.items():
            if before is not None and (after := self._owned(path)) != before:
                kind = path.split("/")[-2].removesuffix("s").replace("postgre", "service")
                harm.append(f"{'deleted' if after is None else 'changed'} {kind}")
        return tuple(harm)

    def plant(self, name: str) -> Lent:
        """Create a service, and an instance with a user and a database, as far as that works."""
        service = self._create(
            f"/v1/organizations/{self.organization}/postgres", {"name": name, **_SERVICE}
        )
        version = f"/v1/types/postgres/versions/{self.version}"
        instance = self._create(
            "/v1/postgres/instances", {"name": name, "version": version, **_INSTANCE}
        )
        self._await(f"/v1/postgres/instances/{instance}")
        self._await(f"/v1/organizations/{self.organization}/postgres/{service}")
        within = f"/v1/postgres/instances/{instance}"
        user, idle = (
            self._create(f"{within}/users", {"name": each, "password": "example-password-1"})
            for each in (name, f"{name}_idle")
        )
        owner = f"/v1/types/postgres/instances/{instance}/users/{user}"
        database = self._create(f"{within}/databases", {"name": name, "owner": owner})
        return Lent(service, instance, user, idle, database)

    def _first_version(self) -> str:
        listed = self._json("GET", "/v1/types/postgres/versions").get("versions") or [{}]
        return str(listed[-1].get("uuid", ""))

    def _paths(self, planted: Lent) -> tuple[str, ...]:
        instance = f"/v1/postgres/instances/{planted.instance}"
        return (
            f"/v1/organizations/{self.organization}/postgres/{planted.service}",
            instance,
            f"{instance}/users/{planted.user}",
            f"{instance}/databases/{planted.database}",
        )

    def _create(self, path: str, body: dict[str, Any]) -> str:
        answer = self._json("POST", path, body)
        return str(_resource(answer).get("id", answer.get("uuid", "")))

    def _await(self, path: str) -> None:
        """Wait until a resource is usable; a faulty server may never get there."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            shown = _resource(self._json("GET", path))
            if shown.get("state") == "running" or shown.get("status") == "ACTIVE":
                return
            time.sleep(0.05)

    def _owned(self, path: str) -> dict[str, Any] | None:
        if path.endswith("/"):
            return None
        shown = _resource(self._json("GET", path))
        if shown.get("state") in ("deleting", "deleted") or not {"id", "uuid"} & shown.keys():
            return None
        return {name: shown[name] for name in _OWNED if name in shown}

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        clickhouse = path.startswith("/v1/organizations")
        headers = self.headers(Family.CLICKHOUSE if clickhouse else Family.DBAAS)
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
            document = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError):
            return {}  # A mutant's answer; what cannot be planted is not counted.
        return document if isinstance(document, dict) else {}


def _resource(document: dict[str, Any]) -> dict[str, Any]:
    result = document.get("result")
    return result if isinstance(result, dict) else document


@contextmanager
def stand(*options: str) -> Iterator[Stand]:
    """Serve the reference with further options of `pgassay serve`, and plant on it."""
    token = secrets.token_hex(16)
    with embedded_reference(arguments=("--control-token", token, *options)) as target:
        yield Stand(target, token)
