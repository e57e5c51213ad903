"""In which order checks run: what many need comes before what few need, and drawing comes last.

What is shared gets ready while checks run that do not need it, is given up when its last reader is
done, and what a target allows to be created goes to those first who cannot do without.
"""

import random
from collections.abc import Mapping, Sequence
from itertools import chain, groupby, zip_longest
from typing import Final

import pytest

from pgassay.check import CREATES, KIND

_FIRST: Final = 0
#: A check comes after those that do without the last of its fixtures in this list.
_STAGES: Final[Mapping[str, int]] = {
    name: stage
    for stage, names in enumerate(
        (
            ("service", "observed", "instance", "user", "site"),
            ("own_service", "own_instance"),
            ("worn_service", "worn_instance"),
            ("primary",),
            ("standby",),
            ("replica",),
            ("promotion",),
            ("restoration",),
            ("deletion",),
            ("doomed_service", "doomed_instance"),
        ),
        start=_FIRST + 1,
    )
    for name in names
}
_CREATING: Final = 20
_DRAWING: Final = 21


def stage(item: pytest.Item) -> int:
    """How late a check comes."""
    kind = item.get_closest_marker(KIND)
    if kind is not None and kind.args[0] != "check":
        return _DRAWING
    if item.get_closest_marker(CREATES) is not None:
        return _CREATING
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return max((_STAGES.get(name, _FIRST) for name in fixtures), default=_FIRST)


def _in_turn(items: list[pytest.Item]) -> list[pytest.Item]:
    """Let checks that use things up come after some that leave them, in turn."""
    uses, leaves = (_by_check(items, wanted) for wanted in (_STAGES["doomed_service"], _CREATING))
    turns = chain.from_iterable(zip_longest(leaves, uses, fillvalue=()))
    between = list(chain.from_iterable(turns))
    moved = set(between)
    before = [each for each in items if each not in moved and stage(each) < _DRAWING]
    return [*before, *between, *(each for each in items if stage(each) == _DRAWING)]


def _by_check(items: list[pytest.Item], wanted: int) -> list[list[pytest.Item]]:
    found = (each for each in items if stage(each) == wanted)
    return [list(cases) for _, cases in groupby(found, lambda each: each.nodeid.split("[")[0])]


def arrange(items: list[pytest.Item], seed: int | None) -> None:
    """Put checks into their order; into one that is drawn from `seed` where there is one."""
    if seed is None:
        items.sort(key=stage)
        items[:] = _in_turn(items)
    else:
        random.Random(f"{seed}/order").shuffle(items)
