r"""One arrival is noise of the main tenant, or a quiet look of the other one at its resource.

The quiet tenant comes at the same low rate all the time, with and without the noise, and its
operations are told apart by that: `read_alone` and `read_in_noise`. By hand, as `crud_lifecycle.py`
explains:

    PGASSAY_LOAD_PLAN=load-dbaas-noisy_neighbour.plan.json \\
        locust -f load/noisy_neighbour.py --headless --users 1 --stop-timeout 60
"""

from dataclasses import replace

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.neighbour import suffix
from pgassay.traffic.population import Population


class NoisyNeighbour(Dispatcher):
    """One tenant makes noise; the other one must not feel it."""

    def prepare(self, arrival: Arrival) -> None:
        """Give the quiet tenant a resource of its own."""
        (self.quiet,) = arrival.traffic.neighbours
        self.home = Population(replace(arrival, traffic=self.quiet)).any()

    def arrive(self, arrival: Arrival) -> None:
        """Look around quietly, or make noise."""
        if arrival.background:
            visit = replace(arrival, traffic=self.quiet, suffix=suffix(arrival))
            visit.read(self.home)
            visit.list()
            return
        resource = arrival.create()
        arrival.list()
        if resource is not None:
            arrival.wait_active(resource)
            arrival.delete(resource)
