"""Work is done in as many places as there are, and fails as if it were done in one."""

from collections.abc import Callable

import pytest

from pgassay.traffic import labour


class Pool:
    """Runs what was spawned when it is joined; an empty one is falsy, as gevent's is."""

    def __init__(self) -> None:
        self.waiting: list[Callable[..., None]] = []
        self.spawned = 0

    def __len__(self) -> int:
        return len(self.waiting)

    def spawn(self, function: Callable[..., None], *arguments: object) -> None:
        self.spawned += 1
        self.waiting.append(function)

    def join(self, timeout: float) -> None:
        while self.waiting:
            self.waiting.pop()()


def test_an_empty_pool_is_a_pool_and_all_its_places_are_used() -> None:
    left, pool = list(range(20)), Pool()

    def step() -> bool:
        if left:
            left.pop()
        return bool(left)

    labour.repeat(step, pool, 4)
    assert (left, pool.spawned) == ([], 4)


@pytest.mark.parametrize("pool", [None, Pool()])
def test_what_a_step_raises_ends_all_and_is_raised_again(pool: Pool | None) -> None:
    taken = 0

    def step() -> bool:
        nonlocal taken
        taken += 1
        if taken == 3:
            raise ValueError("the third")
        return True

    with pytest.raises(ValueError, match="the third"):
        labour.repeat(step, pool, 4)
    assert taken == 3
