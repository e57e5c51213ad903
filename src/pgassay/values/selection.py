"""Which cases of a table run in the quick profile."""

from collections.abc import Collection, Mapping
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

from pgassay.check import FULL

T = TypeVar("T")


def cases(values: Mapping[str, T], quick: Collection[str] | None = None) -> list[ParameterSet]:
    """One case for each entry, named by its key; with `quick`, the others are for the full profile.

    An entry that is a tuple holds the values of several parameters.

    Requests cost time and money: the quick profile tries the near misses that servers really
    accept by mistake, the full one tries all.
    """
    later = getattr(pytest.mark, FULL)
    return [
        pytest.param(
            *_values(value), id=name, marks=() if quick is None or name in quick else later
        )
        for name, value in values.items()
    ]


def _values(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
