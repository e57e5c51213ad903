"""The ledger believes only what was answered before something else was sent."""

import itertools
import json
from typing import Any

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.target.model import ClickhouseSettings, DbaasSettings
from pgassay.traffic.adapter import Adapter
from pgassay.traffic.clickhouse import ClickhouseAdapter
from pgassay.traffic.dbaas import DbaasAdapter
from pgassay.traffic.ledger import Ledger, Ticket

NONCE = "0a1b2c3da"
NAME = f"pga_{NONCE}_0001"
ONE = "one"


class Talk:
    """Requests that are sent and answered in whatever order a test wants."""

    def __init__(self, adapter: Adapter | None = None) -> None:
        self.adapter = adapter or DbaasAdapter(DbaasSettings())
        self.ledger = Ledger(NONCE, self.adapter)
        self._sequence = itertools.count(1)

    def send(self, method: str, identifier: str = "", body: Any = ...) -> "Sent":
        """Send a request to a resource, or to the collection."""
        path = self.adapter.path(identifier) if identifier else self.adapter.collection()
        request = Request.of(method, path, json_body=body)
        return Sent(self, self.ledger.sending(method, path, body), request, next(self._sequence))

    def created(self, identifier: str = ONE, name: str = NAME, **members: Any) -> None:
        """A creation that was acknowledged."""
        self.send("POST", body={"name": name}).got(201, self.shown(identifier, name, **members))

    def shown(self, identifier: str = ONE, name: str = NAME, **members: Any) -> dict[str, Any]:
        """How an answer shows a resource."""
        return {"uuid": identifier, "name": name, "status": "ACTIVE", **members}

    @property
    def kinds(self) -> list[str]:
        """The kinds of all findings."""
        return [found.kind for found in self.ledger.findings()]


class Sent:
    """A request on its way."""

    def __init__(self, talk: Talk, ticket: Ticket, request: Request, sequence: int) -> None:
        self._talk, self._ticket, self._request, self._sequence = talk, ticket, request, sequence

    def got(self, status: int, value: Any = None) -> None:
        """The answer is there; status 0 for none."""
        body = b"" if value is None else json.dumps(value).encode()
        failure = None if status else "timeout"
        exchange = Exchange(
            self._sequence, "load", self._request, "", 0.0, 0.1, status, {}, body, failure
        )
        self._talk.ledger.answered(self._ticket, exchange)


@pytest.fixture
def talk() -> Talk:
    """A ledger of the dbaas family."""
    return Talk()


def test_a_read_that_overlaps_the_delete_may_miss_the_resource(talk: Talk) -> None:
    talk.created()
    read = talk.send("GET", ONE)
    delete = talk.send("DELETE", ONE)
    read.got(404)
    delete.got(204)
    assert talk.kinds == []


def test_a_read_that_was_under_way_before_a_resource_was_gone_may_show_it(talk: Talk) -> None:
    talk.created()
    talk.send("DELETE", ONE).got(204)
    early = talk.send("GET", ONE)
    talk.send("GET", ONE).got(404)
    late = talk.send("GET", ONE)
    early.got(200, talk.shown())
    assert talk.kinds == []
    late.got(200, talk.shown())
    assert talk.kinds == ["resurrected delete"]


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_delete_of_unknown_outcome_explains_both_presence_and_absence(
    talk: Talk, status: int
) -> None:
    talk.created()
    talk.send("DELETE", ONE).got(status)
    talk.send("GET", ONE).got(200, talk.shown())
    talk.send("GET").got(200, [])
    talk.send("GET", ONE).got(404)
    assert talk.kinds == []


def test_a_refused_delete_explains_no_absence(talk: Talk) -> None:
    talk.created()
    talk.send("DELETE", ONE).got(409)
    talk.send("GET", ONE).got(404)
    assert talk.kinds == ["lost create"]


def test_a_delete_that_finds_nothing_to_delete_tells_of_a_lost_create(talk: Talk) -> None:
    talk.created()
    talk.send("DELETE", ONE).got(404)
    assert talk.kinds == ["lost create"]


def test_a_second_delete_of_what_is_on_its_way_out_may_be_answered_with_404(talk: Talk) -> None:
    talk.created()
    talk.send("DELETE", ONE).got(200)
    talk.send("DELETE", ONE).got(404)
    talk.send("GET", ONE).got(200, talk.shown())
    assert talk.kinds == []


def test_a_listing_that_overlaps_a_creation_or_a_deletion_may_lack_the_resource(
    talk: Talk,
) -> None:
    during_creation = talk.send("GET")
    talk.created()
    during_creation.got(200, [])
    during_deletion = talk.send("GET")
    delete = talk.send("DELETE", ONE)
    during_deletion.got(200, [])
    delete.got(204)
    assert talk.kinds == []


def test_a_listing_that_is_sent_after_the_acknowledgement_must_hold_the_resource(
    talk: Talk,
) -> None:
    talk.created()
    for _ in range(3):
        talk.send("GET").got(200, [])
    assert talk.kinds == ["list gap"]


def test_a_lost_create_explains_that_it_is_not_listed(talk: Talk) -> None:
    talk.created()
    talk.send("GET").got(200, [])
    talk.send("GET", ONE).got(404)
    talk.send("GET").got(200, [])
    assert talk.kinds == ["lost create"]


@pytest.mark.parametrize("way", ["read", "list"])
def test_what_is_found_again_was_not_lost_but_read_from_behind(talk: Talk, way: str) -> None:
    talk.created()
    talk.send("GET", ONE).got(404)
    if way == "read":
        talk.send("GET", ONE).got(200, talk.shown())
    else:
        talk.send("GET").got(200, [talk.shown()])
    assert talk.kinds == ["stale read"]


def test_two_creations_with_one_identifier_are_one_finding_whatever_follows(talk: Talk) -> None:
    other = f"pga_{NONCE}_0002"
    talk.created()
    talk.created(name=other)
    talk.send("GET").got(200, [talk.shown(), talk.shown(name=other)])
    talk.send("DELETE", ONE).got(204)
    talk.send("DELETE", ONE).got(404)
    talk.send("GET", ONE).got(404)
    talk.send("GET", ONE).got(200, talk.shown())
    assert talk.kinds == ["duplicate id"]


def test_one_identifier_under_two_names_in_a_listing_is_no_repeat(talk: Talk) -> None:
    talk.created()
    talk.send("GET").got(200, [talk.shown(), talk.shown(name="pga_0a1b2c3db_0001")])
    assert talk.kinds == ["duplicate id"]


def test_states_are_compared_only_between_reads_that_do_not_overlap(talk: Talk) -> None:
    talk.created(status="NEW")
    early = talk.send("GET", ONE)
    talk.send("GET", ONE).got(200, talk.shown())
    early.got(200, talk.shown(status="NEW"))
    assert talk.kinds == []
    talk.send("GET", ONE).got(200, talk.shown(status="NEW"))
    talk.send("GET", ONE).got(200, talk.shown(status="NEW"))
    assert talk.kinds == ["backward state"]


@pytest.mark.parametrize("states", [("NEW", "IN_PROGRESS", "ACTIVE"), ("ACTIVE", "IN_PROGRESS")])
def test_the_lifecycle_itself_goes_no_way_back(talk: Talk, states: tuple[str, ...]) -> None:
    talk.created(status=states[0])
    for state in states:
        talk.send("GET", ONE).got(200, talk.shown(status=state))
    assert talk.kinds == []


def test_a_value_that_a_read_has_shown_gives_way_to_no_earlier_one(talk: Talk) -> None:
    talk.created(cpu=1)
    talk.send("PUT", ONE, {"cpu": 2}).got(200, talk.shown(cpu=2, status="IN_PROGRESS"))
    # A change of size takes its time: until a read shows it, the old value is no wonder.
    talk.send("GET", ONE).got(200, talk.shown(cpu=1))
    early = talk.send("GET", ONE)
    talk.send("GET", ONE).got(200, talk.shown(cpu=2))
    early.got(200, talk.shown(cpu=1))
    assert talk.kinds == []
    talk.send("GET", ONE).got(200, talk.shown(cpu=1))
    assert talk.kinds == ["stale read"]


def test_an_answer_that_says_that_a_change_is_carried_out_is_held_to_it(talk: Talk) -> None:
    talk.created(description="old")
    early = talk.send("GET", ONE)
    talk.send("PUT", ONE, {"description": "new"}).got(200, talk.shown(description="new"))
    early.got(200, talk.shown(description="old"))
    assert talk.kinds == []
    talk.send("GET", ONE).got(200, talk.shown(description="old"))
    assert talk.kinds == ["stale read"]


@pytest.mark.parametrize(
    ("status", "shown"), [(202, {"description": "new"}), (200, {"status": "IN_PROGRESS"}), (0, {})]
)
def test_a_change_that_is_only_accepted_may_show_later(
    talk: Talk, status: int, shown: dict[str, Any]
) -> None:
    talk.created(description="old")
    value = talk.shown(**shown) if status else None
    talk.send("PUT", ONE, {"description": "new"}).got(status, value)
    talk.send("GET", ONE).got(200, talk.shown(description="old"))
    assert talk.kinds == []


def test_changes_that_overlap_have_no_order_to_be_judged_by(talk: Talk) -> None:
    talk.created(description="old")
    first = talk.send("PUT", ONE, {"description": "first"})
    second = talk.send("PUT", ONE, {"description": "second"})
    second.got(200, talk.shown(description="second"))
    first.got(200, talk.shown(description="first"))
    for text in ("second", "first", "second"):
        talk.send("GET", ONE).got(200, talk.shown(description=text))
    assert talk.kinds == []


def test_a_refused_change_leaves_the_value_as_it_was(talk: Talk) -> None:
    talk.created(description="old")
    talk.send("PUT", ONE, {"description": "new"}).got(400)
    for _ in range(2):
        talk.send("GET", ONE).got(200, talk.shown(description="old"))
    assert talk.kinds == []


def test_a_change_back_and_forth_is_followed(talk: Talk) -> None:
    talk.created(cpu=1)
    for cpu in (2, 1, 2, 1):
        talk.send("PUT", ONE, {"cpu": cpu}).got(200, talk.shown(cpu=cpu, status="IN_PROGRESS"))
        talk.send("GET", ONE).got(200, talk.shown(cpu=3 - cpu))
        talk.send("GET", ONE).got(200, talk.shown(cpu=cpu))
    assert talk.kinds == []


def test_an_instance_in_error_may_have_given_a_change_up(talk: Talk) -> None:
    talk.created(cpu=1)
    talk.send("PUT", ONE, {"cpu": 2}).got(200, talk.shown(cpu=2, status="IN_PROGRESS"))
    talk.send("GET", ONE).got(200, talk.shown(cpu=2, status="ERROR"))
    talk.send("GET", ONE).got(200, talk.shown(cpu=1))
    assert talk.kinds == []


def test_tags_of_a_service_show_from_the_answer_on() -> None:
    talk = Talk(ClickhouseAdapter(ClickhouseSettings(organization_id="o")))

    def value(*tags: str) -> dict[str, Any]:
        shown = [{"key": tag} for tag in tags]
        return {"result": {"id": ONE, "name": NAME, "state": "running", "tags": shown}}

    talk.send("POST", body={"name": NAME}).got(200, value())
    talk.send("PATCH", ONE, {"tags": [{"key": "a"}, {"key": "b"}]}).got(200, value())
    talk.send("GET", ONE).got(200, value("b", "a"))
    assert talk.kinds == []
    talk.send("GET", ONE).got(200, value())
    assert talk.kinds == ["stale read"]


def test_what_another_tenant_is_told_proves_nothing(talk: Talk) -> None:
    talk.created()
    path = talk.adapter.path(ONE)
    ticket = talk.ledger.sending("GET", path)
    request = Request.of("GET", path, credential="other_tenant")
    talk.ledger.answered(ticket, Exchange(9, "load", request, "", 0.0, 0.1, 404))
    listing = Request.of("GET", talk.adapter.collection(), credential="other_tenant")
    ticket = talk.ledger.sending("GET", talk.adapter.collection())
    talk.ledger.answered(ticket, Exchange(10, "load", listing, "", 0.0, 0.1, 200, body=b"[]"))
    assert talk.kinds == []


def test_a_deleted_resource_keeps_nothing_of_what_it_was(talk: Talk) -> None:
    talk.created(description="long" * 100)
    talk.send("DELETE", ONE).got(204)
    talk.send("GET", ONE).got(404)
    (entry,) = talk.ledger.entries
    assert (entry.values, entry.courses, entry.shown, entry.suspicions) == (None, None, None, None)
