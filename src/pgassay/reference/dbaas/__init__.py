"""The dbaas family: PostgreSQL instances with users and databases, and versions.

Source: PostgreSQL Service API.
"""

from pgassay.reference.dbaas.routes import family
from pgassay.reference.dbaas.rules import DbaasRules
from pgassay.reference.dbaas.seed import seed
from pgassay.reference.dbaas.service import DbaasService

__all__ = ["DbaasRules", "DbaasService", "family", "seed"]
