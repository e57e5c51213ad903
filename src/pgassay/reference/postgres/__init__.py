"""Real PostgreSQL behind both families: one cluster on loopback for each service or instance.

It needs the extra `pgassay[postgres]`, so nothing outside this package imports it until asked for.
"""

from pgassay.reference.postgres.behaviour import backs_clickhouse, behaviour_of
from pgassay.reference.postgres.binaries import find_binaries
from pgassay.reference.postgres.folder import temporary_folder
from pgassay.reference.postgres.plane import PostgresPlane, open_plane
from pgassay.reference.postgres.problem import PlaneError

__all__ = [
    "PlaneError",
    "PostgresPlane",
    "backs_clickhouse",
    "behaviour_of",
    "find_binaries",
    "open_plane",
    "temporary_folder",
]
