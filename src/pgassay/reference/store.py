"""Documents in SQLite: what was acknowledged survives `kill -9` when the store is a file."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

Document = dict[str, Any]

_decode = msgspec.json.Decoder(Document).decode

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_by_parent ON documents (kind, parent);
"""


class Store:
    """One SQLite database of JSON documents, addressed by kind and id, listed by parent.

    Threads may share a store. A file belongs to one store at a time: a second one that opens
    it gets OSError, and so does a file that is not a database.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        try:
            self._connection = _connect(path)
            self.fresh = not self._connection.execute("SELECT 1 FROM documents LIMIT 1").fetchone()
        except sqlite3.Error as error:
            raise OSError(f"cannot use {path} as the state file of a server: {error}") from None

    def put(self, kind: str, id: str, parent: str, body: Document) -> None:
        """Write a document; one that exists keeps its place in the order of creation."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO documents (kind, id, parent, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, id) DO UPDATE SET parent = excluded.parent, "
                "body = excluded.body",
                (kind, id, parent, msgspec.json.encode(body)),
            )

    def get(self, kind: str, id: str) -> Document | None:
        """Return a document, or None."""
        with self._lock:
            row = self._connection.execute(
                "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, id)
            ).fetchone()
        return None if row is None else _decode(row[0])

    def children(self, kind: str, parent: str) -> list[Document]:
        """Return the documents of a kind under a parent, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM documents WHERE kind = ? AND parent = ? ORDER BY sequence",
                (kind, parent),
            ).fetchall()
        return [_decode(row[0]) for row in rows]

    def every(self, kind: str) -> list[Document]:
        """Return all documents of a kind, oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM documents WHERE kind = ? ORDER BY sequence", (kind,)
            ).fetchall()
        return [_decode(row[0]) for row in rows]

    def count(self, kind: str, parent: str) -> int:
        """Count the documents of a kind under a parent."""
        with self._lock:
            (number,) = self._connection.execute(
                "SELECT COUNT(*) FROM documents WHERE kind = ? AND parent = ?", (kind, parent)
            ).fetchone()
        return int(number)

    def delete(self, kind: str, id: str) -> None:
        """Remove a document; nothing happens when there is none."""
        with self._lock:
            self._connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, id))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes inside one change: all of them, or none when an exception leaves.

        A transaction inside another is part of it.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the database; the store is of no use afterwards."""
        with self._lock:
            self._connection.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        # The file holds passwords of imaginary services; nobody else needs to read it.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(
        path or ":memory:", isolation_level=None, check_same_thread=False, timeout=0
    )
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL waits for the disk at each commit (https://sqlite.org/pragma.html#pragma_synchronous),
        # so an answer that left outlives a power cut too. NORMAL would outlive only the process.
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
