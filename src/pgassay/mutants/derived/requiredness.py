"""Rule 4: each required member of a request is optional, and each optional one is required.

The members are those of the reference's models. One that is missing where it is required gets the
value of a good request; one that is missing where it is optional gets null, which no model allows.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, get_args

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pgassay.mutants.derived.faults import around
from pgassay.mutants.derived.operations import Operation, operation_of
from pgassay.mutants.derived.values import ITEMS, Place, apply, written
from pgassay.mutants.derived.walk import specimens
from pgassay.mutants.mutant import Mutant
from pgassay.reference.clickhouse import models as clickhouse
from pgassay.reference.dbaas import models as dbaas

NAME: Final = "requiredness"

#: The models that the bodies of requests have.
MODELS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "postgresServiceCreate": clickhouse.CreateRequest,
    "postgresServicePatch": clickhouse.UpdateRequest,
    "postgresServiceSetPassword": clickhouse.PasswordRequest,
    "postgresServicePatchState": clickhouse.CommandRequest,
    "postgresInstanceCreateReadReplica": clickhouse.ReplicaRequest,
    "postgresInstanceRestore": clickhouse.RestoreRequest,
    "postgresInstanceConfigPost": clickhouse.ConfigurationRequest,
    "postgresInstanceConfigPatch": clickhouse.ConfigurationRequest,
    "clickPipeCdcScalingUpdate": clickhouse.ScalingRequest,
    "dbaasInstanceCreate": dbaas.InstanceCreation,
    "dbaasInstanceUpdate": dbaas.InstanceReplacement,
    "dbaasUserCreate": dbaas.UserCreation,
    "dbaasDatabaseCreate": dbaas.DatabaseCreation,
}

#: Members that are required by one reading of the documents and optional by another, with the
#: name of the reading: either is legal.
READ_EITHER_WAY: Final = {
    ("clickPipeCdcScalingUpdate", "replicaCpuMillicores"): "one_field_scaling",
    ("clickPipeCdcScalingUpdate", "replicaMemoryGb"): "one_field_scaling",
    ("postgresServicePatch", "value"): "tag_value_on_update",
    ("postgresInstanceConfigPost", "pgConfig"): "missing_config",
    ("postgresInstanceConfigPost", "pgBouncerConfig"): "missing_config",
    ("postgresInstanceConfigPatch", "pgConfig"): "missing_config",
    ("postgresInstanceConfigPatch", "pgBouncerConfig"): "missing_config",
    **{("dbaasInstanceUpdate", name): "dbaas_put" for name in ("name", *dbaas.SIZES)},
}
#: Members of which no document says whether they are required. PostgreSQL Service API, "API
#: Structure", shows bodies that have all, "Version Selection" one of a name and a version.
UNSAID: Final = frozenset(
    {
        *(("dbaasInstanceCreate", name) for name in ("name", "description", *dbaas.SIZES)),
        *(("dbaasInstanceUpdate", name) for name in ("description", "version")),
        *((f"dbaas{kind}Create", "description") for kind in ("User", "Database")),
        *((f"dbaasInstance{change}", "project_id") for change in ("Create", "Update")),
        *((f"dbaas{kind}Create", "project_id") for kind in ("User", "Database")),
    }
)
#: Members whose good value is one for a moment or a parent: nothing can be put in their place.
_PASSING: Final = frozenset({"owner", "restoreTarget"})


class Completing:
    """A middleware that puts a value into the bodies of one operation that lack a member."""

    def __init__(self, app: ASGIApp, operation: str, place: Place, value: Any) -> None:
        self._app = app
        self._operation = operation
        self._place = place
        self._value = value

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer to the completed request."""
        concerned = scope["type"] == "http" and self._concerns(scope)
        await self._app(scope, await self._completed(receive) if concerned else receive, send)

    def _concerns(self, scope: Scope) -> bool:
        return operation_of(scope["method"], scope["path"]) == self._operation

    async def _completed(self, receive: Receive) -> Receive:
        messages = [await receive()]
        while messages[-1].get("more_body"):
            messages.append(await receive())
        body = self._complete(b"".join(message.get("body", b"") for message in messages))
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def give() -> Message:
            return whole.pop() if whole else await receive()

        return give

    def _complete(self, body: bytes) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            return body
        before = json.dumps(value)
        apply(value, self._place, self._fill)
        # What lacks nothing stays as it was sent, whatever its form.
        return body if json.dumps(value) == before else json.dumps(value).encode()

    def _fill(self, owner: dict[str, Any], member: str) -> None:
        owner.setdefault(member, self._value)


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for identifier, model in MODELS.items():
        specimen = specimens()[identifier]
        for place, required in _members(model):
            if (identifier, place[-1]) in READ_EITHER_WAY or (identifier, place[-1]) in UNSAID:
                continue
            if not required:
                yield _mutant(specimen.operation, place, None, "required", "insists on")
            elif place[-1] not in _PASSING and (value := _sent(specimen.bodies, place)) is not None:
                yield _mutant(specimen.operation, place, value, "optional", "works without")


def _members(model: type[msgspec.Struct], place: Place = ()) -> Iterator[tuple[Place, bool]]:
    """Yield each member of a model and of the models in its arrays, and whether it is required."""
    for member in msgspec.structs.fields(model):
        here = (*place, member.encode_name)
        yield here, member.required
        for each in get_args(member.type):
            for item in get_args(each):
                if isinstance(item, type) and issubclass(item, msgspec.Struct):
                    yield from _members(item, (*here, ITEMS))


def _sent(bodies: list[Any], place: Place) -> Any:
    """Return the value that a good request has at a place; None when there is no such request."""
    found: list[Any] = []
    for body in bodies:
        apply(body, place, lambda owner, member: found.append(owner.get(member)))
    return next((value for value in found if value is not None), None)


def _mutant(one: Operation, place: Place, value: Any, change: str, does: str) -> Mutant:
    completing = partial(Completing, operation=one.id, place=place, value=value)
    named = "-".join(("request", *place, change))
    return around(NAME, one, named, f"{does} {written(place)} in its request", completing)
