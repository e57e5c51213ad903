r"""One arrival is one change of a setting, or one new password, on a running resource.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-config_and_password.plan.json \\
        locust -f load/config_and_password.py --headless --users 1 --stop-timeout 60
"""

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.population import Population
from pgassay.traffic.upkeep import upkeep_of


class ConfigAndPassword(Dispatcher):
    """Change settings and passwords of resources that stay."""

    first_operation = "configure"

    def prepare(self, arrival: Arrival) -> None:
        """Create the population."""
        self.population = Population(arrival)
        self.upkeep = upkeep_of(arrival.family)

    def arrive(self, arrival: Arrival) -> None:
        """Change something of a resource that nobody else is changing."""
        resource = self.population.take()
        if resource is None:
            arrival.drop(self.first_operation, "all resources were being changed")
            return
        if arrival.traffic.choose(arrival.traffic.plan.mix) == "password":
            self.upkeep.renew_password(arrival, resource)
        else:
            self.upkeep.configure(arrival, resource)
        self.population.give(resource)
