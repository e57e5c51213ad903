"""Rule 8, the changes that take place at once: each operation acknowledges one and forgets it."""

from collections.abc import Iterator
from typing import Any, Final

from pgassay.mutants.derived.faults import service_of, when_asked
from pgassay.mutants.derived.operations import Operation, asked, operations
from pgassay.mutants.mutant import Mutant
from pgassay.reference.store import Document, Store

NAME: Final = "change"


class _Forgetful:
    """A store that keeps nothing of what one operation writes or removes."""

    def __init__(self, store: Store, operation: str) -> None:
        self._store = store
        self._operation = operation

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, kind: str, id: str, parent: str, body: Document) -> None:
        if asked() != self._operation:
            self._store.put(kind, id, parent, body)

    def delete(self, kind: str, id: str) -> None:
        if asked() != self._operation:
            self._store.delete(kind, id)


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for one in operations().values():
        if one.changes:
            does = "is acknowledged, and nothing is changed"
            yield when_asked(NAME, one, "change-lost", does, _forgetting(one))


def _forgetting(one: Operation) -> type[Any]:
    service = service_of(one)

    def begin(self: Any, settings: Any, store: Store, *others: Any) -> None:
        service.__init__(self, settings, _Forgetful(store, one.id), *others)

    return type("Forgetting", (service,), {"__init__": begin})
