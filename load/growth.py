r"""No arrivals: visits of several sizes, from few resources to many and back.

`pgassay load --plan growth` runs it. By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-dbaas-growth.plan.json \\
        locust -f load/growth.py --headless --users 1 --stop-timeout 600
"""

from gevent.pool import Pool

from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.visits import Visits


class Growth(Dispatcher):
    """Time each operation while more and more resources exist."""

    def prepare(self, arrival: Arrival) -> None:
        """Do all of it: the plan has no seconds for arrivals."""
        Visits(arrival.traffic, Pool()).run()

    def arrive(self, arrival: Arrival) -> None:
        """Nothing arrives."""
