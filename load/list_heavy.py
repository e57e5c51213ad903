r"""One arrival is one listing of a large population; a few read one of its resources.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-list_heavy.plan.json \\
        locust -f load/list_heavy.py --headless --users 1 --stop-timeout 60
"""

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.population import Population


class ListHeavy(Dispatcher):
    """List again and again."""

    first_operation = "list"

    def prepare(self, arrival: Arrival) -> None:
        """Create the population."""
        self.population = Population(arrival)

    def arrive(self, arrival: Arrival) -> None:
        """List, or read, as the plan's mix weighs them."""
        if arrival.traffic.choose(arrival.traffic.plan.mix) == "list":
            arrival.list()
        else:
            arrival.read(self.population.any())
