"""The scenarios in `load/`, and what must be known of each before it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """What one scenario costs.

    `requests` are those of one arrival, roughly; `creates` says whether each arrival creates a
    resource. `population` is the usual number of resources that exist while load is applied.
    `tenants` are the credentials that it needs. At most, one arrival sends `calls` requests that
    are no polls, none of them twice, and polls for `waits` things.
    """

    requests: float
    calls: int
    waits: int
    creates: bool = False
    population: int = 0
    tenants: tuple[str, ...] = ("main",)


#: Every scenario in `load/`, in the order in which they run.
KINDS: Final[Mapping[str, Kind]] = {
    "crud_lifecycle": Kind(10, 5, 2, creates=True),
    "scaling": Kind(6, 1, 1, population=12),
    "read_mostly": Kind(1.2, 1, 1, population=20),
    "churn": Kind(7, 2, 1, creates=True, population=20),
    "list_heavy": Kind(1, 1, 0, population=50),
    "config_and_password": Kind(4, 2, 1, population=12),
    "burst": Kind(7, 2, 1, creates=True),
    "noisy_neighbour": Kind(8, 3, 1, creates=True, tenants=("main", "other_tenant")),
}
SCENARIOS: Final = tuple(KINDS)
