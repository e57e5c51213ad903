"""Failures that a test arms: the next change that fits one ends badly.

Only the control endpoint arms any (see `control`), and they are kept in memory only. A change that
was made to fail is marked in its document, so that it fails after a restart of the server as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

#: The changes of each family that can end badly. A removal is none of them: no document has a
#: state that a deleted resource could go back to.
TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "clickhouse": (
        "creating",
        "restoring_backup",
        "replaying_wal",
        "finalizing_restore",
        "restarting",
        "resizing",
    ),
    "dbaas": ("creating", "updating", "creating_user", "creating_database"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What is to fail: a transition of a family, of any resource or of one, so many times.

    Attributes:
        family: A key of `TRANSITIONS`.
        transition: One of its values.
        id: The resource; empty for any.
        name: The name that the resource has when the change begins; empty for any.
        times: How many changes are left to fail, from 1 on.
    """

    family: str
    transition: str
    id: str = ""
    name: str = ""
    times: int = 1

    def concerns(self, family: str, transition: str, id: str, name: str) -> bool:
        """Tell whether a change that begins is meant."""
        return (
            (self.family, self.transition) == (family, transition)
            and self.id in ("", id)
            and self.name in ("", name)
        )


class Failures:
    """The armed failures, oldest first."""

    def __init__(self) -> None:
        self._armed: list[Failure] = []

    @property
    def armed(self) -> tuple[Failure, ...]:
        """What has still to fail."""
        return tuple(self._armed)

    def arm(self, failure: Failure) -> None:
        """Let the next fitting changes fail."""
        self._armed.append(failure)

    def clear(self) -> None:
        """Let nothing fail any more; changes that are under way keep their fate."""
        self._armed.clear()

    def strike(self, family: str, transition: str, id: str, name: str) -> bool:
        """Tell whether a change that begins now must fail, and count it."""
        for index, failure in enumerate(self._armed):
            if failure.concerns(family, transition, id, name):
                left = replace(failure, times=failure.times - 1)
                self._armed[index : index + 1] = [left] if left.times else []
                return True
        return False
