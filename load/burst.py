r"""One arrival is one short life of a resource; the plan's phases make calm, spike and calm of it.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-burst.plan.json \\
        locust -f load/burst.py --headless --users 1 --stop-timeout 60
"""

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival


class Burst(Dispatcher):
    """Create, poll until active, delete."""

    def arrive(self, arrival: Arrival) -> None:
        """Live one short life."""
        resource = arrival.create()
        if resource is not None:
            arrival.wait_active(resource)
            arrival.delete(resource)
