"""The reference's operations, under the ids of the OpenAPI document, and the one now asked for."""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from pgassay.reference import Credentials, ManualClock, Settings, create_app
from pgassay.reference.http import Resource
from pgassay.reference.routing import Router

_DBAAS: Final = "dbaas."
_SAFE: Final = frozenset(("GET", "HEAD"))
_BODIES: Final = frozenset(("POST", "PUT", "PATCH"))

_asked: ContextVar[str] = ContextVar("operation", default="")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the reference.

    Attributes:
        id: Its operationId in the OpenAPI document.
        name: The name that the reference counts its requests under.
        method: The HTTP method.
        path: The path as a template, such as `/v1/things/{thing}`.
    """

    id: str
    name: str
    method: str
    path: str

    @property
    def dbaas(self) -> bool:
        """Tell whether the operation belongs to the dbaas family."""
        return self.name.startswith(_DBAAS)

    @property
    def changes(self) -> bool:
        """Tell whether the operation may change something."""
        return self.method not in _SAFE

    @property
    def has_body(self) -> bool:
        """Tell whether requests carry a JSON body."""
        return self.method in _BODIES

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of the path, in their order."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))


@cache
def operations() -> Mapping[str, Operation]:
    """Return every operation by its id, as the reference lists them.

    A resource that has two paths, such as the list of versions, is there with the first.
    """
    found: dict[str, Operation] = {}
    for resource in _resources():
        for method, operation in resource.operations.items():
            if method != "HEAD":
                identifier = _identifier(operation.name)
                one = Operation(identifier, operation.name, method, resource.path)
                found.setdefault(identifier, one)
    return found


def operation_of(method: str, path: str) -> str:
    """Return the id of the operation that a request asks for; "" when there is none."""
    found = _router().find(path)
    operation = found and found[0].operations.get(method)
    return _identifier(operation.name) if operation else ""


def asked() -> str:
    """Return the id of the operation that is being answered; "" outside of `Asking`."""
    return _asked.get()


class Asking:
    """A middleware that lets a faulty service know, by `asked`, which operation calls it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the operation, and let the application answer."""
        if scope["type"] == "http":
            _asked.set(operation_of(scope["method"], scope["path"]))
        await self._app(scope, receive, send)


def words(text: str) -> str:
    """Write a name of code in lower-case words with hyphens: `ramTotal[].x` is `ram-total-x`."""
    separated = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^A-Za-z0-9]+", "-", separated).strip("-").lower()


def _identifier(name: str) -> str:
    """Return the operationId: `dbaas.list_users` is `dbaasUserList`, others bear it as a name."""
    if not name.startswith(_DBAAS):
        return name
    verb, _, noun = name.removeprefix(_DBAAS).partition("_")
    singular = noun.removesuffix("s") if verb == "list" else noun
    return f"dbaas{singular.capitalize()}{verb.capitalize()}"


@cache
def _resources() -> Iterable[Resource]:
    resources: Iterable[Resource] = create_app(
        Settings(Credentials()), ManualClock()
    ).state.resources
    return resources


@cache
def _router() -> Router:
    return Router(_resources())
