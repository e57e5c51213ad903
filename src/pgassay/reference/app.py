"""The application: both families on one port, every refusal in its family's envelope."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pgassay.reference import clickhouse as clickhouse_family
from pgassay.reference import dbaas as dbaas_family
from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clock import Clock
from pgassay.reference.control import Control, ControlDoor
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.failures import Failures
from pgassay.reference.http import ApiError, Family, check_host, not_found
from pgassay.reference.plane import DataPlane
from pgassay.reference.rate_limit import RateLimiting
from pgassay.reference.resumption import clickhouse_plane, fit_seed, resume
from pgassay.reference.routing import Router
from pgassay.reference.settings import Settings
from pgassay.reference.store import Store

_log = logging.getLogger(__name__)

_UNEXPECTED = ApiError(500, "INTERNAL_SERVER_ERROR", "the server failed to answer this request")


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
    application's lifespan ends; `app.state.resources` are the paths of both families.
    """
    behaviour = behaviour or Behaviour()
    store = Store(settings.state)
    with store.transaction():
        if store.fresh:
            clickhouse_family.seed(store, clock, settings)
            dbaas_family.seed(store, clock, settings)
    failures, requests = Failures(), Counter[str]()
    clusters = clickhouse_plane(plane, behaviour)
    services = (
        clickhouse(settings, store, clock, behaviour.clickhouse, clusters, failures),
        dbaas(settings, store, clock, behaviour.dbaas, plane, failures),
    )
    if plane is not None:
        if store.fresh:
            fit_seed(plane, store, services[0])
        resume(plane, *services)
    families = (clickhouse_family.family(services[0]), dbaas_family.family(services[1]))
    resources = (*families[0].resources, *families[1].resources)
    doors = _doors(settings, services, failures, requests)
    gate = Middleware(_Gate, router=Router(resources), families=families, requests=requests)
    app = Starlette(middleware=[*middleware, *doors, gate], lifespan=_closing(store))
    app.state.store = store
    app.state.resources = resources
    return app


def _doors(
    settings: Settings,
    services: tuple[ClickhouseService, DbaasService],
    failures: Failures,
    requests: Counter[str],
) -> Iterator[Middleware]:
    if settings.control_token:
        control = Control(settings.control_token, *services, failures, requests)
        yield Middleware(ControlDoor, control=control)
    if settings.rate_limit:
        yield Middleware(RateLimiting, service=services[0], limit=settings.rate_limit)


class _Gate:
    """Answers every request, and counts them by operation.

    It stands where Starlette's own router would be asked last, and leaves it the lifespan only.
    """

    def __init__(
        self,
        app: ASGIApp,
        router: Router,
        families: Sequence[Family],
        requests: Counter[str],
    ) -> None:
        self._app = app
        self._router = router
        self._families = families
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            response = await self._answer(Request(scope, receive))
        except ApiError as error:
            response = self._refuse(scope["path"], error)
        except ClientDisconnect:
            # Nobody waits for an answer.
            return
        except Exception:  # noqa: BLE001 - a server answers whatever happens
            _log.exception("a request failed unexpectedly")
            response = self._refuse(scope["path"], _UNEXPECTED)
        finally:
            self._requests[scope.get("operation", "unknown")] += 1
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        scope = request.scope
        check_host(request)
        found = self._router.find(scope["path"])
        if found is None:
            raise not_found("no such path")
        resource, scope["path_params"] = found
        operation = resource.operation(scope["method"])
        scope["operation"] = operation.name
        return await operation.handler(request)

    def _refuse(self, path: str, error: ApiError) -> Response:
        owner = next((family for family in self._families if family.owns(path)), self._families[0])
        return owner.render_error(error)


def _closing(store: Store) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        store.close()

    return lifespan
