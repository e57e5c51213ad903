"""Mutants: the reference with exactly one fault each, to see checks fail.

A check that no mutant makes fail proves nothing. `MUTANTS` are written by hand: each names the
requirements that its fault violates, and the assessment of the suite demands that they are found
violated. `DERIVED` follow by rule from the reference itself, and show what nobody thought of.
"""

from collections.abc import Mapping
from typing import Final

from pgassay.mutants import (
    access,
    certificates,
    choices,
    clickhouse_commands,
    clickhouse_copies,
    clickhouse_creation,
    clickhouse_life,
    clickhouse_states,
    clickhouse_values,
    concurrency,
    configuration,
    data_plane,
    dbaas_data,
    dbaas_state,
    dbaas_statuses,
    dbaas_types,
    dbaas_values,
    disclosure,
    metrics,
    observation,
    openings,
    pollution,
    protocol,
    rate_limits,
    scaling,
    security,
    slow_queries,
    standards,
    values_clickhouse,
    values_dbaas,
    values_writing,
    wire,
    wire_answers,
)
from pgassay.mutants.derived import DERIVED
from pgassay.mutants.mutant import Mutant

__all__ = ["DERIVED", "MUTANTS", "Mutant"]

_ALL: Final = (
    *clickhouse_values.FAULTS,
    *clickhouse_creation.FAULTS,
    *clickhouse_life.FAULTS,
    *clickhouse_commands.FAULTS,
    *clickhouse_states.FAULTS,
    *clickhouse_copies.FAULTS,
    *configuration.FAULTS,
    *configuration.RULES,
    *choices.FAULTS,
    *scaling.FAULTS,
    *scaling.RULES,
    *metrics.FAULTS,
    *certificates.FAULTS,
    *observation.FAULTS,
    *observation.RULES,
    *slow_queries.FAULTS,
    *data_plane.FAULTS,
    *rate_limits.FAULTS,
    *dbaas_values.FAULTS,
    *dbaas_types.FAULTS,
    *dbaas_state.FAULTS,
    *dbaas_statuses.FAULTS,
    *dbaas_data.FAULTS,
    *protocol.FAULTS,
    *security.FAULTS,
    *access.FAULTS,
    *openings.FAULTS,
    *disclosure.FAULTS,
    *pollution.FAULTS,
    *standards.FAULTS,
    *wire.FAULTS,
    *wire_answers.FAULTS,
    *concurrency.FAULTS,
    *values_clickhouse.FAULTS,
    *values_dbaas.FAULTS,
    *values_writing.FAULTS,
)

#: Every mutant that is written by hand, by its name.
MUTANTS: Final[Mapping[str, Mutant]] = {mutant.name: mutant for mutant in _ALL}
