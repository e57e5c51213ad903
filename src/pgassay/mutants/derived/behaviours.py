"""Mutants that follow one rule of the reference otherwise: what limits and patterns have in common.

A value that another reading of the documents gives to a rule makes no fault, and neither does
another choice where the documents have no rule; no mutant is derived from either.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pgassay.mutants.derived.operations import words
from pgassay.mutants.derived.values import Place, rule_at, rules_within, with_rule
from pgassay.mutants.mutant import Mutant
from pgassay.reference import Behaviour, Readings

#: The operations whose requests a group of rules is about; of others, any.
_OPERATIONS: Final[Mapping[Place, tuple[str, ...]]] = {
    ("clickhouse", "service"): (
        "postgresServiceCreate",
        "postgresServicePatch",
        "postgresInstanceCreateReadReplica",
        "postgresInstanceRestore",
    ),
    ("clickhouse", "password"): ("postgresServiceSetPassword",),
    ("clickhouse", "configuration"): (
        "postgresServiceCreate",
        "postgresInstanceConfigPost",
        "postgresInstanceConfigPatch",
        "postgresInstanceCreateReadReplica",
        "postgresInstanceRestore",
    ),
    ("clickhouse", "scaling"): ("clickPipeCdcScalingUpdate",),
    ("clickhouse", "metrics"): ("postgresInstanceMetricsGet",),
    ("clickhouse", "insights"): ("slowQueryPatternsGetList", "slowQueryPatternGet"),
    ("dbaas", "instance"): ("dbaasInstanceCreate", "dbaasInstanceUpdate"),
    ("dbaas", "user"): ("dbaasUserCreate",),
    ("dbaas", "database"): ("dbaasDatabaseCreate",),
}

#: Rules that no document has: the reference chose them, as its modules of rules say.
_OWN_CHOICES: Final = frozenset(
    {
        ("clickhouse", "service", "region"),
        ("clickhouse", "configuration", "pooler_key"),
        ("clickhouse", "configuration", "pooler_value"),
        ("dbaas", "instance", "name"),
        ("dbaas", "instance", "description"),
        ("dbaas", "user", "description"),
        ("dbaas", "database", "description"),
    }
)


@cache
def rules() -> tuple[tuple[Place, Any], ...]:
    """Return each rule that a document has, with its place in `Behaviour`."""
    return tuple(
        (place, rule) for place, rule in rules_within(Behaviour()) if place[:3] not in _OWN_CHOICES
    )


@cache
def readings() -> tuple[Behaviour, ...]:
    """Return the rules by every reading of the documents that differs in one point."""
    return tuple(
        Behaviour.of(Readings.of([f"{reading.name}={value}"]))
        for reading in Readings.known()
        for value in reading.values
    )


def legal_values(place: Place) -> list[Any]:
    """Return the values that the readings give to a rule."""
    return [rule_at(behaviour, place) for behaviour in readings()]


def mutant(
    rule: str, place: Place, change: str, sentence: str, values: Mapping[Place, Any]
) -> Iterator[Mutant]:
    """Yield the reference with other values for some rules, unless a reading has them too.

    `rule` is the name of the deriving rule, `place` of the rule that changes, `change` says how.
    """
    behaviour = Behaviour()
    for where, value in values.items():
        behaviour = with_rule(behaviour, where, value)
    if behaviour not in readings():
        yield Mutant(
            words("-".join((*place, change))),
            sentence,
            (),
            behaviour=behaviour,
            rule=rule,
            operations=_OPERATIONS.get(place[:2], ()),
        )


def spoken(place: Place) -> str:
    """Name a rule in a sentence: `clickhouse service name`."""
    told = (each for each in place if each not in {"configuration", "parameters"})
    return " ".join(told).replace("_", " ")
