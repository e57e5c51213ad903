"""The vocabulary of the clickhouse family: its operations, and waits on its states.

Paths and bodies follow the ClickHouse Cloud OpenAPI document, operations 1 to 21.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from pgassay.client import Client
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange, Json, Request
from pgassay.families.clickhouse_observation import Observation
from pgassay.families.clickhouse_specimens import MAPS, specimens, usual
from pgassay.families.naming import Names
from pgassay.families.pool import Pool
from pgassay.families.specimen import Specimen, Specimens
from pgassay.ownership import SHARED, Setting
from pgassay.results import Duration
from pgassay.target.model import ClickhouseSettings, Family
from pgassay.values.configuration import canonical
from pgassay.waiting import Waited, wait_until

FAMILY: Final = Family.CLICKHOUSE
#: The members of a CDC scaling.
PAIR: Final = ("replicaCpuMillicores", "replicaMemoryGb")
#: So many looks in a row must agree before a change counts as complete.
_SETTLED: Final = 3
#: The name of a minimal create among the proven requests.
_CREATION: Final = "create"


class ClickhouseApi(Observation):
    """Exercise one organization of a target."""

    def __init__(
        self, client: Client, names: Names, organization: str = "", credential: str = "main"
    ) -> None:
        """Speak through `client` with `credential`; what is created is named by `names`.

        Without `organization` it is the one that the target file names.
        """
        self.client = client
        self.names = names
        self.credential = credential
        self.settings: ClickhouseSettings = client.target.clickhouse
        self.timing = client.target.timing
        self.durations: list[Duration] = []
        #: Whether reads of this organization hide credentials: "on", "off", or empty if unknown.
        self.redaction = self.settings.redaction
        #: Running services that checks use one after another.
        self.pool = Pool(client, self.request, self.whole, "id")
        packs = partial(specimens, names, self.settings.sizes, self.settings.versions)
        self._specimens = Specimens(self.pool, packs, usual, self._specimen)
        self._organization = organization or self.settings.organization_id
        self._other: ClickhouseApi | None = None
        self._proven: dict[str, Exchange] = {}

    # Requests

    def send(
        self,
        method: str,
        path: str,
        body: Json = ...,
        *,
        credential: str = "",
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        patient: bool = True,
    ) -> Exchange:
        """Send a request of this family; `body` is encoded as JSON.

        An answer 429 is waited out unless `patient` is False.
        """
        request = Request.of(
            method,
            path,
            json_body=body,
            query=query,
            credential=credential or self.credential,
            headers=headers,
            family=FAMILY,
        )
        return self.client.send(request, patient=patient)

    def send_bytes(
        self, method: str, path: str, body: bytes, content_type: str = "application/json"
    ) -> Exchange:
        """Send a body as it is, announced as `content_type`."""
        headers = {"Content-Type": content_type}
        request = Request(method, path, headers, body, self.credential, FAMILY)
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

    @property
    def other_organization_id(self) -> str:
        """An organization that the main key does not belong to, and [auth.other_tenant] does."""
        if not self.settings.other_organization_id:
            raise NotTestable("[clickhouse] other_organization_id is not set")
        return self.settings.other_organization_id

    @property
    def other_tenant(self) -> "ClickhouseApi":
        """The same vocabulary in the other organization, with the key of [auth.other_tenant].

        What it creates is owned by the run as everything else is.
        """
        if self._other is None:
            organization = self.other_organization_id
            self._other = ClickhouseApi(self.client, self.names, organization, "other_tenant")
            self._other.redaction = self.settings.other_redaction
            self._other.durations = self.durations
        return self._other

    @property
    def examined_organizations(self) -> "list[ClickhouseApi]":
        """This organization, and the other one where the target file tells how it answers."""
        return [self, self.other_tenant] if self.settings.other_redaction else [self]

    def organizations_with_redaction(self, mode: str) -> "list[ClickhouseApi]":
        """The organizations whose reads hide credentials ("on"), or show them ("off").

        Raises `NotTestable` when the target file says so of none.
        """
        found = [api for api in self.examined_organizations if api.redaction == mode]
        if not found:
            raise NotTestable(f'neither redaction nor other_redaction of [clickhouse] is "{mode}"')
        return found

    def services_path(self, organization: str = "") -> str:
        """The collection of services."""
        return f"/v1/organizations/{organization or self.organization_id}/postgres"

    def path(self, service: str, *parts: str) -> str:
        """The path of a service, or of something below it."""
        return "/".join([self.services_path(), service, *parts])

    def creation(self, **changes: Json) -> dict[str, Json]:
        """A valid body of a create with `changes`; a change to `...` drops a member."""
        body: dict[str, Json] = {
            "name": self.names.words(),
            "provider": self.settings.provider,
            "region": self.settings.region,
            "size": self.settings.sizes[0],
        }
        return {name: value for name, value in (body | changes).items() if value is not ...}

    def create(self, body: Json = None, **changes: Json) -> Exchange:
        """Operation postgresServiceCreate; without `body` a valid one with `changes`."""
        body = self.creation(**changes) if body is None else body
        return self.send("POST", self.services_path(), body)

    def creation_answer(self) -> Exchange:
        """The answer to a valid minimal create: of the run's first one, made now if need be.

        Refusals of creates have it as their positive twin, so that they cost no service each. What
        is made here lives until the end of the run.
        """
        with self.client.acting_for(SHARED):
            return self.proven(_CREATION, self.create)

    def specimen(self, **members: Json) -> Specimen:
        """A valid create with these members, which other checks may look at as well."""
        return self._specimens.showing(members, {})

    def _specimen(self, members: Mapping[str, Json]) -> tuple[Specimen, str]:
        body = self.creation(**members)
        exchange = self.create(body)
        try:
            identifier = identity(exchange)
        except NotTestable:
            return Specimen(body, exchange, exchange, exchange), ""
        read, listed = self.get(identifier), self.services()
        maps = {name: body[name] for name in MAPS if name in body}
        configured = self.wait_configuration(identifier, maps).value if maps else None
        return Specimen(body, exchange, read, listed, configured), identifier

    def proven(self, request: str, send: Callable[[], Exchange]) -> Exchange:
        """The first good answer of this run to a valid request, which is sent if there is none.

        Positive twins go through here: many refusals share one, and requests cost time.
        """
        if request not in self._proven:
            exchange = send()
            if not exchange.succeeded:
                return exchange
            self._proven[request] = exchange
        return self._proven[request]

    def get(self, service: str) -> Exchange:
        """Operation postgresServiceGet."""
        return self.send("GET", self.path(service))

    def services(self) -> Exchange:
        """Operation postgresServiceGetList."""
        return self.send("GET", self.services_path())

    def listed(self) -> list[dict[str, Json]]:
        """The items of the service list that are objects."""
        return items(self.services())

    def listed_once(self, service: str) -> dict[str, Json]:
        """The list's one item with this id; raises `Deviation` unless there is exactly one."""
        return expect_listed_once(self.services(), service)

    def shown(self, service: str) -> dict[str, Json]:
        """The service as GET shows it; raises `Deviation` when it shows none."""
        exchange = self.get(service)
        value = result(exchange)
        if exchange.status != 200 or not isinstance(value, dict):
            raise Deviation(
                "an existing service cannot be read",
                "status 200 with the service as result",
                exchange.line,
                "CH-SVC-GET",
                exchange,
            )
        return value

    def patch(self, service: str, body: Json) -> Exchange:
        """Operation postgresServicePatch.

        Where `tag_omission` is "wipe" the present tags go with a body that does not name any.
        """
        if self.settings.tag_omission == "wipe" and isinstance(body, dict) and "tags" not in body:
            body = {**body, "tags": self.shown(service).get("tags", [])}
        return self.send("PATCH", self.path(service), body)

    def delete(self, service: str) -> Exchange:
        """Operation postgresServiceDelete."""
        return self.send("DELETE", self.path(service))

    def set_password(self, service: str, body: Json) -> Exchange:
        """Operation postgresServiceSetPassword."""
        return self.send("PATCH", self.path(service, "password"), body)

    def command(self, service: str, body: Json) -> Exchange:
        """Operation postgresServicePatchState."""
        return self.send("PATCH", self.path(service, "state"), body)

    def replicate(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceCreateReadReplica."""
        return self.send("POST", self.path(service, "readReplica"), body)

    def restore(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceRestore."""
        return self.send("POST", self.path(service, "restoredService"), body)

    def configuration(self, service: str) -> Exchange:
        """Operation postgresInstanceConfigGet."""
        return self.send("GET", self.path(service, "config"))

    def replace_configuration(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceConfigPost."""
        return self.send("POST", self.path(service, "config"), body)

    def merge_configuration(self, service: str, body: Json) -> Exchange:
        """Operation postgresInstanceConfigPatch."""
        return self.send("PATCH", self.path(service, "config"), body)

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

    def scaling_pair(self) -> Json:
        """The CDC pair as it is read now; members that are not part of it are left out."""
        value = result(self.scaling())
        if not isinstance(value, dict):
            return None
        return {name: value[name] for name in PAIR if name in value}

    def remember_scaling(self) -> None:
        """Register the present CDC pair, so that it is put back after the run."""
        path = self.scaling_path()
        if any(setting.path == path for setting in self.client.ownership.settings):
            return
        pair = self.scaling_pair()
        if not pair:
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

    def wait_running(
        self,
        service: str,
        what: str = "service create to running",
        requirement: str = "CH-SVC-STATE-REACHES-RUNNING",
    ) -> Waited[Json]:
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
                requirement,
            )
        self.durations.append(Duration(FAMILY, what, waited.lower, waited.upper))
        return waited

    def wait_gone(
        self, service: str, requirement: str = "CH-SVC-DELETE-ABSENT"
    ) -> Waited[str | None]:
        """Wait until the service answers 404; raises `Deviation` when the budget is over."""
        waited = self._wait(
            lambda: self.state(service), lambda state: state is None, self.timing.delete
        )
        if not waited.reached:
            raise Deviation(
                "the deleted service is still there",
                f"404 within {self.timing.delete:g} s",
                f"state {waited.value!r}",
                requirement,
            )
        self.client.gone(self.path(service))
        self.durations.append(
            Duration(FAMILY, "service delete to gone", waited.lower, waited.upper)
        )
        return waited

    def wait_member(
        self, service: str, name: str, value: Json, budget: float = 0.0
    ) -> Waited[Json]:
        """Wait until the running service shows `value` for `name`; the caller judges it.

        The budget is that of a new size unless another one is given.
        """
        return self._wait(
            lambda: result(self.get(service)),
            lambda found: (
                isinstance(found, dict)
                and found.get(name) == value
                and found.get("state") == "running"
            ),
            budget or self.timing.scale,
        )

    def wait_settled(
        self, service: str, name: str, value: Json, budget: float = 0.0
    ) -> Waited[Json]:
        """Wait until the running service shows `value` for `name` and holds it for three looks.

        The budget is that of a new size unless another one is given.

        A service may match for a moment while a change is queued; official clients demand a match
        over three polls for that reason. The caller judges the outcome.
        """
        streak = 0

        def held(found: Json) -> bool:
            nonlocal streak
            matches = isinstance(found, dict) and found.get(name) == value
            streak = streak + 1 if matches and _state(found) == "running" else 0
            return streak >= _SETTLED

        return self._wait(lambda: self.shown(service), held, budget or self.timing.scale)

    def wait_changed(self, service: str, name: str, value: Json) -> Waited[Json]:
        """Wait until the service shows another value than `value` for `name`."""
        waited = self._wait(
            lambda: self.shown(service),
            lambda found: isinstance(found, dict) and found.get(name) not in {value, None, ""},
            self.timing.scale,
        )
        if waited.reached:
            what = f"service to another {name}"
            self.durations.append(Duration(FAMILY, what, waited.lower, waited.upper))
        return waited

    def wait_scaling(self, pair: Mapping[str, Json]) -> Waited[Json]:
        """Wait until the CDC scaling shows `pair`; the caller judges the outcome."""
        return self._wait(self.scaling_pair, lambda found: found == dict(pair), self.timing.cdc)

    def wait_configuration(self, service: str, maps: Mapping[str, Json]) -> Waited[Json]:
        """Wait until the configuration reads as `maps`; the caller judges the outcome."""
        wanted = comparable(maps)
        return self._wait(
            lambda: comparable(result(self.configuration(service))),
            lambda found: found == wanted,
            self.timing.config,
        )

    def request(self, **changes: Json) -> str:
        """Create a service and return its id; it does not run yet."""
        return identity(self.create(**changes))

    def whole(self, service: str) -> dict[str, Json] | None:
        """A service as GET shows it once it runs; None when it is gone or going."""
        shown = result(self.get(service))
        if not isinstance(shown, dict) or _state(shown) == "deleting":
            return None
        whole: dict[str, Json] = shown
        if _state(shown) != "running":
            whole = self.wait_running(service).value
        return whole

    def neighbour(self) -> str:
        """The id of a second running service; the present check may rename and configure it."""
        return str(self.pool.look()["id"])

    def common_service(self) -> str:
        """The id of the running service that was made first: checks share it."""
        return str(self.wait_running(identity(self.creation_answer())).value["id"])

    def running_service(self, **changes: Json) -> dict[str, Json]:
        """Create a service, wait until it runs, and return it as GET shows it."""
        service: dict[str, Json] = self.wait_running(self.request(**changes)).value
        return service

    def _wait(
        self, look: Callable[[], Json], reached: Callable[[Json], bool], budget: float
    ) -> Waited[Json]:
        return wait_until(look, reached, budget=budget, poll=self.timing.poll)


def result(exchange: Exchange) -> Json:
    """The `result` member of a success envelope, or None."""
    body = exchange.json()
    return body.get("result") if isinstance(body, dict) else None


def identity(exchange: Exchange) -> str:
    """The id of the service that an exchange created; raises `NotTestable` where there is none."""
    created = result(exchange)
    if not exchange.succeeded or not isinstance(created, dict) or "id" not in created:
        raise NotTestable(f"a valid create did not answer with a service: {exchange.line}")
    return str(created["id"])


def items(exchange: Exchange) -> list[dict[str, Json]]:
    """The items of a list answer that are objects."""
    listed = result(exchange)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def expect_listed_once(exchange: Exchange, service: str) -> dict[str, Json]:
    """A list's one item with this id; raises `Deviation` unless there is exactly one."""
    found = [item for item in items(exchange) if item.get("id") == service]
    if len(found) != 1:
        raise Deviation(
            "the list does not show the service exactly once",
            f"one item with id {service}",
            f"{len(found)} items",
            "CH-SVC-LIST-COMPLETE",
        )
    return found[0]


def comparable(maps: Json) -> Json:
    """Configuration maps with every number and numeric string in one form."""
    if not isinstance(maps, dict):
        return maps
    return {
        name: {key: canonical(value) for key, value in member.items()}
        for name, member in maps.items()
        if name in {"pgConfig", "pgBouncerConfig"} and isinstance(member, dict)
    }


def _state(value: Json) -> str | None:
    return value.get("state") if isinstance(value, dict) else None
