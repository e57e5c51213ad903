"""Services or instances that checks use one after another.

A creation takes a real target minutes, so nothing is created for one check that another one has
done with.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pgassay.client import Client
from pgassay.deviation import Deviation, NotJudged, NotTestable, Unaffordable
from pgassay.exchange import Json
from pgassay.ownership import SHARED

T = TypeVar("T")


class Pool:
    """The services, or instances, of this run that no check uses now."""

    def __init__(
        self,
        client: Client,
        request: Callable[..., str],
        ready: Callable[[str], dict[str, Json] | None],
        identifier: str,
    ) -> None:
        """Say how one is created and waited for.

        `request` takes the members of a creation and returns an identifier; `ready` returns what a
        read shows, None of what is gone or going; `identifier` is the member that tells which.
        """
        self.client = client
        self._request = request
        self._ready = ready
        self.identifier = identifier
        self._idle: list[str] = []
        self._worn: list[str] = []

    def order(self) -> None:
        """Have one created that will be needed; nobody waits for it yet."""
        self.give(self._new())

    def take(self, *, worn: bool = False, **members: Json) -> dict[str, Json]:
        """Return a ready one that has these members of a creation; it is made if there is none.

        With `worn` it may have any legal values and be at any limit. Raises `Unaffordable` when the
        limits of the target allow no other one, `Deviation` when a new one does not get ready.
        """
        shown = self.look(worn=worn, **members)
        self._drop(str(shown[self.identifier]))
        return shown

    def look(self, *, worn: bool = False, **members: Json) -> dict[str, Json]:
        """Return what `take` would, and leave it in the pool: for the present check alone.

        As long as it is whole, the next one who asks for the same gets the same.
        """
        with self.client.acting_for(SHARED):
            for identifier in (*(self._worn if worn or members else ()), *self._idle):
                shown = self._whole(identifier)
                if shown is None:
                    self._drop(identifier)
                elif members.items() <= shown.items():
                    break
            else:
                identifier = self._new(**members)
                self.give(identifier)
                shown = self._ready(identifier)
            if worn or members:
                self._drop(identifier)
                self._worn.insert(0, identifier)
        if shown is None:
            raise NotTestable("what was created is gone before it was ready")
        return shown

    def give(self, identifier: str, *, worn: bool = False) -> None:
        """Take back what a check has done with; `worn` what is not as creations usually are."""
        (self._worn if worn else self._idle).append(identifier)

    @property
    def empty(self) -> bool:
        """Tell whether nothing is here for those who take anything."""
        return not self._worn

    def surrender(self) -> str | None:
        """Give up one that nobody uses, so that it can be deleted; None when there is none."""
        left = self._worn or self._idle
        return left.pop(0) if left else None

    def _drop(self, identifier: str) -> None:
        for each in (self._worn, self._idle):
            if identifier in each:
                each.remove(identifier)

    def _whole(self, identifier: str) -> dict[str, Json] | None:
        try:
            return self._ready(identifier)
        except (Deviation, NotJudged):
            return None

    def permit(self) -> None:
        """Make room for one more; raise `Unaffordable` when the limits leave none to be created."""
        allowance = self.client.allowance
        if not allowance.spare:
            raise Unaffordable(
                f"the {allowance.total} services and instances that [limits] allows are used up"
            )
        self.client.make_room(allowance.reserve + 1)

    def _new(self, **members: Json) -> str:
        self.permit()
        with self.client.acting_for(SHARED):
            return self._request(**members)


def generous(client: Client) -> bool:
    """Tell whether something may be created that no other check can use; else the note says so."""
    if client.allowance.limited:
        client.remarks.append("not tried: [limits] is for what other checks can use as well")
    return not client.allowance.limited


def affordable(client: Client, wanted: Sequence[T], what: str) -> Sequence[T]:
    """As much of what is `wanted` as may be created still; the check's note tells of the rest.

    Raises `Unaffordable` when that is nothing.
    """
    tried = wanted[: client.allowance.share]
    if wanted and not tried:
        raise Unaffordable(f"[limits] leaves nothing to be created for {what}")
    if len(tried) < len(wanted):
        client.remarks.append(
            f"tried {len(tried)} of {len(wanted)} {what}: [limits] leaves no more to be created"
        )
    return tried
