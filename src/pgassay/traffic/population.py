"""The resources that exist while load is applied, and among which arrivals choose."""

from pgassay.traffic.adapter import Resource, Unprepared
from pgassay.traffic.lifecycle import Arrival


class Population:
    """Resources of this run that stay, or whose number does."""

    def __init__(self, arrival: Arrival) -> None:
        """Create the plan's population, and wait until it is active.

        Raises `Unprepared` when not a single resource becomes active.
        """
        self._traffic = arrival.traffic
        wanted = range(self._traffic.plan.population)
        if not wanted:
            raise Unprepared("the target's limits leave no room for a population")
        created = [resource for _ in wanted if (resource := arrival.create()) is not None]
        self._members = [resource for resource in created if arrival.wait_active(resource)]
        if not self._members:
            raise Unprepared("none of the resources that the load needs became active")
        self._free = list(self._members)
        self._size = len(self._members)

    def any(self) -> Resource:
        """One of the resources, drawn from the seed; others may be using it as well."""
        return self._members[self._traffic.below(len(self._members))]

    def take(self) -> Resource | None:
        """The resource that nobody has taken for longest; None when all are taken."""
        return self._free.pop(0) if self._free else None

    def give(self, resource: Resource) -> None:
        """Give back a resource that was taken."""
        self._free.append(resource)

    def replace(self, newcomer: Resource) -> Resource | None:
        """Let a resource in, and the oldest one out that is too many now, if one is."""
        self._members.append(newcomer)
        return self._members.pop(0) if len(self._members) > self._size else None
