"""What a check module imports to declare itself: requirements, profile, kind."""

from collections.abc import Callable
from typing import Final, TypeVar

import pytest

MARK: Final = "pgassay_requirement"
FULL: Final = "pgassay_full"
KIND: Final = "pgassay_kind"
CREATES: Final = "pgassay_creates"
EVERY_CASE: Final = "pgassay_every_case"

F = TypeVar("F", bound=Callable[..., object])


def requirement(*ids: str) -> Callable[[F], F]:
    """Bind a check to the requirements that it judges; the first one is what it is mainly about."""
    mark = getattr(pytest.mark, MARK)

    def bind(function: F) -> F:
        marked: F = mark(*ids)(function)
        return marked

    return bind


def judging(*ids: str) -> pytest.MarkDecorator:
    """Bind one case of a table to the requirements that it judges."""
    mark: pytest.MarkDecorator = getattr(pytest.mark, MARK)(*ids)
    return mark


def full(function: F) -> F:
    """Leave a check out of the quick profile, because it is slow or creates many resources."""
    marked: F = getattr(pytest.mark, FULL)(function)
    return marked


def every_case(function: F) -> F:
    """Run a table's every case in the quick profile, too: each tries a limit or a guard alone."""
    marked: F = getattr(pytest.mark, EVERY_CASE)(function)
    return marked


def creates(function: F) -> F:
    """Let a check come late that needs a creation of its own, which no other check can use."""
    marked: F = getattr(pytest.mark, CREATES)(function)
    return marked


def kind(name: str) -> Callable[[F], F]:
    """Say what sort of check this is: `property`, `stateful` or `fuzzing` (default: `check`)."""
    mark = getattr(pytest.mark, KIND)

    def bind(function: F) -> F:
        marked: F = mark(name)(function)
        return marked

    return bind
