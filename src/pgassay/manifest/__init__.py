"""Element manifests: YAML documents that describe PostgreSQL instances, users and databases.

Source: PostgreSQL Service API, section Element Manifest Example.
"""

from pgassay.manifest.finding import Finding
from pgassay.manifest.linting import lint

__all__ = ["Finding", "lint"]
