"""Which resources an answer shows, and in which state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Exchange, Json
from pgassay.specification import Operation
from pgassay.target.model import Family

#: The member of each kind that is its identity, and the one that is its state.
_CLICKHOUSE: Final = ("id", "state")
_DBAAS: Final = ("uuid", "status")
_KINDS: Final = {"instances": "instance", "users": "user", "databases": "database"}
#: Operations of the clickhouse family whose result is a service or a list of services.
_SERVICES: Final = frozenset(
    {
        "postgresServiceCreate",
        "postgresServiceGet",
        "postgresServiceGetList",
        "postgresServicePatch",
        "postgresServicePatchState",
        "postgresInstanceCreateReadReplica",
        "postgresInstanceRestore",
    }
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A resource as an answer shows it; `path` is where it lives."""

    family: Family
    kind: str
    path: str
    state: Json
    members: Mapping[str, Json]


def lists(operation: Operation) -> bool:
    """Tell whether an operation reads a collection: lists may be long, and lag behind reads."""
    return operation.method.upper() == "GET" and not operation.template.endswith("}")


def sightings(exchange: Exchange, operation: Operation) -> Iterator[Sighting]:
    """Yield what a successful exchange shows."""
    body = exchange.json()
    if operation.family is Family.CLICKHOUSE:
        if operation.id in _SERVICES and isinstance(body, dict):
            yield from _shown(exchange, operation, "service", body.get("result"))
        return
    literal = [part for part in operation.template.split("/") if part in _KINDS]
    if literal:
        yield from _shown(exchange, operation, _KINDS[literal[-1]], body)


def _shown(exchange: Exchange, operation: Operation, kind: str, value: Json) -> Iterator[Sighting]:
    family = operation.family
    identity, state = _CLICKHOUSE if family is Family.CLICKHOUSE else _DBAAS
    path = exchange.request.path.split("?")[0].rstrip("/")
    if "{postgresId}" in operation.template:
        # What is done to a service, copies of it included, answers with one of the collection.
        below = operation.template.partition("/{postgresId}")[2].count("/")
        path = path.rsplit("/", below + 1)[0]
    if isinstance(value, dict) and identity not in value:
        arrays = [member for member in value.values() if isinstance(member, list)]
        value = arrays[0] if len(arrays) == 1 else value
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and isinstance(item.get(identity), str):
            own = path if path.endswith("/" + item[identity]) else f"{path}/{item[identity]}"
            yield Sighting(family, kind, own, item.get(state), item)
