"""Documents in memory, written through to a file when there is one."""

import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from pgassay.reference.state_file import StateFile

Document = dict[str, Any]

#: Place in the order of creation, parent, body.
_Entry = tuple[int, str, bytes]

_decode = msgspec.json.Decoder(Document).decode
_SEQUENCE, _BODY = itemgetter(0), itemgetter(2)


class Store:
    """JSON documents, addressed by kind and id, listed by parent.

    What is read is a copy: who changes a document puts it back. Threads may share a store. With
    a `path`, every write is in that file when it returns, or at the end of its transaction, and
    raises OSError when it cannot be; so does the store itself when the file is of no use.

    `fresh` tells that the store began empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._entries: defaultdict[str, dict[str, _Entry]] = defaultdict(dict)
        self._families: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._last = 0
        # What a transaction has replaced so far; None outside of one.
        self._replaced: list[tuple[str, str, _Entry | None]] | None = None
        self._file = StateFile(path) if path else None
        for sequence, kind, id, parent, body in self._file.rows() if self._file else ():
            self._place(kind, id, (sequence, sys.intern(parent), body))
            self._last = sequence
        self.fresh = not self._last

    def put(self, kind: str, id: str, parent: str, body: Document) -> None:
        """Write a document; one that exists keeps its place in the order of creation."""
        encoded = msgspec.json.encode(body)
        with self._lock:
            known = self._entries[kind].get(id)
            sequence = known[0] if known else self._last + 1
            if self._file:
                self._file.write((sequence, kind, id, parent, encoded))
            self._last = max(self._last, sequence)
            self._place(kind, id, (sequence, sys.intern(parent), encoded))

    def get(self, kind: str, id: str) -> Document | None:
        """Return a document, or None."""
        with self._lock:
            entry = self._entries[kind].get(id)
        return None if entry is None else _decode(entry[2])

    def children(self, kind: str, parent: str) -> list[Document]:
        """Return the documents of a kind under a parent, oldest first."""
        with self._lock:
            ids, entries = self._families.get((kind, parent), ()), self._entries[kind]
            return _documents(entries[id] for id in ids)

    def every(self, kind: str) -> list[Document]:
        """Return all documents of a kind, oldest first."""
        with self._lock:
            return _documents(self._entries[kind].values())

    def count(self, kind: str, parent: str) -> int:
        """Count the documents of a kind under a parent."""
        with self._lock:
            return len(self._families.get((kind, parent), ()))

    def delete(self, kind: str, id: str) -> None:
        """Remove a document; nothing happens when there is none."""
        with self._lock:
            known = self._entries[kind].get(id)
            if known:
                if self._file:
                    self._file.remove(known[0])
                self._place(kind, id, None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes inside one change: all of them, or none when an exception leaves.

        A transaction inside another is part of it.
        """
        with self._lock:
            if self._replaced is not None:
                yield
                return
            self._replaced = []
            try:
                if self._file:
                    self._file.begin()
                yield
                if self._file:
                    self._file.commit()
            except BaseException:
                self._undo(self._replaced)
                raise
            finally:
                self._replaced = None

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            if self._file:
                self._file.close()

    def _place(self, kind: str, id: str, entry: _Entry | None) -> None:
        """Have an entry in memory, or none; remember what was there before."""
        before = self._entries[kind].pop(id, None) if entry is None else self._entries[kind].get(id)
        if self._replaced is not None:
            self._replaced.append((kind, id, before))
        if before:
            self._families[kind, before[1]].remove(id)
        if entry:
            self._entries[kind][id] = entry
            self._families[kind, entry[1]].add(id)
        elif before and not self._families[kind, before[1]]:
            del self._families[kind, before[1]]

    def _undo(self, replaced: list[tuple[str, str, _Entry | None]]) -> None:
        self._replaced = None
        for kind, id, entry in reversed(replaced):
            self._place(kind, id, entry)
        if self._file:
            self._file.roll_back()


def _documents(entries: Iterable[_Entry]) -> list[Document]:
    return [_decode(body) for body in map(_BODY, sorted(entries, key=_SEQUENCE))]
