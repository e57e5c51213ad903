"""What one run of one tool against one server came to: the values that are kept in the record."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A defect that a tool reports.

    Attributes:
        kind: What failed, in the tool's own words; two failures of one kind are the same alarm.
        request: How many requests the tool had sent when it saw it, by its own report; 0 where
            the report does not say.
        gates: Whether it makes the tool's exit status a failure; False for a mere warning.
    """

    kind: str
    request: int
    gates: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of one tool.

    Attributes:
        failures: The first failure of each kind.
        requests: Requests that reached the server, counted by the server.
        seconds: Wall-clock time of the tool's process.
        status: Its exit status; negative where a signal ended it.
        capped: Whether it was stopped because its time was over.
        harmed: What became of resources that were there before: `deleted` or `changed`, and which.
        foreign: How many resources were there before.
    """

    failures: tuple[Failure, ...]
    requests: int
    seconds: float
    status: int
    capped: bool
    harmed: tuple[str, ...]
    foreign: int

    def document(self) -> dict[str, Any]:
        """Return the outcome as JSON values."""
        return asdict(self)


def outcome(document: dict[str, Any]) -> Outcome:
    """Read what `Outcome.document` wrote."""
    failures = tuple(Failure(**each) for each in document["failures"])
    return Outcome(**{**document, "failures": failures, "harmed": tuple(document["harmed"])})


def first_of_each(failures: list[Failure]) -> tuple[Failure, ...]:
    """Keep the earliest failure of each kind, in order of requests."""
    earliest: dict[str, Failure] = {}
    for failure in sorted(failures, key=lambda each: each.request):
        earliest.setdefault(failure.kind, failure)
    return tuple(earliest.values())
