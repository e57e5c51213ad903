"""The load process: `python -m pgassay.traffic.driver PLAN.json [--supervised]`.

It reads one line from its standard input, the tenants' credentials as JSON; secrets in arguments or
in the environment would show in the process list. Locust must be imported before anything that
opens sockets, because it makes the standard library cooperative.
"""

import locust  # isort: skip

import importlib.util
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import gevent
import msgspec
from gevent.socket import wait_read
from locust.env import Environment

from pgassay.errors import PgassayError, SuiteBroken
from pgassay.target.model import Credential, Target
from pgassay.traffic import plan as plans
from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.load_process import SUPERVISED
from pgassay.traffic.plan import LoadPlan


def main(arguments: list[str]) -> int:
    """Carry out the plan in `arguments[0]`; the record is in the plan's output file."""
    try:
        plan = plans.read(Path(arguments[0]))
        line = sys.stdin.buffer.readline()
        user = _assigned(plan, msgspec.json.decode(line, type=tuple[Credential, ...]))
        return _run(user, supervised=plan.supervised or SUPERVISED in arguments)
    except PgassayError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def assigned(plan: LoadPlan, target: Target) -> type[Dispatcher]:
    """Return the plan's scenario, with the credentials of `target` that it works with."""
    return _assigned(plan, target.of_tenants(plan.tenants, plan.family))


def on_end(stop: Callable[[], None], *, supervised: bool) -> None:
    """Call `stop` at a signal to end; if `supervised`, also when standard input ends."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        gevent.signal_handler(number, stop)
    if supervised:
        gevent.spawn(_stop_with_parent, stop)


def _assigned(plan: LoadPlan, credentials: Sequence[Credential]) -> type[Dispatcher]:
    user = _scenario(Path(plan.program))
    user.plan = plan
    user.credentials = tuple(credentials)
    return user


def _scenario(program: Path) -> type[Dispatcher]:
    """Import a scenario file and return the class that it defines."""
    specification = importlib.util.spec_from_file_location(f"load_{program.stem}", program)
    if specification is None or specification.loader is None:
        raise SuiteBroken("the scenario cannot be imported", str(program))
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    found = [
        member
        for member in vars(module).values()
        if isinstance(member, type) and issubclass(member, Dispatcher) and not member.abstract
    ]
    if len(found) != 1:
        raise SuiteBroken(f"{len(found)} scenarios are defined", str(program), "exactly one")
    return found[0]


def _run(user: type[Dispatcher], *, supervised: bool) -> int:
    environment = Environment(user_classes=[user], events=locust.events, catch_exceptions=False)
    runner = environment.create_local_runner()

    def stop() -> None:
        environment.events.test_stopping.fire(environment=environment)  # type: ignore[no-untyped-call]

    on_end(stop, supervised=supervised)
    # `wait` keeps the spawning greenlet alive until the dispatcher has carried out its plan.
    runner.start(user_count=1, spawn_rate=1, wait=True)
    if runner.spawning_greenlet is not None:
        runner.spawning_greenlet.join()
    runner.quit()
    return 0


def _stop_with_parent(stop: Callable[[], None]) -> None:
    """Stop when standard input ends: whoever started this process is gone."""
    wait_read(sys.stdin.fileno())
    stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
