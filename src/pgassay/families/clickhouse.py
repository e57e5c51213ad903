"""The vocabulary of the clickhouse family: its operations, and waits on its states.

Paths and bodies follow the ClickHouse Cloud OpenAPI document, operations 1 to 21.
"""

from collections.abc import Callable, Mapping
from typing import Final

from pgassay.client import Client
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.families.naming import Names
from pgassay.ownership import Setting
from pgassay.results import Duration
from pgassay.target.model import ClickhouseSettings, Family
from pgassay.waiting import Waited, wait_until

FAMILY: Final = Family.CLICKHOUSE


class ClickhouseApi:
    """Exercise one organization of a target."""

    def __init__(self, client: Client, names: Names) -> None:
        """Speak through `client`; what is created is named by `names`."""
        self.client = client
        self.names = names
        self.settings: ClickhouseSettings = client.target.clickhouse
        self.timing = client.target.timing
        self.durations: list[Duration] = []
        self._organization = self.settings.organization_id

    # Requests

    def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        credential: str = "main",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request of this family; `body` is encoded as JSON."""
        request = Request.of(
            method,
            path,
            json_body=body,
            query=query,
            credential=credential,
            headers=headers,
            family=FAMILY,
        )
        return self.client.send(request)

    def organizations(self) -> Exchange:
        """Operation organizationGetList."""
        return self.send("GET", "/v1/organizations")

    @property
    def organization_id(self) -> str:
        """The organization under examination: of the target file, else the first one listed."""
        if not self._organization:
            listed = result(self.organizations())
            if not isinstance(listed, list) or not listed or "id" not in listed[0]:
                raise NotTestable("no organization is listed and the target file names none")
            self._organization = str(listed[0]["id"])
        return self._organization

    def services_path(self, organization: str = "") -> str:
        """The collection of services."""
        return f"/v1/organizations/{organization or self.organization_id}/postgres"

    def path(self, service: str, *parts: str) -> str:
        """The path of a service, or of something below it."""
        return "/".join([self.services_path(), service, *parts])

    def creation(self, **changes: Json) -> dict[str, Json]:
        """A valid body of postgresServiceCreate with `changes`; a change to `...` drops a member."""
        body: dict[str, Json] = {
            "name": self.names.words(),
            "provider": self.settings.provider,
            "region": self.settings.region,
            "size": self.settings.sizes[0],
        }
        return {name: value for name, value in (body | changes).items() if value is not ...}

    def create(self, body: Json = None, **changes: Json) -> Exchange:
        """Operation postgresServiceCreate; without `body` a valid one with `changes`."""
        return self.send("POST", self.services_path(), self.creation(**changes) if body is None else body)

    def get(self, service: str) -> Exchange:
        """Operation postgresServiceGet."""
        return self.send("GET", self.path(service))

    def services(self) -> Exchange:
        """Operation postgresServiceGetList."""
        return self.send("GET", self.services_path())

    def patch(self, service: str, body: Json) -> Exchange:
        """Operation postgresServicePatch."""
        return self.send("PATCH", self.path(service), body)

    def delete(self, service: str) -> Exchange:
        """Operation postgresServiceDelete."""
        return self.send("DELETE", self.path(service))

    def configuration(self, service: str) -> Exchange:
        """Operation postgresInstanceConfigGet."""
        return self.send("GET", self.path(service, "config"))

    def replace_configuration(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceConfigPost."""
        return self.send("POST", self.path(service, "config"), body)

    def merge_configuration(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceConfigPatch."""
        return self.send("PATCH", self.path(service, "config"), body)

    def prometheus(self, service: str = "") -> Exchange:
        """Operations postgresInstancePrometheusGet and, without `service`, postgresOrgPrometheusGet."""
        path = self.path(service, "prometheus") if service else f"{self.services_path()}/prometheus"
        return self.send("GET", path)

    def scaling_path(self, service: str = "") -> str:
        """The CDC scaling of a ClickHouse service; of the target file's one by default."""
        service = service or self.settings.service_id
        if not service:
            raise NotTestable("[clickhouse] service_id is not set: no ClickHouse service to scale")
        return f"/v1/organizations/{self.organization_id}/services/{service}/clickpipesCdcScaling"

    def scaling(self) -> Exchange:
        """Operation clickPipeCdcScalingGet."""
        return self.send("GET", self.scaling_path())

    def scale(self, body: Json) -> Exchange:
        """Operation clickPipeCdcScalingUpdate; the pair found first is put back after the run."""
        self.remember_scaling()
        return self.send("PATCH", self.scaling_path(), body)

    def remember_scaling(self) -> None:
        """Register the present CDC pair, so that it is put back after the run."""
        path = self.scaling_path()
        if any(setting.path == path for setting in self.client.ownership.settings):
            return
        pair = result(self.scaling())
        if not isinstance(pair, dict):
            raise NotTestable("the CDC scaling cannot be read, so it could not be put back")
        self.client.remember(Setting(FAMILY, path, "PATCH", pair))

    # Waits

    def state(self, service: str) -> str | None:
        """The service's state now; None when it is gone (404)."""
        exchange = self.get(service)
        if exchange.status == 404:
            return None
        value = result(exchange)
        return str(value["state"]) if isinstance(value, dict) and "state" in value else ""

    def wait_running(self, service: str, what: str = "service create to running") -> Waited[Json]:
        """Wait until the service is running; raises `Deviation` when the budget is over."""
        waited = self._wait(
            lambda: result(self.get(service)),
            lambda value: isinstance(value, dict) and value.get("state") == "running",
            self.timing.create,
        )
        if not waited.reached:
            raise Deviation(
                "the service does not become running",
                f"state running within {self.timing.create:g} s",
                f"last seen {_state(waited.value)!r}",
                "CH-SVC-STATE-REACHES-RUNNING",
            )
        self.durations.append(Duration(FAMILY, what, waited.lower, waited.upper))
        return waited

    def wait_gone(self, service: str) -> Waited[str | None]:
        """Wait until the service answers 404; raises `Deviation` when the budget is over."""
        waited = self._wait(
            lambda: self.state(service), lambda state: state is None, self.timing.delete
        )
        if not waited.reached:
            raise Deviation(
                "the deleted service is still there",
                f"404 within {self.timing.delete:g} s",
                f"state {waited.value!r}",
                "CH-SVC-DELETE-ABSENT",
            )
        self.client.ownership.gone(self.path(service))
        self.durations.append(
            Duration(FAMILY, "service delete to gone", waited.lower, waited.upper)
        )
        return waited

    def wait_member(self, service: str, name: str, value: Json) -> Waited[Json]:
        """Wait until the running service shows `value` for `name`; the caller judges the outcome."""
        return self._wait(
            lambda: result(self.get(service)),
            lambda found: isinstance(found, dict)
            and found.get(name) == value
            and found.get("state") == "running",
            self.timing.scale,
        )

    def wait_scaling(self, pair: Mapping[str, Json]) -> Waited[Json]:
        """Wait until the CDC scaling shows `pair`; the caller judges the outcome."""
        return self._wait(
            lambda: result(self.scaling()), lambda found: found == dict(pair), self.timing.cdc
        )

    def running_service(self, **changes: Json) -> dict[str, Json]:
        """Create a service, wait until it runs, and return it as GET shows it."""
        created = result(self.create(**changes))
        if not isinstance(created, dict) or "id" not in created:
            raise NotTestable("a valid create did not answer with a service")
        service: dict[str, Json] = self.wait_running(str(created["id"])).value
        return service

    def _wait(
        self, look: Callable[[], Json], reached: Callable[[Json], bool], budget: float
    ) -> Waited[Json]:
        return wait_until(look, reached, budget=budget, poll=self.timing.poll)


def result(exchange: Exchange) -> Json:
    """The `result` member of a success envelope, or None."""
    body = exchange.json()
    return body.get("result") if isinstance(body, dict) else None


def _state(value: Json) -> str | None:
    return value.get("state") if isinstance(value, dict) else None
