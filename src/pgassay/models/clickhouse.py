"""A simple model of the clickhouse family, and a machine that compares a target with it.

The model knows what the documents promise: tags are replaced and read at once, configuration is
replaced or merged, a new name and a new CDC pair come to be read, what is deleted stays away.
Hypothesis chooses the steps only; names and ids are no part of its choices, so that it can count
on repeating a scenario.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    precondition,
    rule,
)

from pgassay.exchange import Exchange, Json
from pgassay.expectation import expect_equal, expect_status
from pgassay.exploration import First
from pgassay.families.clickhouse import ClickhouseApi, comparable, result
from pgassay.families.clickhouse_expectations import (
    expect_configured,
    expect_scaled,
    expect_scaling_refused,
    pair_of,
)
from pgassay.values.tags import as_set

#: Values are few and bite: two tags that share no key, settings that overlap.
TAGS: Final[tuple[list[Json], ...]] = (
    [],
    [{"key": "a", "value": "1"}],
    [{"key": "a", "value": "2"}, {"key": "b", "value": "1"}],
)
PG: Final[tuple[dict[str, Json], ...]] = (
    {"max_connections": 101},
    {"max_connections": 102, "work_mem": "5MB"},
    {"wal_compression": "zstd"},
)
BOUNCER: Final[tuple[dict[str, Json], ...]] = (
    {"default_pool_size": "11"},
    {"default_pool_size": "12", "query_timeout": "30"},
)
_MOST_SERVICES: Final = 2


@dataclass(slots=True)
class ServiceModel:
    """What a service must show."""

    id: str
    name: str
    tags: list[Json] = field(default_factory=list)
    maps: dict[str, Json] = field(default_factory=dict)


class ServiceMachine(RuleBasedStateMachine):
    """Change services in any order, and compare what they show with the model after each step."""

    base_service = Bundle("base_service")
    created = Bundle("created")
    #: The base service is shared with other checks: it is changed, never deleted.
    services = base_service | created

    def __init__(self, api: ClickhouseApi, base: str, first: First) -> None:
        """Start from `base`, a running service of this run; `first` keeps the first deviation."""
        super().__init__()
        self.api, self.base, self.first = api, base, first
        self.live: dict[str, ServiceModel] = {}
        self.gone: list[str] = []

    @initialize(target=base_service)
    def begin(self) -> str:
        """Bring the base service to a known state."""
        with self.first:
            self._adopt(self.base)
        return self.base

    @precondition(lambda self: len(self.live) < _MOST_SERVICES)
    @rule(target=created)
    def create(self) -> Any:
        """Create a service and wait until it runs."""
        with self.first:
            service = str(self.api.running_service()["id"])
            self._adopt(service)
            self._compare()
            return service
        return multiple()

    @rule(service=services, tags=strategies.sampled_from(TAGS))
    def tag(self, service: str, tags: list[Json]) -> None:
        """Replace the tags."""
        with self.first:
            exchange = self._accepted(self.api.patch(service, {"tags": tags}))
            expect_equal(as_set(result(exchange).get("tags")), tags, "tags", exchange)
            self.live[service].tags = tags
            self._compare()

    @rule(service=services)
    def rename(self, service: str) -> None:
        """Change the name; reads come to show it."""
        with self.first:
            name = self.api.names.words()
            self._accepted(self.api.patch(service, {"name": name}))
            waited = self.api.wait_settled(service, "name", name)
            expect_equal(
                waited.value.get("name"), name, "the name", requirement="CH-SVC-PATCH-NAME"
            )
            self.live[service].name = name
            self._compare()

    @rule(service=services)
    def change_nothing(self, service: str) -> None:
        """Send an empty update, and one that must be refused."""
        with self.first:
            self.api.patch(service, {})
            self.api.patch(service, {"haType": "triple", "tags": [{"key": "half", "value": "1"}]})
            self._compare()

    @rule(
        service=services, pg=strategies.sampled_from(PG), bouncer=strategies.sampled_from(BOUNCER)
    )
    def replace(self, service: str, pg: dict[str, Json], bouncer: dict[str, Json]) -> None:
        """Replace the configuration."""
        with self.first:
            body = {"pgConfig": pg, "pgBouncerConfig": bouncer}
            exchange = self.api.replace_configuration(service, body)
            expect_configured(self.api, exchange, service, body)
            self.live[service].maps = body
            self._compare()

    @rule(
        service=services, pg=strategies.sampled_from(PG), bouncer=strategies.sampled_from(BOUNCER)
    )
    def merge(self, service: str, pg: dict[str, Json], bouncer: dict[str, Json]) -> None:
        """Merge into the configuration."""
        with self.first:
            maps = self.live[service].maps
            merged = {
                "pgConfig": maps["pgConfig"] | pg,
                "pgBouncerConfig": maps["pgBouncerConfig"] | bouncer,
            }
            body = {"pgConfig": pg, "pgBouncerConfig": bouncer}
            exchange = self.api.merge_configuration(service, body)
            expect_configured(self.api, exchange, service, merged)
            self.live[service].maps = merged
            self._compare()

    @precondition(lambda self: len(self.live) == _MOST_SERVICES)
    @rule(service=consumes(created))
    def delete(self, service: str) -> None:
        """Delete a service and wait until it is gone."""
        with self.first:
            self._accepted(self.api.delete(service))
            self.api.wait_gone(service)
            del self.live[service]
            self.gone.append(service)
            self._compare()

    def teardown(self) -> None:
        """Remove what the scenario created, apart from the base service."""
        if self.first.found is None:
            for service in self.live.keys() - {self.base}:
                self.api.delete(service)

    def _adopt(self, service: str) -> None:
        plain: dict[str, Json] = {"pgConfig": PG[0], "pgBouncerConfig": BOUNCER[0]}
        self._accepted(self.api.replace_configuration(service, plain))
        self._accepted(self.api.patch(service, {"tags": []}))
        name = str(self.api.shown(service)["name"])
        self.live[service] = ServiceModel(service, name, [], plain)

    def _accepted(self, exchange: Exchange) -> Exchange:
        expect_status(exchange, 200)
        return exchange

    def _compare(self) -> None:
        listed = {str(item.get("id")): item for item in self.api.listed()}
        for model in self.live.values():
            for shown in (self.api.shown(model.id), listed.get(model.id, {})):
                expect_equal(shown.get("name"), model.name, f"the name of {model.id}")
                expect_equal(as_set(shown.get("tags")), model.tags, f"the tags of {model.id}")
            maps = comparable(result(self.api.configuration(model.id)))
            expect_equal(maps, comparable(model.maps), f"the configuration of {model.id}")
        back = [service for service in self.gone if service in listed]
        expect_equal(back, [], "the list of deleted services", requirement="CH-SVC-DELETE-ABSENT")


class ScalingMachine(RuleBasedStateMachine):
    """Change the CDC scaling in any order; what is refused must not disturb what was accepted."""

    def __init__(self, api: ClickhouseApi, first: First) -> None:
        """`first` keeps the first deviation."""
        super().__init__()
        self.api, self.first = api, first

    @rule(cores=strategies.sampled_from([1, 2, 3, 12, 24]))
    def scale(self, cores: int) -> None:
        """Scale to a documented pair, which takes effect."""
        with self.first:
            expect_scaled(self.api, pair_of(cores))

    @rule(cores=strategies.sampled_from([1, 2, 24]), memory=strategies.sampled_from([4, 8, 12, 96]))
    def mismatch(self, cores: int, memory: int) -> None:
        """Ask for a pair that does not fit; nothing changes."""
        if memory != 4 * cores:
            body = pair_of(cores) | {"replicaMemoryGb": memory}
            with self.first:
                expect_scaling_refused(self.api, body, "the memory is not four times the cores")
