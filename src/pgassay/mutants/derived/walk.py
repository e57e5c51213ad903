"""A walk through the reference: every operation is asked for once at least, and its doings noted.

The rules that need to know what an answer holds, which checks an operation makes, or what it begins
learn it from here, so that they follow the reference.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from functools import cache, wraps
from typing import Any, Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.types import Message, Scope

from pgassay.mutants.derived.operations import Operation, operations
from pgassay.mutants.derived.specimens import Check, Edge, Specimen, check_of, checks_of, edges_of
from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app
from pgassay.reference.clickhouse.backend import SERVICE, WAREHOUSE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clickhouse.services import timestamp
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER
from pgassay.reference.schedule import PENDING
from pgassay.reference.store import Store

_Service = TypeVar("_Service", ClickhouseService, DbaasService)

#: Documented seconds after which everything that was begun has come true.
_LONG: Final = 3600.0
#: The kinds of documents with a lifecycle.
_KINDS: Final = (SERVICE, WAREHOUSE, INSTANCE, USER, DATABASE)

_TAGS: Final = [{"key": "team", "value": "data"}]
_CONFIGURATION: Final = {
    "pgConfig": {"max_connections": 200},
    "pgBouncerConfig": {"default_pool_size": "16"},
}


@cache
def specimens() -> Mapping[str, Specimen]:
    """Return a specimen of every operation, by its id; RuntimeError for one that has none."""
    walk = _Walk()
    walk.clickhouse()
    walk.dbaas()
    unknown = operations().keys() - walk.found.keys()
    if unknown:
        raise RuntimeError(f"no good request is known for {', '.join(sorted(unknown))}")
    return {identifier: walk.found[identifier] for identifier in operations()}


class _Walk:
    """Asks for everything once, in an order in which it is granted."""

    def __init__(self) -> None:
        self.found: dict[str, Specimen] = {}
        self._checks: dict[Check, None] = {}
        self._clock = ManualClock()
        self._credentials = Credentials.generate()
        self._app = create_app(
            Settings(self._credentials, time_scale=1),
            self._clock,
            clickhouse=_watched(ClickhouseService, self._checks),
            dbaas=_watched(DbaasService, self._checks),
        )
        self._ids = {"organization": SEED.organization, "service": SEED.scalable_service}

    def clickhouse(self) -> None:
        """Walk through the clickhouse family."""
        self._ask("clickPipeCdcScalingGet")
        scaling = {"replicaCpuMillicores": 4000, "replicaMemoryGb": 16}
        self._ask("clickPipeCdcScalingUpdate", scaling)
        service = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "m8gd.large"}
        chosen = {"postgresVersion": "18", "haType": "sync", "tags": _TAGS, **_CONFIGURATION}
        self._begin("service", "postgresServiceCreate", service | chosen)
        self._ask("postgresServicePatch", {"name": "bills", "tags": _TAGS})
        self._ask("postgresServicePatch", {"size": "m8gd.xlarge", "haType": "async"})
        self._ask("postgresInstanceConfigPost", _CONFIGURATION)
        self._ask("postgresInstanceConfigPatch", {"pgConfig": {}, "pgBouncerConfig": {}})
        self._ask("postgresServiceSetPassword", {"password": "Correct-Horse-0001"})
        self._ask("postgresServiceSetPassword", {})
        self._ask("postgresServicePatchState", {"command": "restart"})
        self._ask("postgresServicePatchState", {"command": "switchover"})
        self._observe()
        self._copy()

    def _observe(self) -> None:
        """Read all that a service shows, with the figures of a window that has passed."""
        window = f"from_date={self._ago(2 * _LONG)}&to_date={self._ago(_LONG)}"
        self._ask("postgresInstanceMetricsGet", query=window)
        pattern = self._ask("slowQueryPatternsGetList", query=window)["result"][0]
        self._ids["query"] = pattern["queryId"]
        asked = {"db_name": "dbName", "db_user": "dbUser", "db_operation": "dbOperation"}
        query = "&".join(f"{name}={pattern[member]}" for name, member in asked.items())
        self._ask("slowQueryPatternGet", query=query)
        self._read(dbaas=False)

    def _copy(self) -> None:
        """Make services of a service, and remove it in the end."""
        source = self._ids["service"]
        copied = {"name": "copy", "tags": _TAGS, **_CONFIGURATION}
        self._begin("service", "postgresInstanceCreateReadReplica", copied)
        self._ask("postgresServicePatchState", {"command": "promote"})
        self._ids["service"] = source
        target = {"restoreTarget": self._ago(_LONG)}
        self._ask("postgresInstanceRestore", copied | target)
        self._ask("postgresServiceDelete")

    def dbaas(self) -> None:
        """Walk through the dbaas family."""
        versions = self._ask("dbaasVersionList")["versions"]
        self._ids["version"] = versions[0]["uuid"]
        project = {"project_id": self._credentials.token("main").project}
        sizes = {"cpu": 2, "ram": 2048, "disk_size": 20, "nodes_number": 2}
        common = {"name": "demo", "description": "for a demo", **project}
        instance = {**common, **sizes, "sync_replica_number": 1, "version": versions[0]["uuid"]}
        self._begin("instance", "dbaasInstanceCreate", instance)
        self._ask("dbaasInstanceUpdate", {**instance, "cpu": 4})
        user = self._begin("user", "dbaasUserCreate", {**common, "password": "correct horse"})
        self._begin("database", "dbaasDatabaseCreate", {**common, "owner": user})
        self._read(dbaas=True)
        for identifier in ("dbaasDatabaseDelete", "dbaasUserDelete", "dbaasInstanceDelete"):
            self._ask(identifier)

    def _read(self, *, dbaas: bool) -> None:
        """Read what a family shows and has not been read yet."""
        for one in operations().values():
            if one.dbaas == dbaas and one.method == "GET" and one.id not in self.found:
                self._ask(one.id)

    def _ago(self, seconds: float) -> str:
        return timestamp(self._clock.now() - seconds)

    def _begin(self, parameter: str, identifier: str, body: Any) -> str:
        answer = self._ask(identifier, body)
        made = answer["result"]["id"] if "result" in answer else answer["uuid"]
        self._ids[parameter] = made
        return str(made)

    def _ask(self, identifier: str, body: Any = None, query: str = "") -> Any:
        """Ask for an operation, wait for what it begins, and return its answer."""
        one = operations()[identifier]
        specimen = self.found.setdefault(identifier, Specimen(one))
        self._checks.clear()
        specimen.status, specimen.answer = self._answer(one, body, query)
        if specimen.status >= 300:
            raise RuntimeError(f"{identifier} is not granted: {specimen.answer}")
        specimen.query = query
        specimen.bodies += [] if body is None else [body]
        specimen.checks |= self._checks
        specimen.edges |= dict.fromkeys(_announced(self._app.state.store, self._clock.now()))
        self._clock.advance(_LONG)
        return specimen.answer

    def _answer(self, one: Operation, body: Any, query: str) -> tuple[int, Any]:
        path = {name: self._ids[name] for name in one.parameters}
        scope = self._scope(one, path, query)
        content = b"" if body is None else msgspec.json.encode(body)

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        resource = next(each for each in self._app.state.resources if each.path == one.path)
        answer = resource.operation(one.method).handler(Request(scope, receive))
        try:
            # All of the request is there already: nothing in the reference waits.
            answer.send(None)
        except StopIteration as end:
            response = end.value
        is_json = response.headers.get("content-type", "").startswith("application/json")
        return response.status_code, msgspec.json.decode(response.body) if is_json else None

    def _scope(self, one: Operation, parameters: Mapping[str, str], query: str) -> Scope:
        if one.dbaas:
            authorization = f"Bearer {self._credentials.token('main').token}"
        else:
            key = self._credentials.key("main")
            authorization = _basic(key.key_id, key.secret)
        headers = {"authorization": authorization, "content-type": "application/json"}
        return {
            "type": "http",
            "method": one.method,
            "path": one.path.format(**parameters),
            "path_params": parameters,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _announced(store: Store, now: float) -> Iterator[Edge]:
    """Yield what the documents of a store announce for a time after `now`."""
    for kind in _KINDS:
        for document in store.every(kind):
            for step in document.get(PENDING, ()):
                if step["at"] > now:
                    yield from edges_of(kind, document, step)


def _watched(service: type[_Service], seen: dict[Check, None]) -> type[_Service]:
    """Return a service that notes its checks in `seen`."""

    def watching(name: str) -> Callable[..., Any]:
        method = getattr(service, name)

        @wraps(method)
        def note(self: Any, *arguments: Any) -> Any:
            seen[check_of(name, method, arguments)] = None
            return method(self, *arguments)

        return note

    return type("Watched", (service,), {name: watching(name) for name in checks_of(service)})
