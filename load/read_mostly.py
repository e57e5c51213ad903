r"""One arrival is one look at a standing population: a read, now and then a listing or a change.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-read_mostly.plan.json \\
        locust -f load/read_mostly.py --headless --users 1 --stop-timeout 60
"""

from collections.abc import Mapping

from pgassay.exchange import Json
from pgassay.target.model import Family
from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.population import Population

CHANGES: Mapping[Family, Mapping[str, Json]] = {
    Family.CLICKHOUSE: {"tags": [{"key": "pgassay", "value": "changed"}]},
    Family.DBAAS: {"description": "changed by pgassay"},
}


class ReadMostly(Dispatcher):
    """Read, list and update resources that stay."""

    first_operation = "read"

    def prepare(self, arrival: Arrival) -> None:
        """Create the population."""
        self.population = Population(arrival)

    def arrive(self, arrival: Arrival) -> None:
        """Tell one of the stories, as the plan's mix weighs them."""
        match arrival.traffic.choose(arrival.traffic.plan.mix):
            case "list":
                arrival.list()
            case "update":
                self.update(arrival)
            case _:
                arrival.read(self.population.any())

    def update(self, arrival: Arrival) -> None:
        """Change a resource that nobody else is changing."""
        resource = self.population.take()
        if resource is None:
            arrival.drop("update", "all resources were being changed")
            return
        arrival.update(resource, CHANGES[arrival.family])
        self.population.give(resource)
