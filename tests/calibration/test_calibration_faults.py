"""Each fault of the calibration server does what it is called, and is on record; no sockets."""

import json
from typing import Any

import pytest

from pgassay.calibration.api import Answer, Request
from pgassay.calibration.choice import read
from pgassay.calibration.faults import FAULTS, RESOURCE_FAULTS, Turns
from pgassay.calibration.service import Service

COLLECTION = "/v1/postgres/instances"


class Client:
    """A service, asked at moments that the test chooses."""

    def __init__(self, *wrong: str, active: float = 0.0, updating: float = 0.0) -> None:
        faults = [read(text, "--fault", FAULTS) for text in wrong]
        self.service = Service((), faults, "1", active, updating)
        self.now = 100.0

    def ask(self, method: str, path: str = COLLECTION, body: object = None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return self.service.plan(Request(method, path, content, self.now)).answer

    def create(self, name: str = "one") -> dict[str, Any]:
        answer = self.ask("POST", body={"name": name, "version": "v"})
        assert answer.status == 201
        created: dict[str, Any] = json.loads(answer.body)
        return created

    def one(self, method: str, value: dict[str, Any], body: object = None) -> Answer:
        return self.ask(method, f"{COLLECTION}/{value['uuid']}", body)

    def listed(self) -> list[str]:
        return [item["uuid"] for item in json.loads(self.ask("GET").body)]

    def shown(self, value: dict[str, Any], member: str) -> Any:
        return json.loads(self.one("GET", value).body)[member]

    def injected(self) -> list[tuple[str, str]]:
        return [(each.kind, each.id) for each in self.service.truth.report(0).faults]


def test_a_clean_server_keeps_its_word() -> None:
    """Without faults everything that was acknowledged holds, and nothing is on record."""
    client = Client()
    one, two = client.create("one"), client.create("two")
    assert client.listed() == [one["uuid"], two["uuid"]]
    assert client.one("PUT", one, {"description": "new"}).status == 200
    assert client.shown(one, "description") == "new"
    assert client.one("DELETE", one).status == 204
    assert client.one("GET", one).status == 404
    assert client.listed() == [two["uuid"]]
    assert client.injected() == []


def test_an_instance_becomes_active_when_it_was_said_to() -> None:
    """NEW holds until the very moment, ACTIVE from then on; scaling takes its own time."""
    client = Client(active=0.5, updating=0.25)
    one = client.create()
    assert one["status"] == "NEW"
    for moment, status in ((100.499, "NEW"), (100.5, "ACTIVE"), (200.0, "ACTIVE")):
        client.now = moment
        assert client.shown(one, "status") == status
    assert json.loads(client.one("PUT", one, {"cpu": 2}).body)["status"] == "IN_PROGRESS"
    client.now += 0.25
    assert client.shown(one, "status") == "ACTIVE"


def test_a_lost_create_is_acknowledged_and_nowhere() -> None:
    """The creation is answered 201, and no read or listing knows it."""
    client = Client("lost_create:every=1")
    one = client.create()
    assert (client.one("GET", one).status, client.listed()) == (404, [])
    assert client.injected() == [("lost_create", one["uuid"])]


def test_a_phantom_is_a_second_instance_of_one_creation() -> None:
    """One creation leaves two instances of one name."""
    client = Client("phantom:every=1")
    one = client.create()
    assert len(client.listed()) == 2
    assert client.injected() == [("phantom", one["uuid"])]


def test_a_duplicate_id_is_given_to_a_second_instance() -> None:
    """The second creation gets the identifier of the first, and both are listed."""
    client = Client("duplicate_id:every=1")
    one, two = client.create("one"), client.create("two")
    assert one["uuid"] == two["uuid"]
    assert client.listed() == [one["uuid"]] * 2
    assert client.injected() == [("duplicate_id", one["uuid"])]


def test_a_hidden_item_can_be_read_and_is_not_listed() -> None:
    """The listing holds back what a read shows."""
    client = Client("hidden_item:every=1")
    one = client.create()
    assert (client.one("GET", one).status, client.listed()) == (200, [])
    assert client.injected() == [("hidden_item", one["uuid"])]


def test_a_repeated_item_is_listed_twice() -> None:
    """The listing holds one instance two times."""
    client = Client("repeated_item:every=1")
    one = client.create()
    assert client.listed() == [one["uuid"]] * 2
    assert client.injected() == [("repeated_item", one["uuid"])]


def test_a_resurrected_delete_comes_back_once() -> None:
    """What was deleted is gone for a moment, is there again, and can then be deleted for good."""
    client = Client("resurrected_delete:every=1")
    one = client.create()
    assert client.one("DELETE", one).status == 204
    assert (client.one("GET", one).status, client.listed()) == (404, [])
    client.now += 0.3
    assert (client.one("GET", one).status, client.listed()) == (200, [one["uuid"]])
    assert client.one("DELETE", one).status == 204
    client.now += 0.3
    assert (client.one("GET", one).status, client.listed()) == (404, [])
    assert client.injected() == [("resurrected_delete", one["uuid"])]


def test_a_backward_state_is_new_after_active_once() -> None:
    """An instance that was seen ACTIVE shows NEW in one read."""
    client = Client("backward_state:every=1", active=1.0)
    one = client.create()
    assert client.shown(one, "status") == "NEW"
    client.now += 1.0
    assert [client.shown(one, "status") for _ in range(3)] == ["ACTIVE", "NEW", "ACTIVE"]
    assert client.injected() == [("backward_state", one["uuid"])]


def test_a_stale_read_shows_the_value_before_the_own_write() -> None:
    """After an acknowledged update one read shows what was there before."""
    client = Client("stale_read:every=1")
    one = client.create()
    assert client.one("PUT", one, {"description": "new"}).status == 200
    assert [client.shown(one, "description") for _ in range(2)] == ["", "new"]
    assert client.injected() == [("stale_read", one["uuid"])]


def test_a_duplicate_id_is_that_of_an_instance_without_a_fault() -> None:
    """What shares its identifier has no fault of its own, so that each finding has one cause."""
    client = Client("hidden_item:every=1", "duplicate_id:every=2")
    identifiers = [client.create(f"n{number}")["uuid"] for number in range(8)]
    assert len(set(identifiers)) == 8
    assert client.injected() == []


def test_no_instance_has_two_faults() -> None:
    """Faults that fall on one creation strike one after the other."""
    client = Client(*(f"{kind}:every=40" for kind in RESOURCE_FAULTS))
    names = [client.create(f"n{number}")["name"] for number in range(200)]
    assert len(set(names)) == 200
    struck = [each.name for each in client.service.truth.report(0).faults]
    assert len(struck) == len(set(struck))
    kinds = [each.kind for each in client.service.truth.report(0).faults]
    assert kinds.count("lost_create") == kinds.count("phantom") == kinds.count("duplicate_id") == 5


def test_a_throttled_client_is_let_in_after_the_window() -> None:
    """429 names the seconds; who comes back before they are over is refused and on record.

    What arrives at once may have been on its way, and is refused without being held against anyone.
    """
    client = Client("list=throttle:every=1,seconds=2")
    answer = client.ask("GET")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    for later, seconds in ((0.1, "2"), (1.4, "1")):
        client.now += later
        answer = client.ask("POST", body={"name": "one", "version": "v"})
        assert (answer.status, answer.headers["Retry-After"]) == (429, seconds)
    early = client.service.truth.report(0).early
    assert [each.operation for each in early] == ["create"]
    assert early[0].seconds == pytest.approx(0.5)
    client.now += 0.5
    client.create()


def test_a_throttling_may_name_no_time() -> None:
    """A 429 without Retry-After is possible, as servers send it."""
    client = Client("get=throttle:every=1,header=0")
    answer = client.one("GET", client.create())
    assert (answer.status, dict(answer.headers)) == (429, {})


def test_errors_come_at_the_chosen_share_and_change_nothing() -> None:
    """One in five updates fails with 500, and is not applied."""
    client = Client("update=error:every=5")
    one = client.create()
    statuses = [client.one("PUT", one, {"cpu": number}).status for number in range(50)]
    assert (statuses.count(500), statuses.count(200)) == (10, 40)
    assert len(client.injected()) == 10


@pytest.mark.parametrize(("effect", "existing"), [(1, 1), (0, 0)])
def test_a_reset_creation_took_effect_or_not(effect: int, existing: int) -> None:
    """The connection breaks; whether the instance exists is as it was chosen."""
    client = Client(f"create=reset:every=1,effect={effect}")
    assert client.ask("POST", body={"name": "one", "version": "v"}).status == 0
    assert len(client.listed()) == existing


def test_a_fault_strikes_exactly_once_in_each_block() -> None:
    """One in two hundred is one in every two hundred, at places that the seed decides."""
    turns = Turns(200, "7")
    struck = [turns.strike() for _ in range(1000)]
    assert [sum(struck[start : start + 200]) for start in range(0, 1000, 200)] == [1] * 5
    again = Turns(200, "7")
    assert struck == [again.strike() for _ in range(1000)]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", COLLECTION, [], 400),
        ("POST", COLLECTION, {"name": "one"}, 400),
        ("PUT", f"{COLLECTION}/x", {"cpu": 1}, 404),
        ("DELETE", f"{COLLECTION}/x", None, 404),
        ("PATCH", COLLECTION, {}, 404),
        ("GET", "/elsewhere", None, 404),
        ("GET", "/v1/types/postgres/versions/x", None, 404),
    ],
)
def test_what_cannot_be_is_refused(method: str, path: str, body: object, status: int) -> None:
    """Refusals carry the envelope of the family."""
    answer = Client().ask(method, path, body)
    assert answer.status == status
    assert json.loads(answer.body).keys() == {"code", "type", "message"}


def test_instances_have_users_and_databases() -> None:
    """Children are created, listed, read without their password, and deleted."""
    client = Client()
    users = f"{COLLECTION}/{client.create()['uuid']}/users"
    answer = client.ask("POST", users, {"name": "ann", "password": "secret-word"})
    path = answer.headers["Location"]
    assert answer.status == 201
    assert b"secret-word" not in answer.body
    assert json.loads(client.ask("GET", users).body) == [json.loads(client.ask("GET", path).body)]
    assert [client.ask("DELETE", path).status for _ in range(2)] == [204, 404]
    assert client.ask("GET", f"{COLLECTION}/x/users").status == 404
