"""What a target's limits leave of a plan; what was reduced is said, in a sentence each.

The `[limits]` of a target file are promises to its owner: no plan goes beyond them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgassay.target.model import Limits
from pgassay.traffic.kind import Kind
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan_file import CapacityPlan, GrowthPlan

_MAX_IN_FLIGHT: Final = 400
#: The share of the resources that may exist at a time which a population leaves to arrivals.
_ROOM: Final = 0.5


@dataclass(frozen=True, slots=True)
class Affordable:
    """Phases, population and arrivals at a time that fit the limits, and what was reduced."""

    phases: tuple[Phase, ...]
    population: int
    background: float
    max_in_flight: int
    reduced: tuple[str, ...]


def scenario(
    kind: Kind, phases: tuple[Phase, ...], population: int, background: float, limits: Limits
) -> Affordable:
    """Reduce rates, population and time of a scenario to what the limits allow."""
    notes: list[str] = []
    factor = _rate_factor(kind, phases, background, limits)
    if factor < 1:
        notes.append(
            f"rates are {factor:.1%} of the plan's: the target allows "
            f"{limits.requests_per_second:g} requests per second"
        )
    phases, background = faster(phases, factor), background * factor
    members = _population(kind, population, limits)
    if members < population:
        notes.append(f"the population is {members} instead of {population}, as the limits demand")
    most = max(limits.concurrent_resources - members, 1)
    in_flight = min(_MAX_IN_FLIGHT, most) if limits.concurrent_resources else _MAX_IN_FLIGHT
    if kind.creates and in_flight < _MAX_IN_FLIGHT:
        notes.append(
            f"at most {in_flight} arrivals at a time: the target allows "
            f"{limits.concurrent_resources} resources"
        )
    shorter = _time_factor(kind, phases, members, limits)
    if shorter < 1:
        notes.append(
            f"phases have {shorter:.1%} of the plan's time: the target allows "
            f"{limits.total_resources} resources in all"
        )
    return Affordable(
        longer(phases, shorter),
        members,
        background,
        in_flight if kind.creates else _MAX_IN_FLIGHT,
        tuple(notes),
    )


def capacity(plan: CapacityPlan, kind: Kind, limits: Limits) -> tuple[CapacityPlan, str]:
    """Reduce the highest rate of a search; the text says so, and is empty where nothing changed.

    Where even the lowest rate is too high, both become what is allowed: nothing can be searched.
    """
    most = limits.requests_per_second / kind.requests if limits.requests_per_second else 0.0
    if not most or plan.highest <= most:
        return plan, ""
    note = (
        f"the search ends at {most:g} instead of {plan.highest:g} arrivals per second: the target "
        f"allows {limits.requests_per_second:g} requests per second"
    )
    return replace(plan, lowest=min(plan.lowest, most), highest=most), note


def growth(plan: GrowthPlan, limits: Limits) -> tuple[GrowthPlan, str]:
    """Leave out the sizes that the limits forbid; the text says so, empty where none is left out.

    Samples of creations need room above each size.
    """
    most = _smallest(limits.concurrent_resources, limits.total_resources)
    sizes = tuple(size for size in plan.sizes if not most or size + plan.samples <= most)
    if sizes == plan.sizes:
        return plan, ""
    left_out = ", ".join(f"{size}" for size in plan.sizes if size not in sizes)
    note = f"the sizes {left_out} are left out: the target allows {most} resources"
    return replace(plan, sizes=sizes), note


def faster(phases: Sequence[Phase], factor: float) -> tuple[Phase, ...]:
    """The phases with `factor` times their rates."""
    return tuple(replace(one, rate=one.rate * factor, until=one.until * factor) for one in phases)


def longer(phases: Sequence[Phase], factor: float) -> tuple[Phase, ...]:
    """The phases with `factor` times their seconds."""
    return tuple(replace(one, seconds=one.seconds * factor) for one in phases)


def _rate_factor(kind: Kind, phases: Sequence[Phase], background: float, limits: Limits) -> float:
    peak = max(max(one.rate, one.until) for one in phases) + background
    if not limits.requests_per_second or not peak:
        return 1.0
    return min(limits.requests_per_second / kind.requests / peak, 1.0)


def _population(kind: Kind, population: int, limits: Limits) -> int:
    most = _smallest(limits.concurrent_resources, limits.total_resources)
    if not most:
        return population
    return min(population, int(most * _ROOM) if kind.creates else most)


def _time_factor(kind: Kind, phases: Sequence[Phase], population: int, limits: Limits) -> float:
    arrivals = sum(one.arrivals for one in phases)
    if not limits.total_resources or not kind.creates or not arrivals:
        return 1.0
    return min(max(limits.total_resources - population, 1) / arrivals, 1.0)


def _smallest(*limits: int) -> int:
    """The smallest of the limits that are set; 0 when none is."""
    return min((limit for limit in limits if limit), default=0)
