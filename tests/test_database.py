"""Logins and statements: what they tell, what is written of them, what never is."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgassay.client import Client
from pgassay.database import Answer, Database, filled
from pgassay.deviation import Deviation, NotTestable
from pgassay.journal import Journal, read
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.target.model import Family, Target, Timing

PASSWORD = "Sup3r-Secret-Word"
URI = f"postgres://owner:{PASSWORD}@127.0.0.1:{{port}}/orders"


@pytest.fixture
def closed_port() -> int:
    """A port of the loopback address on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client whose journal is in the test's folder."""
    target = Target("t", "http://127.0.0.1:1", (Family.DBAAS,), timing=Timing(poll=0.01))
    vault = Vault()
    with Journal(tmp_path / "journal.jsonl", vault, {}) as journal:
        client = Client(target, journal, vault, Ownership(collections("/v1/postgres")))
        yield client
        client.close()


def test_a_server_that_nobody_runs_refuses_without_a_traceback(
    client: Client, closed_port: int
) -> None:
    answer = Database.of(client, URI.format(port=closed_port)).ask("SELECT 1")
    assert not answer.connected
    assert "refused" in answer.refusal.lower()
    assert answer.place == f"owner@127.0.0.1:{closed_port}/orders"


def test_every_statement_is_in_the_journal_and_no_password_is(
    client: Client, closed_port: int, tmp_path: Path
) -> None:
    Database.of(client, URI.format(port=closed_port)).ask(f"SELECT '{PASSWORD}'")
    (written,) = [one for one in read(tmp_path / "journal.jsonl") if one["kind"] == "statement"]
    assert written["place"] == f"owner@127.0.0.1:{closed_port}/orders"
    assert "refused" in written["refusal"].lower()
    assert PASSWORD not in json.dumps(written)


def test_values_are_shown_beside_the_statement_without_secrets(
    client: Client, closed_port: int
) -> None:
    database = Database.of(client, URI.format(port=closed_port))
    answer = database.ask("SELECT %s, %s", "mark", PASSWORD)
    assert answer.statement.startswith("SELECT %s, %s with 'mark', '<Secret-")


def test_a_connection_string_that_libpq_does_not_understand_is_told_without_its_password(
    client: Client,
) -> None:
    with pytest.raises(Deviation) as raised:
        Database.of(client, f"postgres://owner:{PASSWORD}@[::1/orders")
    assert "libpq does not understand" in str(raised.value)
    assert PASSWORD not in str(raised.value)


def test_other_parameters_go_before_those_of_the_connection_string(
    client: Client, closed_port: int
) -> None:
    database = Database.of(client, URI.format(port=5432))
    assert database.changed(port=str(closed_port), user="reader").place == (
        f"reader@127.0.0.1:{closed_port}/orders"
    )


def test_another_host_is_reached_in_the_same_way_unless_an_address_was_told(
    client: Client,
) -> None:
    database = Database.of(client, URI.format(port=5432))
    assert database.beside("replica.test").place == "owner@replica.test:5432/orders"
    with pytest.raises(NotTestable, match="an address"):
        database.changed(hostaddr="127.0.0.1").beside("replica.test")


def test_a_wait_ends_with_its_budget(client: Client, closed_port: int) -> None:
    database = Database.of(client, URI.format(port=closed_port))
    waited = database.wait("SELECT 1", lambda answer: answer.connected, budget=0.02)
    assert not waited.reached
    assert len(waited.seen) >= 2


def test_the_line_of_an_answer_shows_statement_and_rows_or_the_refusal() -> None:
    assert Answer("a@b:1/c", "SHOW x", (("7MB",),)).line == "a@b:1/c: SHOW x -> [('7MB',)]"
    assert Answer("a@b:1/c", "DROP y", refusal="no").line == "a@b:1/c: DROP y -> no"


def test_members_of_an_instance_take_the_place_of_their_names() -> None:
    members = {"ipsv4": ["10.0.0.1", "10.0.0.2"], "port": 5433}
    assert filled("host={ipsv4} port={port}", members) == "host=10.0.0.1,10.0.0.2 port=5433"


@pytest.mark.parametrize("value", [None, [], "a b", "x' y", {"a": 1}])
def test_a_member_that_is_no_address_leaves_the_way_in_unknown(value: object) -> None:
    with pytest.raises(NotTestable, match="ipsv4"):
        filled("host={ipsv4}", {"ipsv4": value})
