"""What checks expect of PostgreSQL: answers, refusals, and changes that come within a budget."""

from typing import Any

from pgassay.client import Client
from pgassay.database import Answer, Database
from pgassay.deviation import Deviation, NotApplicable, NotTestable
from pgassay.exchange import Exchange

FEATURE = "data_plane"
#: The SQLSTATE of a statement that lacks a privilege (PostgreSQL documentation, appendix A).
NOT_PERMITTED = "42501"
#: That of a write in a read-only transaction, such as on a standby.
READ_ONLY = "25006"


def claimed(client: Client) -> None:
    """Raise `NotApplicable` unless the target claims that databases can be reached."""
    if not client.target.features.get(FEATURE, False):
        raise NotApplicable(f"the target does not claim the feature {FEATURE}")


def expect_done(
    answer: Answer, title: str, requirement: str = "", exchange: Exchange | None = None
) -> Answer:
    """Expect that a statement was carried out; returns the answer."""
    if not answer.succeeded:
        expected = "the statement to be carried out"
        raise Deviation(title, expected, answer.line, requirement, exchange)
    return answer


def expect_value(
    answer: Answer,
    value: Any,
    title: str,
    requirement: str = "",
    exchange: Exchange | None = None,
) -> None:
    """Expect that a query answers with one value."""
    if not answer.succeeded or answer.value != value:
        raise Deviation(title, repr(value), answer.line, requirement, exchange)


def expect_kept_out(database: Database, right: Database, title: str, requirement: str = "") -> None:
    """Expect that a login is refused, while one that is `right` gets in.

    Raises `NotTestable` when the right one does not: nothing is proven then.
    """
    answer, twin = database.ask("SELECT 1"), right.ask("SELECT 1")
    if not twin.connected:
        raise NotTestable(f"the right login is refused as well: {twin.line}")
    if answer.connected:
        raise Deviation(title, "the login to be refused", answer.line, requirement)


def expect_becomes(
    database: Database,
    statement: str,
    value: Any,
    title: str,
    requirement: str = "",
    budget: float = 0.0,
) -> None:
    """Expect that a query comes to answer with `value`; the default budget is `[timing] config`."""
    seconds = budget or database.timing.config
    waited = database.wait(statement, lambda answer: answer.value == value, seconds)
    if not waited.reached:
        raise Deviation(title, f"{value!r} within {seconds:g} s", waited.value.line, requirement)


def expect_closed(database: Database, title: str, requirement: str = "") -> None:
    """Expect that nobody gets in any longer, within the budget `[timing] delete`."""
    budget = database.timing.delete
    waited = database.wait("SELECT 1", lambda answer: not answer.connected, budget)
    if not waited.reached:
        expected = f"no login any longer within {budget:g} s"
        raise Deviation(title, expected, waited.value.line, requirement)


def expect_opened(database: Database, title: str, requirement: str = "") -> None:
    """Expect that a login succeeds within the budget `[timing] config`."""
    expect_becomes(database, "SELECT 1", 1, title, requirement)


class Sentinel:
    """A table of one text column, whose rows show which commits a server has."""

    _MADE = "CREATE TABLE IF NOT EXISTS pgassay_sentinel (mark text)"
    _FILLED = "INSERT INTO pgassay_sentinel VALUES (%s)"
    _COUNTED = "SELECT count(*) FROM pgassay_sentinel WHERE mark = %s"

    def __init__(self, database: Database) -> None:
        """Use the table in `database`, which is made with the first row."""
        self.database = database

    def write(self, mark: str) -> Answer:
        """Commit a row."""
        made = self.database.ask(self._MADE)
        return self.database.ask(self._FILLED, mark) if made.succeeded else made

    def plant(self, mark: str) -> None:
        """Commit a row that a check builds on; raises `NotTestable` when that is refused."""
        answer = self.write(mark)
        if not answer.succeeded:
            raise NotTestable(f"no row can be written: {answer.line}")

    def seen(self, mark: str, database: Database | None = None) -> Answer:
        """Count the row, here or in another database that should be a copy."""
        return (database or self.database).ask(self._COUNTED, mark)
