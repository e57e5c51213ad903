"""A server that turns requests away with 429 is waited for, as long as it says."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from pgassay.client import Client
from pgassay.clock import going_by
from pgassay.exchange import Exchange, Request
from pgassay.journal import Journal, read
from pgassay.ownership import Ownership, collections
from pgassay.rate_limit import pause_after, rate_limit
from pgassay.redaction import Vault
from pgassay.target.model import Credential, Family, Scheme, Target

TARGET = Target(
    "t",
    "http://reference.test",
    tuple(Family),
    {"main": Credential(Scheme.BASIC, username="an-id", password="a-key-secret")},
)
GET = Request.of("GET", "/v1/organizations", family="clickhouse")


class Sleeps:
    """A clock that keeps how long was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    def time(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


Open = Callable[..., tuple[Client, Sleeps]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open a client on a server that gives the answers of a list, and then 200."""
    clients: list[Client] = []
    kept = ExitStack()

    def make(*answers: httpx.Response) -> tuple[Client, Sleeps]:
        left, clock, vault = list(answers), Sleeps(), Vault()

        def answer(_: httpx.Request) -> httpx.Response:
            return left.pop(0) if left else httpx.Response(200, json={})

        journal = Journal(tmp_path / "journal.jsonl", vault, {})
        ownership = Ownership(collections("/v1/postgres"))
        transport = httpx.MockTransport(answer)
        kept.enter_context(going_by(clock))
        clients.append(Client(TARGET, journal, vault, ownership, (), transport))
        return clients[-1], clock

    with kept:
        yield make
    for client in clients:
        client.close()
        client.journal.close()


def too_many(**headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(429, headers=named, json={"error": "TOO_MANY_REQUESTS"})


def test_a_request_is_sent_again_when_the_window_ended(opened: Open, tmp_path: Path) -> None:
    client, clock = opened(too_many(x_ratelimit_reset="2.5"), too_many(retry_after="3"))
    assert client.send(GET).status == 200
    assert clock.slept == pytest.approx([2.51, 3.01])
    entries = [entry for entry in read(tmp_path / "journal.jsonl") if entry["kind"] == "exchange"]
    assert [entry["status"] for entry in entries] == [429, 429, 200]


def test_whoever_wants_to_see_the_refusal_gets_it(opened: Open) -> None:
    client, clock = opened(too_many(x_ratelimit_reset="2.5"))
    assert client.send(GET, patient=False).status == 429
    assert clock.slept == []


def test_patience_ends(opened: Open) -> None:
    client, clock = opened(*[too_many() for _ in range(20)])
    assert client.send(GET).status == 429
    assert client.requests == 5
    assert clock.slept == [1.0] * 4


def answer(**headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(1, "c", GET, "http://x", 0, 0, 429, named, json.dumps({}).encode())


@pytest.mark.parametrize("reset", ["", "soon", "-1", "nan", "inf"])
def test_a_strange_reset_means_a_short_wait(reset: str) -> None:
    assert pause_after(answer(x_ratelimit_reset=reset)) == 1.0


def test_a_date_in_the_place_of_seconds_does_not_stop_the_run() -> None:
    assert pause_after(answer(x_ratelimit_reset="1780000000")) == 60.0


def test_the_headers_are_read() -> None:
    found = rate_limit(
        answer(
            x_ratelimit_limit="10",
            x_ratelimit_remaining="0",
            x_ratelimit_reset="9.75",
            x_ratelimit_policy='10;w=10;comment="fixed window"',
        )
    )
    assert (found.limit, found.remaining, found.reset) == (10, 0, 9.75)
    assert found.policy == (10, 10)


def test_what_a_server_does_not_say_is_unknown() -> None:
    found = rate_limit(answer(x_ratelimit_policy="ten per window"))
    assert (found.limit, found.remaining, found.reset, found.policy) == (None,) * 4
