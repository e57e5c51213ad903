"""The file behind a store: a SQLite database that has every write before it is answered."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Place in the order of creation, kind, id, parent, body.
Row = tuple[int, str, str, str, bytes]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    body BLOB NOT NULL
);
"""


class StateFile:
    """Keeps the documents of one store; OSError when it cannot.

    A file belongs to one server at a time, and is for its owner only: it holds passwords of
    imaginary services. A commit waits for the disk, so what was acknowledged outlives not only
    `kill -9` but a power cut.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            self._connection = _connect(path)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def rows(self) -> Iterator[Row]:
        """Yield all documents, oldest first."""
        yield from self._connection.execute(
            "SELECT sequence, kind, id, parent, body FROM documents ORDER BY sequence"
        )

    def write(self, row: Row) -> None:
        """Write a document in its place."""
        self._execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?)", row)

    def remove(self, sequence: int) -> None:
        """Remove the document in a place."""
        self._execute("DELETE FROM documents WHERE sequence = ?", (sequence,))

    def begin(self) -> None:
        """Begin a change of several documents."""
        self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make the change."""
        self._execute("COMMIT")

    def roll_back(self) -> None:
        """Leave everything as it was before the change."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _unusable(self, error: sqlite3.Error) -> OSError:
        return OSError(f"cannot use {self._path} as the state file of a server: {error}")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        # https://sqlite.org/pragma.html#pragma_synchronous: NORMAL would outlive the process only.
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
