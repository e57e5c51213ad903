"""The rules of a server whose databases are real: it offers only what they can do."""

from collections.abc import Mapping
from dataclasses import replace

from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clickhouse.parameters import Parameter
from pgassay.reference.postgres.capabilities import Capabilities, Limits

#: What one machine carries, below PostgreSQL's own maximum of 262143: each connection and each
#: worker has its share of the memory that a cluster takes when it starts.
_ON_ONE_MACHINE = {"max_connections": 5000, "max_worker_processes": 1000}


def behaviour_of(capabilities: Capabilities, documented: Behaviour | None = None) -> Behaviour:
    """Return the documented rules, or another reading of them, narrowed to a build of PostgreSQL.

    A major version that the clickhouse family does not know is the dbaas family's alone: the
    clickhouse family's rules then stay as they are (see `backs_clickhouse`).
    """
    documented = documented or Behaviour()
    dbaas = replace(documented.dbaas, deprecated_versions_selectable=False)
    if not backs_clickhouse(capabilities):
        return Behaviour(documented.clickhouse, dbaas)
    service, configuration = documented.clickhouse.service, documented.clickhouse.configuration
    major = capabilities.major
    clickhouse = replace(
        documented.clickhouse,
        service=replace(service, versions=(major,), default_version=major),
        configuration=replace(
            configuration, parameters=narrowed(configuration.parameters, capabilities)
        ),
    )
    return Behaviour(clickhouse, dbaas)


def backs_clickhouse(capabilities: Capabilities) -> bool:
    """Tell whether the clickhouse family knows the build's major version."""
    return capabilities.major in Behaviour().clickhouse.service.versions


def narrowed(
    parameters: Mapping[str, Parameter], capabilities: Capabilities
) -> dict[str, Parameter]:
    """Return the parameters that a build has, with no value that it would refuse."""
    return {
        name: _narrowed(name, parameter, capabilities.limits[name])
        for name, parameter in parameters.items()
        if name in capabilities.limits
    }


def _narrowed(name: str, parameter: Parameter, limits: Limits) -> Parameter:
    if parameter.kind == "enum" or limits.highest is None:
        return parameter
    highest = int(min(limits.highest, parameter.maximum))
    return replace(parameter, maximum=min(highest, _ON_ONE_MACHINE.get(name, highest)))
