"""Strategies for valid values of the clickhouse family and for values that break one rule."""

from hypothesis import strategies
from hypothesis.strategies import SearchStrategy

from pgassay.exchange import Json
from pgassay.values.configuration import NOT_A_VALUE, RANGED, Parameter
from pgassay.values.tags import KEY_LIMIT, VALUE_LIMIT
from pgassay.values.text import OUTSIDERS, intrusions

_ALLOWED = "abcXYZ019._-"
_WORDS = strategies.text(_ALLOWED, min_size=1, max_size=20)


def valid_tags() -> SearchStrategy[list[Json]]:
    """Arrays of up to five valid tags with different keys; lengths favour the limits."""
    return strategies.lists(
        strategies.fixed_dictionaries(
            {"key": _lengthy(KEY_LIMIT).filter(_unreserved), "value": _lengthy(VALUE_LIMIT)}
        ),
        max_size=5,
        unique_by=lambda tag: tag["key"],
    )


def broken_tags() -> SearchStrategy[list[Json]]:
    """Arrays of valid tags among which one has one fault in its key or value."""
    return strategies.builds(
        lambda good, bad: [*good, bad],
        strategies.just([{"key": "stage", "value": "test"}]),
        strategies.one_of(
            strategies.fixed_dictionaries({"key": _spoilt(KEY_LIMIT), "value": _WORDS}),
            strategies.fixed_dictionaries({"key": _WORDS, "value": _spoilt(VALUE_LIMIT)}),
        ),
    )


def valid_names(suffix: str) -> SearchStrategy[str]:
    """Names of letters, digits and inner blanks up to the limit, ending with `suffix`."""
    return strategies.text("abz AZ09", max_size=50 - len(suffix) - 1).map(
        lambda text: f"n{text}"[: 50 - len(suffix)] + suffix
    )


def long_names() -> SearchStrategy[str]:
    """Names longer than the limit, by one character most often."""
    return strategies.integers(51, 60).flatmap(
        lambda size: strategies.text("abz AZ09", min_size=size, max_size=size)
    )


def mismatched_pairs() -> SearchStrategy[tuple[Json, Json]]:
    """CPU and memory near the documented pairs of which at least one rule is broken."""
    cpu = strategies.one_of(
        strategies.integers(-1, 34).map(lambda cores: 1000 * cores), strategies.integers(0, 33000)
    )
    memory = strategies.one_of(
        strategies.integers(-1, 33).map(lambda k: 4 * k), strategies.integers(0, 132)
    )
    return strategies.tuples(cpu, memory).filter(lambda pair: not _documented(*pair))


def refused_settings() -> SearchStrategy[tuple[Parameter, Json]]:
    """A parameter with a number below its minimum or a value of a wrong JSON type."""
    return strategies.sampled_from(RANGED).flatmap(
        lambda parameter: strategies.tuples(
            strategies.just(parameter),
            strategies.one_of(
                strategies.integers(-(2**31), parameter.below).filter(
                    lambda number: not parameter.undecided(number)
                ),
                strategies.sampled_from(list(NOT_A_VALUE.values())),
            ),
        )
    )


def _lengthy(limit: int) -> SearchStrategy[str]:
    return strategies.one_of(
        _WORDS, strategies.sampled_from([limit, limit - 1]).map(lambda size: "k" * size)
    )


def _spoilt(limit: int) -> SearchStrategy[str]:
    inside = strategies.builds(intrusions, _WORDS, strategies.sampled_from([*OUTSIDERS.values()]))
    return strategies.one_of(
        inside.flatmap(strategies.sampled_from),
        strategies.integers(limit + 1, limit + 3).map(lambda size: "k" * size),
        strategies.just(""),
    )


def _unreserved(key: str) -> bool:
    return not key.startswith("chc_")


def _documented(cpu: int, memory: int) -> bool:
    return cpu % 1000 == 0 and 1000 <= cpu <= 32000 and memory * 1000 == 4 * cpu
