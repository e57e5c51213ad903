"""The databases behind a target: logins and statements through psycopg, each one journalled.

They are the witnesses of what the API says. Every statement has a session of its own, so that it
meets the passwords, the configuration and the role that hold now.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pgassay.client import Client
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Json
from pgassay.target.model import Timing
from pgassay.waiting import Waited, wait_until

#: libpq counts connect_timeout in whole seconds, and takes 1 for 2 (documentation, section 32.1.2).
_SHORTEST: Final = 2
_MEMBER: Final = re.compile(r"\{([^{}]*)\}")
#: Rows and texts in messages are cut to so many characters.
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What PostgreSQL said to one statement.

    `place` is `user@host:port/database`. `refusal` is empty when the statement was carried out;
    `connected` tells whether there was a session at all, `encrypted` whether it used TLS.
    `sqlstate` is the code of a refused statement (PostgreSQL documentation, appendix A).
    """

    place: str
    statement: str
    rows: tuple[tuple[Any, ...], ...] = ()
    refusal: str = ""
    sqlstate: str = ""
    connected: bool = False
    encrypted: bool = False

    @property
    def succeeded(self) -> bool:
        """Tell whether the statement was carried out."""
        return not self.refusal

    @property
    def value(self) -> Any:
        """The first column of the first row, or None."""
        return self.rows[0][0] if self.rows and self.rows[0] else None

    @property
    def line(self) -> str:
        """One line for people: where, what, and what came back."""
        came = self.refusal or (repr([*self.rows]) if self.rows else "done")
        return f"{self.place}: {self.statement} -> {came[:_LONGEST]}"


class Database:
    """One database, and the role that logs in to it."""

    def __init__(self, client: Client, parameters: Mapping[str, str]) -> None:
        """Reach it with libpq's connection `parameters`; the session of `client` is told of all."""
        self._client = client
        self._parameters = dict(parameters)
        client.vault.learn(self._parameters.get("password", ""))

    @classmethod
    def of(cls, client: Client, conninfo: str, **parameters: str) -> "Database":
        """Read a connection string, URI or `key=value`; `parameters` go before its own.

        Raises `Deviation` when libpq does not understand it.
        """
        import psycopg  # noqa: PLC0415 - takes half a second, which runs without databases save

        try:
            read = psycopg.conninfo.conninfo_to_dict(conninfo)
        except psycopg.Error:
            # What libpq says of it may quote the password.
            raise Deviation(
                "libpq does not understand the connection string",
                "a connection URI (PostgreSQL documentation, section 32.1.1.2)",
                f"{client.vault.text(conninfo)[:_LONGEST]}",
            ) from None
        return cls(client, {**{key: str(value) for key, value in read.items()}, **parameters})

    def changed(self, **parameters: str) -> "Database":
        """The same database with other connection parameters, such as another password."""
        return Database(self._client, {**self._parameters, **parameters})

    def beside(self, host: str) -> "Database":
        """The same on another host; raises `NotTestable` where this one is told by its address."""
        if "hostaddr" in self._parameters:
            raise NotTestable("the connection string tells an address, which another host lacks")
        return self.changed(host=host)

    @property
    def timing(self) -> Timing:
        """The target's budgets."""
        return self._client.target.timing

    @property
    def place(self) -> str:
        """Where this is, without a secret."""
        known = self._parameters
        host = known.get("host", "") or known.get("hostaddr", "")
        address = f"{host}:{known.get('port', '5432')}/{known.get('dbname', '')}"
        return self._client.vault.text(f"{known.get('user', '')}@{address}")

    def ask(self, statement: str, *values: Json) -> Answer:
        """Log in, send a statement in a transaction of its own, and return what came back."""
        answer = self._ask(statement, values)
        if values:
            bound = self._client.vault.text(", ".join(map(repr, values)))
            answer = replace(answer, statement=f"{answer.statement} with {bound}")
        self._client.journal.event(
            "statement",
            check=self._client.check,
            place=answer.place,
            statement=answer.statement,
            rows=len(answer.rows),
            refusal=answer.refusal,
        )
        return answer

    def wait(
        self, statement: str, reached: Callable[[Answer], bool], budget: float
    ) -> Waited[Answer]:
        """Ask until `reached` holds or `budget` seconds are over; the caller judges."""
        poll = self.timing.poll
        return wait_until(lambda: self.ask(statement), reached, budget=budget, poll=poll)

    def _ask(self, statement: str, values: tuple[Json, ...]) -> Answer:
        import psycopg  # noqa: PLC0415 - as above

        connected, encrypted = False, False
        seconds = self.timing.request
        limits = {
            "connect_timeout": str(max(round(seconds), _SHORTEST)),
            "options": f"-c statement_timeout={round(seconds * 1000)}",
        }
        conninfo = psycopg.conninfo.make_conninfo("", **{**limits, **self._parameters})
        try:
            with psycopg.connect(conninfo, autocommit=True) as connection:
                connected, encrypted = True, connection.pgconn.ssl_in_use
                cursor = connection.execute(statement.encode(), values or None)
                rows = tuple(cursor.fetchall()) if cursor.description else ()
        except psycopg.Error as error:
            refusal = self._client.vault.text(" ".join(str(error).split())) or type(error).__name__
            state = error.sqlstate or ""
            return Answer(self.place, statement, (), refusal, state, connected, encrypted)
        return Answer(self.place, statement, rows, connected=True, encrypted=encrypted)


def filled(template: str, members: Mapping[str, Json]) -> str:
    """Return connection parameters with members in the place of their names in braces.

    A list becomes the comma-separated hosts of libpq. Raises `NotTestable` for a member that is
    not there, or holds what would be read as another parameter.
    """

    def text(found: re.Match[str]) -> str:
        value = members.get(found.group(1))
        listed = value if isinstance(value, list) else [value]
        shown = ",".join(str(item) for item in listed if isinstance(item, str | int))
        if not shown or re.search(r"[\s'\\]", shown):
            raise NotTestable(f"[dbaas] conninfo: the instance shows no usable {found.group(1)!r}")
        return shown

    return _MEMBER.sub(text, template)
