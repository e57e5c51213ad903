"""What is measured in a cluster for its metrics."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from pgassay.reference.postgres.access import ROLE, execute
from pgassay.reference.postgres.cluster import Cluster
from pgassay.reference.postgres.problem import PlaneError
from pgassay.reference.store import Document

_COUNTERS = (
    "SELECT sum(tup_fetched)::int8, sum(tup_inserted)::int8, sum(tup_updated)::int8, "
    "sum(tup_deleted)::int8, sum(xact_commit)::int8, sum(xact_rollback)::int8, "
    "sum(deadlocks)::int8, (100.0 * sum(blks_hit) / nullif(sum(blks_hit + blks_read), 0))::float8 "
    "FROM pg_stat_database"
)
_NAMES = (
    "tuples_fetched tuples_inserted tuples_updated tuples_deleted commits rollbacks deadlocks "
    "cache_hit_ratio"
).split()
_CONNECTIONS = (
    "SELECT state, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
    "AND usename <> {} AND state IS NOT NULL GROUP BY state"
)
_SIZES = "SELECT datname, pg_database_size(oid) FROM pg_database WHERE datallowconn"


def measure(cluster: Cluster) -> Document:
    """Measure a cluster; PlaneError when it cannot be asked."""
    with cluster.connect() as connection:
        counters = execute(connection, _COUNTERS)[0]
        connections = execute(connection, _CONNECTIONS, sql.Literal(ROLE))
        sizes = execute(connection, _SIZES)
    figures = {
        name: value for name, value in zip(_NAMES, counters, strict=True) if value is not None
    }
    databases = {name: size for name, size in sizes if name != "template1"}
    return {**figures, "connections": dict(connections), "databases": databases}


class Meter:
    """The last figures of each cluster, renewed beside the caller when they are asked for."""

    def __init__(self, cluster: Callable[[str], Cluster], lifetime: float = 2.0) -> None:
        self._cluster = cluster
        self._lifetime = lifetime
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="data-plane-figures")
        self._figures: dict[str, Document] = {}
        self._asked: dict[str, float] = {}

    def figures(self, cluster: str) -> Document | None:
        """Return what was last measured, or None when nothing was; never waits."""
        now = time.monotonic()
        if now - self._asked.get(cluster, -self._lifetime) >= self._lifetime:
            self._asked[cluster] = now
            self._pool.submit(self._renew, cluster)
        return self._figures.get(cluster)

    def forget(self, cluster: str) -> None:
        """Drop what is known of a cluster."""
        self._asked.pop(cluster, None)
        self._figures.pop(cluster, None)

    def close(self) -> None:
        """Stop measuring."""
        self._pool.shutdown(cancel_futures=True)

    def _renew(self, cluster: str) -> None:
        try:
            self._figures[cluster] = measure(self._cluster(cluster))
        except PlaneError:
            # A cluster that is down keeps its last figures.
            return
