"""A made-up application on a service: its statements, and each time that one was executed.

Everything follows from the service's id and the time, so the past is the same whenever it is read.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from pgassay.reference.clickhouse.backend import steady_number

MINUTE = 60_000
_HOUR = 60 * MINUTE

#: What is said of an execution that runs into a time limit (SQLSTATE 57014; severity ERROR).
CANCELED = {
    "errMessage": "canceling statement due to statement timeout",
    "errSqlstate": "57014",
    "errElevel": 21,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who executes a statement: database, role, application name."""

    database: str
    user: str
    app: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A normalized statement with what one execution takes.

    Duration in milliseconds, rows, blocks of the buffer cache, bytes of WAL; `every` is the
    time between two executions in milliseconds.
    """

    text: str
    duration: int
    every: int
    rows: int
    blocks: int
    wal: int = 0

    @property
    def operation(self) -> str:
        """The kind of statement, such as SELECT or UTILITY."""
        word = self.text.partition(" ")[0]
        return word if word in _OPERATIONS else "UTILITY"


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution: when it began (milliseconds since the epoch), and what it took."""

    moment: int
    duration: int
    cpu: int
    rows: int
    blocks_hit: int
    blocks_read: int
    wal: int
    pid: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A statement as one origin executes it on a service; `first` is when it began to."""

    service: str
    number: int
    statement: Statement
    origin: Origin
    first: int

    @property
    def query_id(self) -> str:
        """The identifier of the statement: a signed number of 64 bits, as text."""
        digest = hashlib.blake2b(f"{self.service} {self.statement.text}".encode(), digest_size=8)
        return str(int.from_bytes(digest.digest(), signed=True))

    def executions(self, start: int, end: int) -> Iterator[Execution]:
        """Yield the executions of a span in milliseconds, without its end, oldest first."""
        every = self.statement.every
        # One is late by less than half the time between two, so the order is theirs.
        index = max(0, (start - self.first) // every - 1)
        while self.first + index * every < end:
            execution = self.execution(index)
            if start <= execution.moment < end:
                yield execution
            index += 1

    def execution(self, index: int) -> Execution:
        """Return an execution by its number; a few take long, and a few of them fail."""
        seed = f"{self.service} {self.number} {index}".encode()
        luck = hashlib.blake2b(seed, digest_size=8).digest()
        statement, slow = self.statement, luck[0] > 243
        duration = statement.duration * 1000 * (100 + luck[1] + (1200 + 5 * luck[0]) * slow) // 200
        blocks = statement.blocks * (200 + luck[2]) // 256
        read = blocks * (luck[3] if slow else luck[3] // 16) // 256
        failed = slow and luck[4] < 64
        late = (luck[5] * 256 + luck[6]) * statement.every // 131_072 if index else 0
        return Execution(
            moment=self.first + index * statement.every + late,
            duration=duration,
            cpu=duration * (40 + luck[2] // 8) // 100,
            rows=0 if failed else (statement.rows * (128 + luck[7]) + 128) // 256,
            blocks_hit=blocks - read,
            blocks_read=read,
            wal=0 if failed else statement.wal * (128 + luck[7]) // 256,
            pid=1000 + 16 * self.number + luck[6] % 16,
            failed=failed,
        )


def patterns(service: str, since: int) -> list[Pattern]:
    """Return the patterns of a service whose databases began to work at a time in milliseconds.

    All are executed once in the first seconds; afterwards each keeps its own pace.
    """
    workload = ((statement, origin) for statement in STATEMENTS for origin in _origins(statement))
    return [
        Pattern(service, number, statement, origin, _first(service, number, since))
        for number, (statement, origin) in enumerate(workload)
    ]


def _first(service: str, number: int, since: int) -> int:
    return since + 250 * number + steady_number(f"{service} {number}", 250)


def _origins(statement: Statement) -> tuple[Origin, ...]:
    shared = statement.operation == "SELECT" and statement.every >= _HOUR
    return (_ADMINISTRATION,) if "pg_" in statement.text else (_WEB, _REPORTS)[: 1 + shared]


_OPERATIONS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_ADMINISTRATION = Origin("postgres", "postgres", "psql")
_WEB = Origin("shop", "shop_app", "web")
_REPORTS = Origin("shop", "reporting", "dashboard")

STATEMENTS: tuple[Statement, ...] = (
    Statement("SELECT * FROM orders WHERE customer_id = $1 ORDER BY id", 12, 30 * MINUTE, 40, 90),
    Statement("SELECT id, name FROM products WHERE name ILIKE $1", 85, 20 * MINUTE, 25, 2400),
    Statement("SELECT count(*) FROM orders WHERE created_at > $1", 340, _HOUR, 1, 9800),
    Statement("SELECT * FROM sessions WHERE token = $1", 2, 20 * MINUTE, 1, 4),
    Statement(
        "SELECT c.region, sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id "
        "GROUP BY c.region",
        1900,
        4 * _HOUR,
        12,
        52_000,
    ),
    Statement("SELECT * FROM stock WHERE quantity < reserved FOR UPDATE", 45, 40 * MINUTE, 6, 700),
    Statement("SELECT max(id) FROM events WHERE kind = $1", 620, 2 * _HOUR, 1, 18_000),
    Statement("SELECT * FROM carts WHERE updated_at < $1 LIMIT $2", 150, _HOUR, 100, 3100),
    Statement("SELECT relname, n_dead_tup FROM pg_stat_user_tables", 9, _HOUR, 30, 60),
    Statement("SELECT pg_database_size(datname) FROM pg_database", 28, 3 * _HOUR, 3, 25),
    Statement("INSERT INTO orders (customer_id, total) VALUES ($1, $2)", 4, 20 * MINUTE, 1, 9, 420),
    Statement(
        "INSERT INTO events SELECT * FROM staged_events", 760, 2 * _HOUR, 5000, 8200, 900_000
    ),
    Statement("INSERT INTO sessions (token, customer_id) VALUES ($1, $2)", 3, _HOUR, 1, 7, 310),
    Statement(
        "INSERT INTO prices SELECT * FROM imported_prices", 430, 6 * _HOUR, 2200, 4100, 400_000
    ),
    Statement(
        "UPDATE stock SET quantity = quantity - $1 WHERE id = $2", 6, 30 * MINUTE, 1, 11, 380
    ),
    Statement("UPDATE orders SET state = $1 WHERE id = ANY($2)", 55, _HOUR, 20, 260, 7600),
    Statement("UPDATE customers SET seen_at = now() WHERE id = $1", 3, 25 * MINUTE, 1, 8, 290),
    Statement(
        "UPDATE products SET rank = r.rank FROM ranks r WHERE r.id = products.id",
        2400,
        6 * _HOUR,
        9000,
        31_000,
        2_100_000,
    ),
    Statement("DELETE FROM sessions WHERE expires_at < now()", 130, _HOUR, 300, 1500, 24_000),
    Statement("DELETE FROM carts WHERE id = $1", 4, 50 * MINUTE, 1, 10, 260),
    Statement(
        "DELETE FROM events WHERE created_at < $1", 3100, 8 * _HOUR, 40_000, 44_000, 3_000_000
    ),
    Statement("VACUUM (ANALYZE) events", 5200, 8 * _HOUR, 0, 61_000, 150_000),
    Statement("REFRESH MATERIALIZED VIEW daily_sales", 2700, 4 * _HOUR, 0, 38_000, 800_000),
    Statement("CREATE INDEX ON events (kind, created_at)", 8100, 24 * _HOUR, 0, 70_000, 5_000_000),
    Statement("COPY orders TO STDOUT", 1500, 12 * _HOUR, 30_000, 26_000),
)
