r"""One arrival is one life of a resource: created, awaited, read, listed, changed, deleted.

Arrivals come at their own rate, however slow the target is. To run it by hand, take the plan that
`pgassay load` left in its run folder (the target's credentials are read from the target file that
the plan names), and leave time for the cleanup:

    PGASSAY_LOAD_PLAN=load-dbaas-crud_lifecycle.plan.json \\
        locust -f load/crud_lifecycle.py --headless --users 1 --stop-timeout 60
"""

from collections.abc import Mapping

from pgassay.exchange import Json
from pgassay.target.model import Family
from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival

# A change that needs no new machine, so that its time is the control plane's own.
CHANGES: Mapping[Family, Mapping[str, Json]] = {
    Family.CLICKHOUSE: {"tags": [{"key": "pgassay", "value": "changed"}]},
    Family.DBAAS: {"description": "changed by pgassay"},
}


class CrudLifecycle(Dispatcher):
    """Create, poll until active, read, list, update, delete."""

    def arrive(self, arrival: Arrival) -> None:
        """Live one life; what did not become usable is deleted all the same."""
        resource = arrival.create()
        if resource is None:
            return
        if arrival.wait_active(resource):
            arrival.read(resource)
            arrival.list()
            arrival.update(resource, CHANGES[arrival.family])
        arrival.delete(resource)
