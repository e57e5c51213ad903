"""Each change alters one thing, and only that."""

import json
import random

import pytest

from pgassay.exchange import Json
from pgassay.falsification.change import Change, Kind, Past
from pgassay.falsification.record import Recorded
from pgassay.falsification.selection import changes

BODY = {"name": "a", "size": 3, "when": "2026-01-01T00:00:00Z", "tags": [1, 2], "none": None}


def recorded(body: Json = BODY, status: int = 200, text: str = "", **members: Json) -> Recorded:
    usual: dict[str, Json] = {
        "sequence": 7,
        "check": "c",
        "method": "GET",
        "path": "/",
        "headers": {},
        "body": None,
        "sent_at": 1.0,
        "duration": 0.5,
        "status": status,
        "answer_headers": {"content-type": "application/json", "allow": "GET"},
        "answer": text or json.dumps(body),
    }
    return Recorded(**{**usual, **members})


def applied(kind: Kind, *place: str | int, past: Past = Past()) -> Recorded:  # noqa: B008
    return Change(7, kind, place).applied(recorded(), past)


@pytest.mark.parametrize(
    ("kind", "place", "expected"),
    [
        (Kind.NULL, ("name",), {"name": None}),
        (Kind.TYPE, ("size",), {"size": "3"}),
        (Kind.VALUE, ("size",), {"size": 4}),
        (Kind.VALUE, ("name",), {"name": "ax"}),
        (Kind.VALUE, ("when",), {"when": "2027-01-01T00:00:00Z"}),
        (Kind.NEGATIVE, ("size",), {"size": -4}),
        (Kind.ADDED, (), {"undocumentedMember": "added"}),
        (Kind.ITEM_REMOVED, ("tags", 0), {"tags": [2]}),
        (Kind.ITEM_REPEATED, ("tags", 1), {"tags": [1, 2, 2]}),
        (Kind.REVERSED, ("tags",), {"tags": [2, 1]}),
    ],
)
def test_a_change_of_a_body(kind: Kind, place: tuple[str | int, ...], expected: Json) -> None:
    assert json.loads(applied(kind, *place).answer) == {**BODY, **expected}


def test_a_removed_member_is_gone() -> None:
    assert "name" not in json.loads(applied(Kind.REMOVED, "name").answer)


def test_changes_of_the_whole_answer() -> None:
    assert applied(Kind.CRASH).status == 500
    assert applied(Kind.OTHER_SUCCESS).status == 202
    assert applied(Kind.SLOW).duration == 3600.5
    assert applied(Kind.LOST).failure
    assert applied(Kind.HEADER, "allow").answer_headers == {"content-type": "application/json"}


def test_a_stale_answer_keeps_its_place_in_the_record() -> None:
    earlier = recorded({"name": "old"}, sequence=3, sent_at=0.1)
    stale = applied(Kind.STALE, 3, past=Past((earlier,)))
    assert json.loads(stale.answer) == {"name": "old"}
    assert (stale.sequence, stale.sent_at) == (7, 1.0)


def test_lines_of_other_texts_are_changed() -> None:
    metrics = recorded(text="# TYPE up gauge\nup 1\n")
    assert Change(7, Kind.LINE_REMOVED, (1,)).applied(metrics, Past()).answer == "up 1\n"
    assert (
        Change(7, Kind.LINE_NUMBER, (2,)).applied(metrics, Past()).answer
        == "# TYPE up gauge\nup 17\n"
    )


def test_every_change_can_be_applied_and_changes_something() -> None:
    evidence = recorded()
    past = Past((recorded({"name": "old"}, sequence=3),), "<Secret-0123456789abc>")
    found = changes([evidence], {7: past}, random.Random(1))
    assert len(found) == len(set(found))
    assert not [each for each in found if each.applied(evidence, past) == evidence]
    assert {each.kind for each in found} >= {Kind.STALE, Kind.LEAK, Kind.HEADER, Kind.LOST}


def test_the_order_of_changes_follows_from_the_seed_and_begins_with_every_kind() -> None:
    first, again = (changes([recorded()], {}, random.Random("1/check")) for _ in range(2))
    assert first == again
    kinds = [each.kind for each in first]
    assert len(set(kinds[: len(set(kinds))])) == len(set(kinds))


def test_headers_are_granted_that_a_request_fishes_for() -> None:
    injected = recorded(path="/v1%0d%0aX-Own:%20yes")
    assert Change(7, Kind.GRANTED).applied(injected, Past()).answer_headers["x-own"] == "yes"
    foreign = recorded(headers={"Origin": "null"})
    granted = Change(7, Kind.GRANTED).applied(foreign, Past()).answer_headers
    assert granted["access-control-allow-origin"] == "null"


def test_the_answer_to_another_operation_takes_the_place_of_the_whole() -> None:
    past = Past(others={"list": recorded([], status=201)})
    changed = Change(7, Kind.ANOTHER, ("list",)).applied(recorded(), past)
    assert (changed.sequence, changed.status, changed.answer) == (7, 201, "[]")
