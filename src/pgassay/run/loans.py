"""What fixtures lend to checks, and what becomes of it when the last check that needs it is over.

A creation may take minutes, and a target may allow few: what checks will wait for is asked for
before the first of them runs, and nothing is kept that no check will ask for again.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from pgassay.client import Client
from pgassay.deviation import Deviation, NotJudged
from pgassay.exchange import Json
from pgassay.families import ClickhouseApi, DbaasApi
from pgassay.families.clickhouse_specimens import short_name
from pgassay.families.pool import Pool
from pgassay.ownership import SHARED
from pgassay.run.cleanup import Cleaner

Made = TypeVar("Made")


class Loans:
    """The resources that are lent now, by the fixture that lends them."""

    def __init__(self, client: Client, cleaner: Cleaner) -> None:
        """Nothing is lent yet; what is not returned to a pool goes to `cleaner`."""
        self._client = client
        self._cleaner = cleaner
        self._uses: Counter[str] = Counter()
        #: Takes back what was lent; True says that no check complained of it.
        self._ends: dict[str, Callable[[bool], None]] = {}
        self._single: set[str] = set()
        self._spoilt: set[str] = set()

    def expect(self, checks: Iterable[Iterable[str]]) -> None:
        """Say of each check that will run which fixtures it uses."""
        for fixtures in checks:
            self._uses.update(set(fixtures))

    def order(self, clickhouse: ClickhouseApi, dbaas: DbaasApi) -> None:
        """Have created at once what checks will wait for, so that it gets ready side by side."""
        # Its name is one that checks look at anyway.
        specimen = partial(clickhouse.specimen, name=short_name(clickhouse.names))
        orders: list[tuple[tuple[str, ...], Callable[[], object]]] = [
            (("service",), clickhouse.creation_answer),
            (("own_service", "primary"), specimen),
            (("instance",), dbaas.proof_of_creation),
            (("own_instance",), dbaas.pool.order),
        ]
        for fixtures, order in orders:
            if any(self._uses[fixture] for fixture in fixtures):
                with contextlib.suppress(Deviation, NotJudged):  # the fixture will say it
                    order()

    def borrow(
        self, fixture: str, pool: Pool, *, single: bool = False, worn: bool = False, **members: Json
    ) -> dict[str, Json]:
        """Lend what `Pool.take` returns until the last check is over that uses `fixture`.

        With `single` until the present one is.
        """
        lent = pool.take(worn=worn, **members)
        identifier = str(lent[pool.identifier])

        def end(sound: bool) -> None:  # noqa: FBT001 - one of many ends
            if sound:
                pool.give(identifier, worn=worn or bool(members))
            else:
                self._cleaner.remove(identifier)

        self._ends[fixture] = end
        if single:
            self._single.add(fixture)
        return lent

    def copy(self, fixture: str, pool: Pool, make: Callable[[], Made]) -> Made:
        """Make a copy that is removed once the last check is over that uses `fixture`."""
        made, ownership = set[str](), self._client.ownership
        before = {resource.id for resource in ownership.remaining()}

        def end(_sound: bool) -> None:  # noqa: FBT001 - one of many ends
            for identifier in made:
                # Its source can serve others only when it is gone.
                self._cleaner.remove(identifier, wait=True)

        pool.permit()
        with self._client.acting_for(SHARED):
            try:
                return make()
            finally:
                made |= {resource.id for resource in ownership.remaining()} - before
                self._ends[fixture] = end

    def inherit(self, check: str, pools: Mapping[str, Pool]) -> None:
        """Keep one thing of a kind that a check created and left, for those who take anything."""
        ownership = self._client.ownership
        for left in ownership.remaining(check):
            pool = pools.get(left.kind)
            if pool is not None and pool.empty and left.credential == "main" and not left.derived:
                ownership.share(left)
                pool.give(left.id, worn=True)

    def over(self, fixtures: Iterable[str], *, sound: bool) -> None:
        """A check is over: take back what nobody needs now, dependents before what they need."""
        used = set(fixtures)
        self._uses.subtract(used)
        if not sound:
            self._spoilt |= used
        for fixture in reversed(list(self._ends)):
            if fixture in self._single or self._uses[fixture] <= 0:
                self._ends.pop(fixture)(fixture not in self._spoilt)
                self._spoilt.discard(fixture)
