"""Rule 8, the edges that are too many: an operation does not make one of its checks.

The checks are the methods of the services whose names begin with `check_` and that refuse
something themselves, as far as good requests meet them: the state that a change needs, the values
that it may have. Those that look at one member of many are left out member by member.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from pgassay.mutants.derived.faults import service_of, when_asked
from pgassay.mutants.derived.operations import Operation, asked
from pgassay.mutants.derived.specimens import Check, check_of
from pgassay.mutants.derived.walk import specimens
from pgassay.mutants.mutant import Mutant

NAME: Final = "check"

#: Refusals that no document asks for: that of a region's form, that of a window of metrics for its
#: length or age, those of changes to a service which does not run and to an instance which is busy,
#: and that of requests to a service which is being deleted. The documents say only that no service
#: is made of one: a restore's check does that, and a read replica is refused for the state in any
#: case.
_OWN_CHOICES: Final = (
    Check("check_text", "region"),
    Check("check_metrics_window"),
    Check("check_ready"),
    Check("check_not_deleting"),
    Check("check_idle"),
)
_NO_COPIES: Final = "postgresInstanceRestore"


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for specimen in specimens().values():
        for check in specimen.checks:
            if check not in _OWN_CHOICES or specimen.operation.id == _NO_COPIES:
                yield _mutant(specimen.operation, check)


def _mutant(one: Operation, check: Check) -> Mutant:
    service = service_of(one)
    left_out = _left_out(getattr(service, check.method), one.id, check)
    faulty = type("Unchecked", (service,), {check.method: left_out})
    named = check.method.removeprefix("check_")
    about = f" of {check.member}" if check.member else ""
    does = f"does not make the check '{named.replace('_', ' ')}'{about}"
    return when_asked(NAME, one, f"{named}-{check.member}-unchecked", does, faulty)


def _left_out(method: Callable[..., None], operation: str, check: Check) -> Callable[..., None]:
    @wraps(method)
    def skip(self: Any, *arguments: Any) -> None:
        if asked() != operation or check_of(check.method, method, arguments) != check:
            method(self, *arguments)

    return skip
