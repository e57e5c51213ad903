"""The vocabulary of each API family in which checks are written."""

from pgassay.families.clickhouse import ClickhouseApi
from pgassay.families.dbaas import DbaasApi
from pgassay.families.naming import Names

__all__ = ["ClickhouseApi", "DbaasApi", "Names"]
