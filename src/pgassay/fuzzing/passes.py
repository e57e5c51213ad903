"""One pass: draw, send, judge."""

import logging
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from schemathesis import hooks
from schemathesis.engine import events, from_schema

from pgassay.deviation import Inconclusive, NotTestable
from pgassay.errors import SuiteBroken
from pgassay.exchange import Request
from pgassay.fuzzing import PassName
from pgassay.fuzzing.crossing import Crossing
from pgassay.fuzzing.document import fitted
from pgassay.fuzzing.door import Door, only_through
from pgassay.fuzzing.ground import prepare
from pgassay.fuzzing.guard import Guard
from pgassay.fuzzing.listener import Listener
from pgassay.fuzzing.plan import PLANS, configuration
from pgassay.run.session import Session
from pgassay.specification import Operation
from pgassay.target.model import Family
from pgassay.zone import Zone, Zones


def run_pass(session: Session, family: Family, name: PassName) -> None:
    """Run one pass; raises as `pgassay.fuzzing.fuzz` says."""
    plan, profile = PLANS[name], session.options.profile
    credential = session.target.credential("main", family)
    if credential is None:
        raise NotTestable(f"the target file has no [auth.main] for the family {family}")
    ground = prepare(session, family)
    seed = f"{session.options.seed}/{name}"
    guard = Guard(
        session, ground, seed, min(plan.creations[profile], session.client.allowance.share)
    )
    zones = Zones(session.specification)

    def place(request: Request) -> tuple[Operation | None, Zone]:
        return zones.of(request, ground.documented(request.path))

    door = Door(session.client, family, guard, lambda request: place(request)[1] is Zone.INVALID)
    crossing = Crossing(session.specification, seed) if plan.mode == "negative" else None
    listener = Listener(session, ground, guard, door, place, crossing)
    document = fitted(
        session.specification.document,
        ground,
        credential,
        random.Random(seed),
        pinned=plan.pinned,
        bodies_only=profile in plan.bodies_only,
    )
    settings = configuration(plan, session.options.seed, profile, credential)
    with _quiet(), only_through(door), _registered(listener):
        schema = schemathesis.openapi.from_dict(
            document, config=schemathesis.Config.from_dict(settings)
        )
        for event in from_schema(schema).execute():
            if isinstance(event, events.FatalError):
                raise SuiteBroken("Schemathesis broke") from event.exception
            if isinstance(event, events.NonFatalError):
                listener.errors.append(f"{event.label}: {event.info.title}")
    conclude(listener, door)


def conclude(listener: Listener, door: Door) -> None:
    """Raise what a finished pass amounts to."""
    found: list[Exception] = list(listener.deviations)
    reasons = [*listener.errors, *sorted(door.reasons)]
    if all(exchange.status in {401, 403} for exchange in door.exchanges.values()):
        reasons.append("no drawn request was let in")
    if reasons:
        found.append(Inconclusive("; ".join(reasons[:3])))
    if found:
        raise ExceptionGroup("drawn requests", found)


@contextmanager
def _registered(listener: Listener) -> Iterator[None]:
    """Hooks that mend requests are global in Schemathesis: withdraw them afterwards."""
    dispatcher = hooks.GLOBAL_HOOK_DISPATCHER

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        listener.before(case)

    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        listener.failed(failure, case)
        return False

    dispatcher.register_hook_with_name(before_call, "before_call")
    dispatcher.register_hook_with_name(filter_failure, "filter_failure")
    try:
        yield
    finally:
        dispatcher.unregister(before_call)
        dispatcher.unregister(filter_failure)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings of the generators out of a run's output."""
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
