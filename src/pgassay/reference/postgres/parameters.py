"""A service's parameters as PostgreSQL wants them written.

Three things differ from the API: it writes minutes as "m", PostgreSQL as "min"; a build may lack
a method of compression that the API knows; and a standby must not allow less than its primary
(PostgreSQL documentation, section 26.4.3 "Administrator's Overview").
"""

import re
from collections.abc import Mapping
from typing import Any

from pgassay.reference.postgres.capabilities import Capabilities

Parameters = Mapping[str, Any]

#: What PostgreSQL assumes where these are not set. A standby needs at least its primary's values.
_RAISED_ON_STANDBY = {"max_connections": 100, "max_worker_processes": 8}

_MINUTES = re.compile(r"(-?[0-9]+)m")


def spelled(parameters: Parameters, capabilities: Capabilities) -> dict[str, str]:
    """Return the parameters in PostgreSQL's own spelling."""
    return {name: _spelled(name, str(value), capabilities) for name, value in parameters.items()}


def needed_of_standbys(parameters: Parameters, needed: Mapping[str, int]) -> dict[str, int]:
    """Return what standbys need once a primary is configured so, given what they needed before.

    WAL tells a standby each value that the primary ever ran with; it stops at one above its own.
    """
    usual = _RAISED_ON_STANDBY
    return {
        name: max(int(parameters.get(name, usual[name])), needed.get(name, 0)) for name in usual
    }


def standby_parameters(own: Parameters, needed: Mapping[str, int]) -> Parameters:
    """Return a standby's parameters, raised to what its primary needs."""
    return {**own, **needed_of_standbys(own, needed)}


def quoted(value: str) -> str:
    """Quote a value for a configuration file."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _spelled(name: str, value: str, capabilities: Capabilities) -> str:
    values = capabilities.limits[name].values
    if name == "wal_compression" and value not in values:
        # "on" is the method that every build has.
        return "on"
    return _MINUTES.sub(r"\1min", value) if _MINUTES.fullmatch(value) else value
