"""Which requirement a failed check of Schemathesis breaks, if any.

Schemathesis knows the schema, not the sources: a failure counts only when the document really
decides the case, when what the case needs exists, and when no monitor said the same already.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pgassay.deviation import Deviation
from pgassay.exchange import ANONYMOUS, Exchange, Request
from pgassay.fuzzing.ground import Ground, gone
from pgassay.fuzzing.guard import Guard
from pgassay.run.session import Session
from pgassay.specification import Operation
from pgassay.target.model import Family
from pgassay.waiting import wait_until
from pgassay.zone import Zone

#: What each check of Schemathesis is about, by its name there; {} is CH or DB.
_REQUIREMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "negative_data_rejection": ("{}-REQUEST-INVALID", "a 4xx answer"),
    "positive_data_acceptance": ("{}-REQUEST-VALID", "a 2xx answer"),
    "unsupported_method": ("HTTP-METHOD-NOT-ALLOWED", "405 or 404"),
    "ignored_auth": ("{}-AUTH-REQUIRED", "401 or 403"),
    "missing_required_header": ("{}-AUTH-REQUIRED", "401 or 403"),
    "ensure_resource_availability": ("HTTP-READ-YOUR-WRITES", "what was just created"),
    "not_a_server_error": ("HTTP-STATUS-NO-5XX", "no 5xx answer"),
    "status_code_conformance": ("{}-STATUS-DOCUMENTED", "a documented status"),
    "content_type_conformance": ("{}-SCHEMA-RESPONSE", "a documented media type"),
    "response_schema_conformance": ("{}-SCHEMA-RESPONSE", "a body as documented"),
    "response_headers_conformance": ("{}-SCHEMA-RESPONSE", "headers as documented"),
}
_DELETION: Final = {
    "postgresServiceDelete": "CH-SVC-DELETE-ABSENT",
    "dbaasInstanceDelete": "DB-INST-DELETE",
    "dbaasUserDelete": "DB-USER-DELETE",
    "dbaasDatabaseDelete": "DB-DB-DELETE",
}
_USE_AFTER_FREE: Final = "use_after_free"
#: Checks of single answers, which monitors make as well.
_OF_ANSWERS: Final = frozenset(
    {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    }
)
#: Parts of requirement names by which monitors report such answers.
_BY_MONITORS: Final = ("-STATUS-", "-SCHEMA-", "-ENVELOPE-", "-CONTENT-TYPE-")
_WRONG_REFUSALS: Final = frozenset({400, 404, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed check: its name, the case's operation (None off the document), and its answer.

    `resource` is the path of the deleted resource when the check is about a deletion, `ready`
    tells whether the pass's resource took changes when the case was sent.
    """

    check: str
    message: str
    operation: Operation | None
    exchange: Exchange
    resource: str = ""
    ready: bool = True


#: Finds a request's operation, if it is documented, and its zone.
Placing: TypeAlias = Callable[[Request], tuple[Operation | None, Zone]]


class Attribution:
    """Turn failures into deviations."""

    def __init__(self, session: Session, ground: Ground, guard: Guard, zones: Placing) -> None:
        """Judge for one pass."""
        self._session = session
        self._ground = ground
        self._guard = guard
        self._zones = zones
        self._rules: Mapping[str, Callable[[Failure], bool]] = {
            "negative_data_rejection": self._wrongly_accepted,
            "positive_data_acceptance": self._wrongly_refused,
            "unsupported_method": self._wrong_method,
            "ignored_auth": self._let_in,
            "missing_required_header": self._let_in,
            "ensure_resource_availability": self._missing,
            _USE_AFTER_FREE: self._still_there,
        }

    def deviation(self, failure: Failure) -> Deviation | None:
        """The deviation that a failure amounts to, or None."""
        if failure.check in _OF_ANSWERS:
            counts = not self._known_to_monitors(failure)
        else:
            rule = self._rules.get(failure.check)
            counts = rule is not None and rule(failure)
        if not counts:
            return None
        requirement, expected = self._requirement(failure)
        exchange = failure.exchange
        name = failure.operation.id if failure.operation else exchange.request.path
        return Deviation(
            f"{name}: {failure.message}", expected, exchange.line, requirement, exchange
        )

    def _requirement(self, failure: Failure) -> tuple[str, str]:
        family = "CH" if self._ground.family is Family.CLICKHOUSE else "DB"
        if failure.check == _USE_AFTER_FREE:
            path = self._ground.documented(failure.resource)
            removal = self._session.specification.match("DELETE", path)
            return _DELETION.get(removal.id if removal else "", "HTTP-NOT-FOUND"), "404 for good"
        let_in = failure.exchange.request.credential == ANONYMOUS
        check = "ignored_auth" if let_in else failure.check
        requirement, expected = _REQUIREMENTS[check]
        return requirement.format(family), expected

    def _zone(self, failure: Failure) -> Zone:
        operation, zone = self._zones(failure.exchange.request)
        same = operation is not None and operation == failure.operation
        return zone if same else Zone.UNDECIDED

    def _wrongly_accepted(self, failure: Failure) -> bool:
        if not failure.exchange.succeeded:
            return False
        if failure.exchange.request.credential == ANONYMOUS:
            return True
        return self._zone(failure) is Zone.INVALID

    def _wrongly_refused(self, failure: Failure) -> bool:
        exchange, operation = failure.exchange, failure.operation
        if exchange.status not in _WRONG_REFUSALS or operation is None or not failure.ready:
            return False
        if exchange.request.credential == ANONYMOUS or operation.optional:
            return False
        if operation.definition.get("x-pgassay-precondition") in {
            "first-backup",
            "backup-before-target",
        }:
            return False
        return self._names_what_exists(failure) and self._zone(failure) is Zone.VALID

    def _names_what_exists(self, failure: Failure) -> bool:
        path = failure.exchange.request.path.split("?", 1)[0].rstrip("/")
        if not path.startswith(self._ground.collection):
            return True  # organizations, versions and the scaling: pinned to what was read before
        below = path.removeprefix(self._ground.collection)
        return below in {"", "/prometheus"} or self._guard.exists(path)

    def _wrong_method(self, failure: Failure) -> bool:
        exchange = failure.exchange
        known = exchange.request.credential != ANONYMOUS and self._names_what_exists(failure)
        return known and exchange.status not in {401, 403, 404, 405, 429, 501}

    def _let_in(self, failure: Failure) -> bool:
        return failure.exchange.succeeded and failure.exchange.request.credential == ANONYMOUS

    def _missing(self, failure: Failure) -> bool:
        path = failure.exchange.request.path.split("?", 1)[0]
        resource = self._guard.resource(path)
        return bool(resource) and gone(self._session, resource, self._ground.family)

    def _still_there(self, failure: Failure) -> bool:
        """A deletion may take its time; only what outlives the budget is still there."""
        if not failure.resource:
            return False
        timing = self._session.target.timing
        waited = wait_until(
            lambda: gone(self._session, failure.resource, self._ground.family),
            bool,
            budget=timing.delete,
            poll=timing.poll,
        )
        return not waited.reached

    def _known_to_monitors(self, failure: Failure) -> bool:
        name = failure.operation.id if failure.operation else ""
        return any(
            found.operation == name
            and any(part in found.judgement.requirement for part in _BY_MONITORS)
            for found in self._session.watch.found
        )
