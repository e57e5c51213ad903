"""A run's session over a reference server in a thread, a thousand times faster than documented."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from pgassay.catalogue import Catalogue
from pgassay.cli.tenants import reference_target
from pgassay.reference.app import create_app
from pgassay.reference.clock import SystemClock
from pgassay.reference.server import running
from pgassay.reference.settings import Credentials, Settings
from pgassay.run.options import Profile, RunOptions
from pgassay.run.session import Session
from pgassay.specification import specification

Open = Callable[..., Session]


@pytest.fixture
def credentials() -> Credentials:
    """Give everyone who may call the server."""
    return Credentials.generate()


@pytest.fixture
def open_session(tmp_path: Path, credentials: Credentials) -> Iterator[Open]:
    """Open a session; keyword arguments beside seed and profile make the server another one."""
    with ExitStack() as stack:

        def open_session(*, seed: int = 1, profile: Profile = "quick", **faults: Any) -> Session:
            settings = Settings(credentials)
            url = stack.enter_context(running(create_app(settings, SystemClock(), **faults)))
            target = reference_target(settings, url)
            session = Session(
                target,
                RunOptions(output=tmp_path, profile=profile, seed=seed),
                Catalogue.load(),
                specification(target.clickhouse.redaction),
            )
            stack.callback(session.close)
            return session

        yield open_session


@pytest.fixture
def outsider(credentials: Credentials) -> Callable[[Session], httpx.Client]:
    """Call the same server with the same credentials, beside the run."""
    key, token = credentials.key("main"), credentials.token("main").token
    basic = httpx.BasicAuth(key.key_id, key.secret)

    def authorize(request: httpx.Request) -> httpx.Request:
        if request.url.path.startswith("/v1/organizations"):
            return next(basic.auth_flow(request))
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return lambda session: httpx.Client(base_url=session.target.base_url, auth=authorize)
