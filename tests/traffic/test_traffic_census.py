"""States over time are those that answers told, and add up over workers."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.target.model import ClickhouseSettings, Family
from pgassay.traffic import figures
from pgassay.traffic.adapter import Adapter
from pgassay.traffic.census import OTHER, STATELESS, Census, levels
from pgassay.traffic.clickhouse import ClickhouseAdapter
from pgassay.traffic.ledger import Ledger
from pgassay.traffic.record import LoadRecord, decode, encode

from .test_traffic_ledger import NONCE, ONE, Talk
from .test_traffic_scenarios import planned
from .virtual import VirtualTime, carry_out, reference


class Counted(Talk):
    """Requests and answers with a census; `now` is the second of the load."""

    def __init__(self, adapter: Adapter | None = None) -> None:
        super().__init__(adapter)
        self.now = 0.0
        self.census = Census(lambda: self.now)
        self.census.begin()
        self.ledger = Ledger(NONCE, self.adapter, self.census)

    @property
    def states(self) -> dict[str, int]:
        """How many resources are in which state now."""
        found = levels(self.census.changes, 0)
        return {name: line[-1] for name, line in found.items() if line[-1]}


@pytest.fixture
def talk() -> Counted:
    """A ledger of the dbaas family."""
    return Counted()


def test_a_life_is_counted_under_what_each_answer_said(talk: Counted) -> None:
    """From the request over the target's own words to the deletion, and nowhere after it."""
    create = talk.send("POST", body={"name": f"pga_{NONCE}_0001"})
    assert talk.states == {"requested": 1}
    create.got(201, talk.shown(status="NEW"))
    assert talk.states == {"NEW": 1}
    talk.send("GET", ONE).got(200, talk.shown())
    assert talk.states == {"ACTIVE": 1}
    delete = talk.send("DELETE", ONE)
    assert talk.states == {"deleting": 1}
    delete.got(204)
    assert talk.states == {}


@pytest.mark.parametrize("status", [0, 409, 500])
def test_a_creation_without_a_good_answer_is_counted_no_more(talk: Counted, status: int) -> None:
    """Whether it exists is not known before the load is over."""
    talk.send("POST", body={"name": f"pga_{NONCE}_0001"}).got(status)
    assert talk.states == {}


def test_a_refused_deletion_leaves_the_state_that_was_shown(talk: Counted) -> None:
    """What the target did not delete is still there."""
    talk.created()
    talk.send("DELETE", ONE).got(409)
    assert talk.states == {"ACTIVE": 1}


def test_a_read_from_before_the_deletion_brings_nothing_back(talk: Counted) -> None:
    """Its answer is older than that of the deletion, whenever it comes."""
    talk.created()
    read = talk.send("GET", ONE)
    talk.send("DELETE", ONE).got(204)
    read.got(200, talk.shown())
    assert talk.states == {}


def test_what_a_read_does_not_find_is_not_counted(talk: Counted) -> None:
    """A lost resource is in no state."""
    talk.created()
    talk.send("GET", ONE).got(404)
    assert talk.states == {}


def test_what_listings_show_on_its_way_out_is_deleting_until_one_lacks_it() -> None:
    """ClickHouse lists services that are being deleted."""
    talk = Counted(ClickhouseAdapter(ClickhouseSettings(organization_id="o")))
    name = f"pga {NONCE} 0001"
    service = {"id": ONE, "name": name, "state": "running"}
    talk.send("POST", body={"name": name}).got(200, {"result": service})
    talk.send("DELETE", ONE).got(200, {"result": None})
    assert talk.states == {}
    talk.send("GET").got(200, {"result": [service | {"state": "deleting"}]})
    assert talk.states == {"deleting": 1}
    talk.send("GET").got(200, {"result": []})
    assert talk.states == {}


def test_words_that_a_target_invents_do_not_fill_the_report() -> None:
    """At most 16 states have a name of their own; what is no word never has."""
    census = Census()
    words = [census.word(f"state{number}") for number in range(20)]
    assert words[:16] == [f"state{number}" for number in range(16)]
    assert set(words[16:]) == {OTHER}
    assert census.word("state3") == "state3"
    assert Census().word("<script>") == Census().word("x" * 33) == OTHER
    assert Census().word("") == STATELESS


def test_levels_begin_with_what_was_there_before_and_go_on_to_the_end() -> None:
    """A second without a change has the level of the one before."""
    assert levels({-1: {"ACTIVE": 2}, 1: {"ACTIVE": -1, "NEW": 1}, 2: {"NEW": -1}}, 5) == {
        "ACTIVE": (2, 1, 1, 1, 1),
        "NEW": (0, 1, 0, 0, 0),
    }
    assert levels({}, 3) == {}
    assert levels({0: {"NEW": 0}}, 1) == {}


def test_the_states_of_workers_add_up(tmp_path: Path) -> None:
    """Two workers' levels are the sum of each one's, second by second, also through a file."""
    parts = [
        LoadRecord(states={-1: {"ACTIVE": 1}, 0: {"NEW": 2}}),
        LoadRecord(states={0: {"NEW": 1}, 3: {"NEW": -1, "ACTIVE": 1}}),
    ]
    merged = LoadRecord.merge([decode(encode(part)) for part in parts])
    assert figures.states(merged) == {"ACTIVE": (1, 1, 1, 2), "NEW": (3, 3, 3, 2)}


@pytest.mark.parametrize("family", Family)
def test_a_load_tells_its_states_and_not_those_of_its_end(tmp_path: Path, family: Family) -> None:
    """What setup made is there from the first second on; what cleanup removes is no change."""
    time = VirtualTime()
    with reference(time) as server:
        plan = replace(planned(server, tmp_path, family, "churn"), population=3)
        record = carry_out(plan, time, server.send, credentials=server.target.credentials)
    states = figures.states(record)
    usable = states["running" if family is Family.CLICKHOUSE else "ACTIVE"]
    assert usable[0] >= 3
    assert usable[-1] >= 3
    sums = [sum(line[second] for line in states.values()) for second in range(len(usable))]
    assert max(sums) <= record.created
