"""The Locust user that drives open-loop arrivals; scenario files derive from it.

Locust's users are closed loops. Here one user is the dispatcher: it starts a greenlet at each
arrival's time, and never waits for an earlier one. Locust supplies the HTTP client, the live
figures and the process around it.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import geventhttpclient.client
from gevent import Timeout, sleep, spawn
from gevent.pool import Pool
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from pgassay.exchange import Request
from pgassay.target import reading
from pgassay.target.model import Credential, Family
from pgassay.target.overrides import Overrides
from pgassay.traffic import live
from pgassay.traffic import plan as plans
from pgassay.traffic.execution import Execution
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.page import opened
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.session import Answer, Tools

#: Names the plan in a run by hand, where no driver hands one over.
PLAN_VARIABLE = "PGASSAY_LOAD_PLAN"
#: Connections beyond one for each arrival in flight: for setup, cleanup and sockets being closed.
_SPARE_CONNECTIONS = 16
_EVERY_STATUS = frozenset(range(100, 600))


class Dispatcher(FastHttpUser):
    """One open-loop scenario; what one arrival does is up to the derived class.

    `first_operation` is the one that an arrival begins with: a dropped arrival counts there.
    """

    abstract = True
    fixed_count = 1
    wait_time = constant(0)
    # A redirect is an answer to be judged, not to be followed; switching redirects off for a single
    # request would change the session that all greenlets share.
    max_redirects = 0
    max_retries = 0

    first_operation: ClassVar[str] = "create"
    #: Set by the driver before Locust makes an instance.
    plan: ClassVar[LoadPlan | None] = None
    #: Those of the plan's tenants.
    credentials: ClassVar[tuple[Credential, ...]] = ()

    def __init__(self, environment: Any) -> None:
        """Configure the client for the plan's target."""
        plan, (credential, *others) = _assignment(type(self))
        timing = plan.target.timing
        self.host = plan.target.base_url
        self.insecure = not plan.target.verify_tls
        self.network_timeout = self.connection_timeout = timing.request
        # Waiting for a free connection would count as the target's time.
        self.concurrency = plan.max_in_flight + _SPARE_CONNECTIONS
        super().__init__(environment)
        # Every status is an answer here; what it means is decided where it is recorded.
        self.client.client.valid_response_codes = _EVERY_STATUS  # type: ignore[misc]  # a class's default
        _send_only_once()
        self._limit = timing.request
        self._tools = Tools(self._send, sleep)
        self.execution = Execution(self, plan, credential, self._tools, Pool(), others)
        if plan.web:
            self.execution.observe = opened(environment, plan.web)
        environment.events.test_stopping.add_listener(self._stop)

    def prepare(self, arrival: Arrival) -> None:
        """Set up what the scenario needs before the first arrival; raises `Unprepared`."""

    def arrive(self, arrival: Arrival) -> None:
        """Do what one arrival does."""
        raise NotImplementedError

    def restore(self, arrival: Arrival) -> None:
        """Put back what `prepare` or arrivals changed of somebody else's."""

    @task
    def drive(self) -> None:
        """Run the whole plan, then leave Locust; interruption still ends in cleanup."""
        follower = spawn(live.follow, lambda: self.execution.traffic, self._tools)
        try:
            self.execution.run()
        finally:
            follower.kill()
        if self.plan is None and self.environment.runner is not None:
            self.environment.runner.quit()
        raise StopUser

    def _stop(self, environment: Any, **_: Any) -> None:
        self.execution.stop()

    def _send(self, operation: str, request: Request) -> Answer:
        """Send through Locust's client, with a limit on the whole exchange."""
        limit = Timeout.start_new(self._limit)
        try:
            with self.client.request(
                request.method,
                request.path,
                name=operation,
                data=request.body,  # type: ignore[arg-type]  # bytes are passed on as they are
                headers=dict(request.headers),
                catch_response=True,
            ) as response:
                return _answer(response)
        except Timeout:
            return _timed_out(self._limit)
        finally:
            limit.close()


def _answer(response: Any) -> Answer:
    """Read what Locust got; tell its statistics what counts as a failure."""
    error = getattr(response, "error", None)
    if isinstance(error, (Timeout, TimeoutError)):
        response.failure("timeout")
        return Answer(0, failure="timeout", timed_out=True)
    if error is not None or not response.status_code:
        name = type(error).__name__ if error is not None else "no answer"
        response.failure(name)
        return Answer(0, failure=name)
    if response.status_code < 400 or response.status_code == 404:
        response.success()
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    return Answer(response.status_code, bytes(response.content or b""), headers)


def _timed_out(limit: float) -> Answer:
    logging.getLogger(__name__).debug("no answer within %g s", limit)
    return Answer(0, failure="timeout", timed_out=True)


def _send_only_once() -> None:
    """Keep the HTTP client from repeating requests behind the recorder's back.

    When a connection breaks, it sends idempotent requests again, DELETE and PUT included, as one
    sample: the target would see more requests than were counted. Idle connections that the target
    closed are recognised before use and do not need this.
    """
    geventhttpclient.client._may_retry_after_send_error = lambda method: False  # noqa: SLF001


def _assignment(user: type[Dispatcher]) -> tuple[LoadPlan, tuple[Credential, ...]]:
    """The plan and credentials of the driver, or in a run by hand those that the plan names."""
    if user.plan is not None:
        return user.plan, user.credentials
    plan = plans.read(Path(os.environ.get(PLAN_VARIABLE, "plan.json")))
    return plan, _credentials(plan, os.environ)


def _credentials(plan: LoadPlan, environ: Mapping[str, str]) -> tuple[Credential, ...]:
    target = plan.target
    if plan.target_file:
        target = reading.read_target(Path(plan.target_file), environ, Overrides())
    return target.of_tenants(plan.tenants, Family(plan.family))
