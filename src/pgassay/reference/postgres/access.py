"""How the data plane itself gets into its clusters: a role of its own, with a password.

There is no trust authentication anywhere: without the password a process of another user on the
machine gets in nowhere, whatever the permissions of sockets.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from pgassay.reference.dbaas.scram import verifier
from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.folder import Folder, replace_text
from pgassay.reference.postgres.problem import PlaneError

HOST = "127.0.0.1"
#: The clickhouse family gives users no roles, and the dbaas family takes no name that begins so.
ROLE = "dbaas_plane"
#: The superuser of every cluster; nobody has its password unless a service's owner was given it.
SUPERUSER = "postgres"

Connection = psycopg.Connection[tuple[Any, ...]]

# What a service's configuration may set must not stop the plane's own work.
_SESSION = "-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0"


@dataclass(frozen=True, slots=True)
class Access:
    """The password of the plane's role, the same in all clusters of a data directory."""

    password: str = field(repr=False)

    @classmethod
    def of(cls, folder: Folder, account: Account) -> "Access":
        """Return the access that belongs to a data directory; a new one where there is none."""
        if folder.passfile.exists():
            return cls(folder.passfile.read_text().strip().rpartition(":")[2])
        access = cls(secrets.token_hex(20))
        line = f"{HOST}:*:*:{ROLE}:{access.password}\n"
        replace_text(folder.passfile, line, account, secret=True)
        return access

    def connect(self, port: int, database: str = SUPERUSER, *, user: str = ROLE) -> Connection:
        """Connect to a cluster; PlaneError when that fails."""
        try:
            return psycopg.connect(
                host=HOST,
                port=port,
                user=user,
                password=self.password,
                dbname=database,
                options=_SESSION,
                application_name="pgassay data plane",
                connect_timeout=10,
                autocommit=True,
            )
        except psycopg.Error as error:
            raise PlaneError(f"cannot connect: {reason(error)}") from None

    def create_role(self, connection: Connection) -> None:
        """Create the plane's role in the template."""
        execute(
            connection,
            "CREATE ROLE {} SUPERUSER REPLICATION LOGIN PASSWORD {}",
            sql.Identifier(ROLE),
            sql.Literal(verifier(self.password)),
        )


def execute(
    connection: Connection, statement: LiteralString, *parts: sql.Composable
) -> list[tuple[Any, ...]]:
    """Run a statement with identifiers and literals in it; PlaneError when it is refused."""
    try:
        cursor = connection.execute(sql.SQL(statement).format(*parts))
        return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise PlaneError(f"{statement.split()[0]} was refused: {reason(error)}") from None


def reason(error: psycopg.Error) -> str:
    """Return what an error says in one line; PostgreSQL's messages quote no password."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
