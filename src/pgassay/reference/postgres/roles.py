"""Roles and databases of a cluster, each statement safe to repeat."""

from collections.abc import Mapping

from psycopg import sql

from pgassay.reference.dbaas.scram import verifier
from pgassay.reference.postgres.access import ROLE, SUPERUSER, Connection, execute
from pgassay.reference.postgres.cluster import Cluster
from pgassay.reference.postgres.problem import PlaneError

_OWN_DATABASES = (SUPERUSER, "template0", "template1")


def set_password(cluster: Cluster, password: str) -> None:
    """Give the superuser another password; PostgreSQL sees its SCRAM verifier only."""
    with cluster.connect() as connection:
        _secure(connection, SUPERUSER, verifier(password))


def create_user(connection: Connection, name: str, secret: str) -> None:
    """Create a role that may log in with the password that a SCRAM verifier belongs to."""
    if not _exists(connection, "pg_roles", "rolname", name):
        execute(connection, "CREATE ROLE {} LOGIN", sql.Identifier(name))
    _secure(connection, name, secret)


def create_database(connection: Connection, name: str, owner: str) -> None:
    """Create a database that belongs to a role; PlaneError for those that every cluster has."""
    if name in _OWN_DATABASES:
        raise PlaneError(f"every cluster has a database {name} already")
    names = sql.Identifier(name), sql.Identifier(owner)
    if _exists(connection, "pg_database", "datname", name):
        execute(connection, "ALTER DATABASE {} OWNER TO {}", *names)
    else:
        # Quicker than writing the whole template to the WAL, which is archived.
        execute(connection, "CREATE DATABASE {} OWNER {} STRATEGY file_copy", *names)


def drop_database(connection: Connection, name: str) -> None:
    """Drop a database, whoever is connected to it; those that every cluster has stay."""
    if name in _OWN_DATABASES:
        return
    execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", sql.Identifier(name))


def drop_user(cluster: Cluster, name: str) -> None:
    """Drop a role; what it owns in databases of others becomes the superuser's."""
    with cluster.connect() as connection:
        if not _exists(connection, "pg_roles", "rolname", name):
            return
        role = sql.Identifier(name)
        execute(connection, "ALTER ROLE {} NOLOGIN", role)
        execute(
            connection,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}",
            sql.Literal(name),
        )
        databases = execute(connection, "SELECT datname FROM pg_database WHERE datallowconn")
        for (database,) in databases:
            with cluster.connect(database) as inside:
                execute(inside, "REASSIGN OWNED BY {} TO {}", role, sql.Identifier(SUPERUSER))
                execute(inside, "DROP OWNED BY {}", role)
        execute(connection, "DROP ROLE {}", role)


def reconcile(cluster: Cluster, users: Mapping[str, str], databases: Mapping[str, str]) -> None:
    """Make a cluster's roles and databases those that are named, with verifiers and owners."""
    with cluster.connect() as connection:
        listed = execute(connection, "SELECT datname FROM pg_database")
        for (name,) in listed:
            if name not in databases:
                drop_database(connection, name)
        for name, secret in users.items():
            create_user(connection, name, secret)
        for name, owner in databases.items():
            create_database(connection, name, owner)
        roles = execute(connection, r"SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")
    for (name,) in roles:
        if name not in users and name not in (SUPERUSER, ROLE):
            drop_user(cluster, name)


def _secure(connection: Connection, name: str, secret: str) -> None:
    parts = sql.Identifier(name), sql.Literal(secret)
    execute(connection, "ALTER ROLE {} PASSWORD {}", *parts)


def _exists(connection: Connection, catalogue: str, column: str, name: str) -> bool:
    parts = sql.Identifier(catalogue), sql.Identifier(column), sql.Literal(name)
    return bool(execute(connection, "SELECT 1 FROM {} WHERE {} = {}", *parts))
