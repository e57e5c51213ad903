"""The application: both families on one port, every refusal in its family's envelope."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pgassay.reference import clickhouse as clickhouse_family
from pgassay.reference import dbaas as dbaas_family
from pgassay.reference.clickhouse.rules import ClickhouseRules
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clock import Clock
from pgassay.reference.dbaas import DbaasRules, DbaasService
from pgassay.reference.http import ApiError, Family, json_response, same_secret
from pgassay.reference.plane import DataPlane
from pgassay.reference.settings import Settings
from pgassay.reference.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The rules that the families follow: limits, patterns, durations, legal steps."""

    clickhouse: ClickhouseRules = field(default_factory=ClickhouseRules)
    dbaas: DbaasRules = field(default_factory=DbaasRules)


def create_app(
    settings: Settings,
    clock: Clock,
    *,
    behaviour: Behaviour | None = None,
    clickhouse: type[ClickhouseService] = ClickhouseService,
    dbaas: type[DbaasService] = DbaasService,
    middleware: Sequence[Middleware] = (),
    plane: DataPlane | None = None,
) -> Starlette:
    """Build the server as an ASGI application with its own store.

    Another rule comes in through `behaviour`, another behaviour through a subclass of a family's
    service, `plane` runs real databases behind both, and `middleware` sees requests before anything
    else does. OSError when the state file cannot be used. `app.state.store` is closed when the
    application's lifespan ends.
    """
    behaviour = behaviour or Behaviour()
    store = Store(settings.state)
    with store.transaction():
        if store.fresh:
            clickhouse_family.seed(store, clock, settings)
            dbaas_family.seed(store, clock, settings)
    families = (
        clickhouse_family.family(clickhouse(settings, store, clock, behaviour.clickhouse, plane)),
        dbaas_family.family(dbaas(settings, store, clock, behaviour.dbaas, plane)),
    )
    requests: Counter[str] = Counter()
    control = [_control_route(settings.control_token, requests)] if settings.control_token else []
    app = Starlette(
        routes=[*control, *families[0].routes, *families[1].routes],
        middleware=[*middleware, Middleware(_Gate, families=families, requests=requests)],
        exception_handlers={ApiError: _refuse(families), HTTPException: _refuse(families)},
        lifespan=_closing(store),
    )
    app.router.redirect_slashes = False
    app.state.store = store
    return app


class _Gate:
    """Counts requests by operation, and turns an unexpected exception into a plain 500."""

    def __init__(self, app: ASGIApp, families: Sequence[Family], requests: Counter[str]) -> None:
        self._app = app
        self._families = families
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if not scope["path"].isprintable():
                # A route's pattern ends in "$", which lets a final newline through.
                raise HTTPException(404)  # noqa: TRY301 - answered below like any other
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - a server answers whatever happens
            if not isinstance(error, HTTPException):
                _log.exception("a request failed unexpectedly")
            await _render(self._families, scope["path"], error)(scope, receive, send)
        finally:
            self._requests[scope.get("operation", "unknown")] += 1


def _refuse(
    families: Sequence[Family],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        return _render(families, request.url.path, error)

    return handler


def _render(families: Sequence[Family], path: str, error: Exception) -> Response:
    owner = next((family for family in families if family.owns(path)), families[0])
    return owner.render_error(_as_api_error(error))


def _as_api_error(error: Exception) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        detail = f"use one of {allowed}"
        return ApiError(405, "METHOD_NOT_ALLOWED", detail, {"Allow": allowed})
    if isinstance(error, HTTPException) and error.status_code == 404:
        return ApiError(404, "NOT_FOUND", "no such path")
    return ApiError(500, "INTERNAL_SERVER_ERROR", "the server failed to answer this request")


def _control_route(token: str, requests: Counter[str]) -> Route:
    async def show(request: Request) -> Response:
        if not same_secret(request.headers.get("x-control-token", ""), token):
            raise HTTPException(404)
        return json_response(200, dict(sorted(requests.items())))

    return Route("/_control/requests", show)


def _closing(store: Store) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return lifespan
