r"""One arrival is one scaling step, up or down, of a long-lived resource out of a small pool.

By hand, as `crud_lifecycle.py` explains:

    PGASSAY_LOAD_PLAN=load-clickhouse-scaling.plan.json \\
        locust -f load/scaling.py --headless --users 1 --stop-timeout 60
"""

from collections.abc import Iterator, Mapping
from itertools import cycle

from pgassay.exchange import Json
from pgassay.target.model import Family
from pgassay.traffic.adapter import Resource
from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.pool import Pool
from pgassay.traffic.replication import ReplicationScaling

# Every so many arrivals step the CDC scaling of the ClickHouse service instead, where there is one.
CDC_EVERY = 4


class Scaling(Dispatcher):
    """Scale services, CDC replication and instances up and down while they are in use."""

    first_operation = "scale"

    def prepare(self, arrival: Arrival) -> None:
        """Create the pool, and note the CDC scaling as it was found."""
        plan = arrival.traffic.plan
        sizes = plan.sizes or plan.target.clickhouse.sizes
        clickhouse = arrival.family is Family.CLICKHOUSE
        self.replication = ReplicationScaling(arrival)
        self.pool = Pool(
            arrival,
            lambda resource: service_steps(sizes) if clickhouse else instance_steps(resource),
        )

    def arrive(self, arrival: Arrival) -> None:
        """Make the next step of something that nobody else is scaling now."""
        if arrival.number % CDC_EVERY == 0 and self.replication.free:
            self.replication.step(arrival)
        else:
            self.pool.step(arrival)

    def restore(self, arrival: Arrival) -> None:
        """Put the CDC scaling back."""
        self.replication.restore(arrival)


def service_steps(sizes: tuple[str, ...]) -> Iterator[Mapping[str, Json]]:
    """Sizes up and down, with and without a standby; a new service has the first size and none."""
    changes: list[Mapping[str, Json]] = [{"size": size} for size in sizes[1:2]]
    changes += [{"haType": "async"}]
    changes += [{"size": size} for size in sizes[:1] if len(sizes) > 1]
    return cycle([*changes, {"haType": "none"}])


def instance_steps(resource: Resource) -> Iterator[Mapping[str, Json]]:
    """Cores, memory and nodes up and down; a disk may only grow."""
    while True:
        yield {"cpu": 2}
        yield {"ram": 2048}
        yield {"nodes_number": 2}
        yield {"disk_size": int(resource.value.get("disk_size", 10)) + 1}
        yield {"nodes_number": 1}
        yield {"ram": 1024}
        yield {"cpu": 1}
