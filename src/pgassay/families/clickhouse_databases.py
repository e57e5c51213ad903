"""The databases of the clickhouse family's services: the way in, copies, moments to restore to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from pgassay.database import Answer, Database
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange, Json
from pgassay.families.certificates import bundle
from pgassay.families.clickhouse import ClickhouseApi, result
from pgassay.families.clickhouse_copies import replica_body, with_backup
from pgassay.families.data_plane import (
    READ_ONLY,
    Sentinel,
    claimed,
    expect_becomes,
    expect_done,
    expect_opened,
    expect_value,
)
from pgassay.waiting import wait_until

#: When the server process of a service started; another value means that it was restarted.
STARTED: Final = "SELECT pg_postmaster_start_time()::text"
#: Whether a server follows another one.
FOLLOWS: Final = "SELECT pg_is_in_recovery()"


@dataclass(slots=True)
class Backed:
    """A running service and the way into its database, as the answer to its creation told it.

    A check that changes the password puts the new one into `database`.
    """

    id: str
    created: Exchange
    database: Database

    @property
    def answered(self) -> Mapping[str, Json]:
        """The service as the answer to its creation showed it."""
        shown: dict[str, Json] = result(self.created)
        return shown


def backed(api: ClickhouseApi) -> Backed:
    """Create a service whose creation tells how to connect, and wait until it runs.

    Raises `NotApplicable` where databases are not claimed, `NotTestable` where the answer holds no
    connection string.
    """
    claimed(api.client)
    exchange = api.create()
    created = result(exchange)
    if not isinstance(created, dict) or not isinstance(created.get("connectionString"), str):
        raise NotTestable(f"the creation of a service told no connection string: {exchange.line}")
    identity = str(created["id"])
    api.wait_running(identity)
    return Backed(identity, exchange, Database.of(api.client, created["connectionString"]))


def copy_of(api: ClickhouseApi, source: Backed, exchange: Exchange) -> Backed:
    """The running copy that `exchange` promised; its users and passwords are those of its source.

    Where reads hide connection strings, it is reached as its source is, under its own host name.
    """
    made = result(exchange)
    if not exchange.succeeded or not isinstance(made, dict) or "id" not in made:
        raise NotTestable(f"no copy is made: {exchange.line}")
    identity = str(made["id"])
    api.wait_running(identity)
    shown = api.shown(identity)
    uri = shown.get("connectionString") or made.get("connectionString")
    if isinstance(uri, str):
        database = Database.of(api.client, uri)
    else:
        database = source.database.beside(str(shown.get("hostname")))
    return Backed(identity, exchange, database)


def replica_of(api: ClickhouseApi, source: Backed) -> Backed:
    """A running read replica."""
    body = replica_body(api)
    return copy_of(api, source, with_backup(api, lambda: api.replicate(source.id, body)))


def restored_between(
    api: ClickhouseApi, source: Backed, sentinel: Sentinel
) -> tuple[Backed, str, str]:
    """Restore to a moment between two commits; gives the copy, the row before and the row after.

    A target that no backup reaches yet is refused: then there is another moment, within the budget
    of a first backup.
    """
    rows: list[str] = []

    def send() -> Exchange:
        rows[:] = [api.names.identifier(), api.names.identifier()]
        sentinel.plant(rows[0])
        moment = _whole_second(source.database)
        sentinel.plant(rows[1])
        return api.restore(source.id, replica_body(api, restoreTarget=moment))

    return copy_of(api, source, with_backup(api, send)), rows[0], rows[1]


def expect_following(source: Backed, replica: Backed, mark: str) -> None:
    """Expect that a replica is in recovery, comes to show a new row of its source, and takes none.

    The row, which is `mark`, must come within the budget of a configuration change.
    """
    judged, way, sentinel = "CH-DATA-REPLICA", replica.database, Sentinel(source.database)
    expect_opened(way, "nobody can log in to the read replica", judged)
    expect_value(way.ask(FOLLOWS), True, "a read replica is not in recovery", judged)  # noqa: FBT003
    sentinel.plant(mark)
    budget = way.timing.config
    waited = wait_until(
        lambda: sentinel.seen(mark, way),
        lambda answer: answer.value == 1,
        budget=budget,
        poll=way.timing.poll,
    )
    title = f"a read replica does not show a commit of its source within {budget:g} s"
    expect_value(waited.value, 1, title, judged)
    written = Sentinel(way).write(mark)
    if written.succeeded or written.sqlstate != READ_ONLY:
        title, expected = "a read replica takes a write", f"the refusal {READ_ONLY}"
        raise Deviation(title, expected, written.line, judged)


def expect_independent(api: ClickhouseApi, source: Backed, promoted: Backed, mark: str) -> None:
    """Expect that a promoted service has the row `mark`, and that it and its source are apart."""
    judged, way = "CH-DATA-PROMOTE", promoted.database
    title = "a promoted service is still in recovery"
    expect_becomes(way, FOLLOWS, value=False, title=title, requirement=judged)
    title = "a promoted service has lost data of its source"
    expect_value(Sentinel(way).seen(mark), 1, title, judged)
    written = Sentinel(way).write(api.names.identifier())
    expect_done(written, "a promoted service refuses a write", judged)
    judged, later = "CH-DATA-PROMOTE-SOURCE", api.names.identifier()
    written = Sentinel(source.database).write(later)
    expect_done(written, "after the promotion of its replica a service refuses a write", judged)
    title = "a promoted service goes on following its source"
    expect_value(Sentinel(way).seen(later), 0, title, judged)


def set_password(api: ClickhouseApi, backed: Backed, body: Json) -> tuple[Database, Exchange]:
    """Change the superuser's password; gives the way in by the one before, and the answer.

    Without a password in `body` it is the one that the answer holds.
    """
    former = backed.database
    exchange = api.set_password(backed.id, body)
    answer = result(exchange)
    shown = answer.get("password") if isinstance(answer, dict) else None
    password = body.get("password", shown)
    if not exchange.succeeded or not isinstance(password, str):
        raise NotTestable(f"no password was set: {exchange.line}")
    backed.database = former.changed(password=password)
    return former, exchange


def expect_verified(api: ClickhouseApi, backed: Backed, title: str) -> None:
    """Expect that the server's certificate is one of the service's CA, for its host name.

    Raises `NotTestable` where the server speaks no TLS.
    """
    if not backed.database.ask("SELECT 1").encrypted:
        raise NotTestable("the connection string leads to a server without TLS")
    exchange = api.certificates(backed.id)
    bundle(exchange)
    with NamedTemporaryFile(suffix=".pem") as file:
        Path(file.name).write_bytes(exchange.body)
        verified = backed.database.changed(sslmode="verify-full", sslrootcert=file.name)
        expect_opened(verified, title)


def _whole_second(database: Database) -> str:
    """Wait until PostgreSQL's clock is past the next whole second, and return that one."""
    question = "SELECT date_trunc('second', clock_timestamp()) + interval '1 second'"
    moment = database.ask(question).value
    if moment is None:
        raise NotTestable("the server does not tell the time")
    stamp = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    passed = f"SELECT clock_timestamp() > timestamptz '{stamp}'"
    if not database.wait(passed, _is_true, database.timing.config).reached:
        raise NotTestable("the server's clock stands still")
    return stamp


def _is_true(answer: Answer) -> bool:
    return answer.value is True
