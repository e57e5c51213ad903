"""A few long-lived resources, each worked on by one arrival at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pgassay.exchange import Json
from pgassay.traffic.adapter import Resource, Unprepared
from pgassay.traffic.lifecycle import Arrival


@dataclass(slots=True)
class _Member:
    resource: Resource
    steps: Iterator[Mapping[str, Json]]


class Pool:
    """Resources that are scaled step by step; a resource that got stuck takes no further step."""

    def __init__(
        self,
        arrival: Arrival,
        steps: Callable[[Resource], Iterator[Mapping[str, Json]]],
    ) -> None:
        """Create the plan's number of resources and wait until they are active.

        `steps` yields the changes of one resource without end. Raises `Unprepared` when not a
        single resource becomes active.
        """
        wanted = range(arrival.traffic.plan.pool)
        created = [resource for _ in wanted if (resource := arrival.create()) is not None]
        active = [resource for resource in created if arrival.wait_active(resource)]
        if not active:
            raise Unprepared("none of the resources to be scaled became active")
        self._free = [_Member(resource, steps(resource)) for resource in active]
        self._size = len(active)

    def step(self, arrival: Arrival) -> None:
        """Make the next step of the resource that is free for longest, or drop the arrival."""
        if not self._free:
            arrival.drop("scale", f"all {self._size} resources were being scaled")
            return
        member = self._free.pop(0)
        arrival.scale(member.resource, next(member.steps))
        if arrival.usable(member.resource):
            self._free.append(member)
