"""ClickHouse Cloud Managed Postgres and ClickPipes CDC scaling, as the public documents say."""

from pgassay.reference.clickhouse.routes import family
from pgassay.reference.clickhouse.seed import SEED, Seed, seed

__all__ = ["SEED", "Seed", "family", "seed"]
