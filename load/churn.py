r"""One arrival is one resource coming and the oldest one going: the population stays as large.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-churn.plan.json \\
        locust -f load/churn.py --headless --users 1 --stop-timeout 60
"""

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.population import Population


class Churn(Dispatcher):
    """Create and delete at the same rate."""

    def prepare(self, arrival: Arrival) -> None:
        """Create the population."""
        self.population = Population(arrival)

    def arrive(self, arrival: Arrival) -> None:
        """Let a resource in once it is active, and the oldest one out."""
        resource = arrival.create()
        if resource is None:
            return
        if not arrival.wait_active(resource):
            arrival.delete(resource)
            return
        oldest = self.population.replace(resource)
        if oldest is not None:
            arrival.delete(oldest)
