"""dbaas secrets that a run planted: they are in no answer, in no form."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import ANONYMOUS
from pgassay.families import DbaasApi
from pgassay.families.access_expectations import expect_no_trace, fresh_secret, leaky_bodies
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_operations import OPERATIONS, Operation, Scene

READS = [operation for operation in OPERATIONS if operation.method == "GET"]


@pytest.fixture(scope="module")
def planted(dbaas: DbaasApi, instance: dict[str, Any]) -> dict[str, Any]:
    """The body of a user whose password was planted, with the uuids of user and database."""
    with dbaas.client.acting_for("shared"):
        body = dbaas.user_creation(password=dbaas.names.password() + "%+/=")
        user = identity(dbaas.create_user(instance["uuid"], body))
        database = dbaas.new_database(instance["uuid"], user)
    return body | {"user": user, "database": database}


@requirement("DB-SECRET-PASSWORD")
@pytest.mark.parametrize("operation", READS, ids=str)
def test_no_read_has_a_planted_password(
    dbaas: DbaasApi, instance: dict[str, Any], planted: dict[str, Any], operation: Operation
) -> None:
    """No answer to a read has the password of a user, encoded or hashed in any common form."""
    version = dbaas.version_reference.rsplit("/", 1)[-1]
    scene = Scene(instance["uuid"], planted["user"], planted["database"], version)
    exchange = operation.send(dbaas, scene)
    expect_no_trace(exchange, planted["password"], planted["name"])


@requirement("DB-SECRET-PASSWORD-ECHO")
def test_no_change_has_a_password(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Neither the creation of a user, nor its repetition, nor its deletion shows the password."""
    uuid, body = instance["uuid"], dbaas.user_creation(password=dbaas.names.password())
    created = dbaas.create_user(uuid, body)
    for exchange in (created, dbaas.create_user(uuid, body)):
        expect_no_trace(exchange, body["password"], body["name"])
    expect_no_trace(dbaas.delete_user(uuid, identity(created)), body["password"])


@requirement("DB-SECRET-PASSWORD-ECHO")
def test_no_refusal_has_the_password_that_was_sent(
    dbaas: DbaasApi, instance: dict[str, Any]
) -> None:
    """A refused creation of a user is not answered with the password."""
    secret, path = fresh_secret(dbaas), dbaas.collection("instances", instance["uuid"], "users")
    body = dbaas.user_creation()
    for leaky in leaky_bodies(body, "password", secret):
        expect_no_trace(dbaas.send_bytes("POST", path, leaky), secret)
    for name in ("1 wrong", 7, "pg_x", None):
        exchange = dbaas.create_user(instance["uuid"], body | {"password": secret, "name": name})
        expect_no_trace(exchange, secret)
    typed = dbaas.send_bytes("POST", path, b"password=" + secret.encode(), "text/plain")
    expect_no_trace(typed, secret)


@requirement("DB-SECRET-PASSWORD-ECHO")
def test_no_refusal_has_a_token(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A wrong token is not said back, and neither is the header that it came in."""
    secret = fresh_secret(dbaas)
    for header in (f"Bearer {secret}", f"Basic {secret}", secret):
        headers = {"Authorization": header}
        path = dbaas.path(instance["uuid"])
        exchange = dbaas.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_no_trace(exchange, secret)
