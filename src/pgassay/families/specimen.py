"""Valid creations that many checks look at.

Boundary values of independent members are packed into few creations, and each check judges the
member that it is about. Where a packed creation is refused, each of its values gets one of its
own, so that the culprit alone fails.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pgassay.exchange import Exchange, Json
from pgassay.families.pool import Pool
from pgassay.ownership import SHARED


@dataclass(frozen=True, slots=True)
class Specimen:
    """What was asked for, what was answered, and the read and the list right after it.

    Where the creation was refused, the refusal stands for read and list as well. `configuration`
    is what came to be read where a configuration was part of the request.
    """

    body: Mapping[str, Json]
    exchange: Exchange
    read: Exchange
    listed: Exchange
    configuration: Json = None


class Specimens:
    """The specimens of one family, made when the first check asks for them."""

    def __init__(
        self,
        pool: Pool,
        packs: Callable[[], Iterable[Mapping[str, Json]]],
        usual: Callable[[Mapping[str, Json]], bool],
        make: Callable[[Mapping[str, Json]], tuple[Specimen, str]],
    ) -> None:
        """`packs` are members of creations; `make` makes one and returns the identifier, too.

        `usual` tells of members whether what is made with them serves every check.
        """
        self._pool = pool
        self._packs = packs
        self._usual = usual
        self._make = make
        self._known: list[Specimen | Mapping[str, Json]] = []

    def showing(self, members: Mapping[str, Json], needs: Mapping[str, Json]) -> Specimen:
        """A creation that has these members, and others unless that one was refused.

        `needs` are others that a body of its own must have to be valid. Raises `NotTestable` when
        the limits of the target allow no more creations.
        """
        self._known = self._known or list(self._packs())
        for at, known in enumerate(self._known):
            packed = known.body if isinstance(known, Specimen) else known
            if members.items() <= packed.items():
                specimen = known if isinstance(known, Specimen) else self._packed(known)
                self._known[at] = specimen
                if specimen.exchange.succeeded:
                    return specimen
        self._pool.permit()
        return self._make({**needs, **members})[0]

    def _packed(self, members: Mapping[str, Json]) -> Specimen:
        self._pool.permit()
        with self._pool.client.acting_for(SHARED):
            specimen, identifier = self._make(members)
        if identifier:
            # Its values were looked at: what becomes of it now matters to nobody.
            self._pool.give(identifier, worn=not self._usual(members))
        return specimen
