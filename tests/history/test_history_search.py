"""Which histories are legal: classic ones of a register, and those of the models."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgassay.deviation import Deviation, Inconclusive
from pgassay.history import ACCEPTED, REFUSED, Legality, Operation, expect_legal, judge, shrunk
from pgassay.history.collection import Collection, Creation, Deletion, Listing, Reading
from pgassay.history.record import ABSENT, Look, Record, Removal, Write, members


class Register:
    """One number, zero at first; a read answers with it, a write with `ok`."""

    initial = 0

    def apply(self, state: int, operation: Operation) -> Iterator[int]:
        kind, value = operation.action
        if kind == "write":
            yield value
        elif operation.answer == state:
            yield state


def write(value: int, start: float, end: float = math.inf) -> Operation:
    return Operation(
        ("write", value), "ok" if end < math.inf else None, start, end, f"write {value}"
    )


def read(value: int, start: float, end: float) -> Operation:
    return Operation(("read", None), value, start, end, f"read {value}", passive=True)


LEGAL = {
    "nothing": [],
    "one-after-the-other": [write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)],
    "a-read-beside-a-write-sees-the-old-value": [write(1, 0, 10), read(0, 1, 2), read(1, 11, 12)],
    "a-read-beside-a-write-sees-the-new-value": [write(1, 0, 10), read(1, 1, 2)],
    "two-writes-at-once-end-either-way": [write(1, 0, 10), write(2, 0, 10), read(1, 11, 12)],
    "reads-that-overlap-see-different-values": [write(1, 0, 10), read(1, 1, 9), read(0, 2, 8)],
    "an-unanswered-write-took-effect": [write(1, 0), read(0, 1, 2), read(1, 3, 4)],
    "an-unanswered-write-did-not": [write(1, 0), read(0, 100, 101)],
    "operations-that-meet-may-change-places": [write(1, 0, 1), read(0, 1, 2)],
}
ILLEGAL = {
    "a-value-that-nobody-wrote": [write(1, 0, 1), read(2, 0, 3)],
    "a-write-that-is-lost": [write(1, 0, 1), read(0, 2, 3)],
    "new-and-then-old": [write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)],
    "a-write-that-comes-back": [write(1, 0, 1), write(2, 2, 3), read(2, 4, 5), read(1, 6, 7)],
    "two-readers-that-disagree-on-the-order": [
        write(1, 0, 10),
        write(2, 0, 10),
        *(read(1, 11, 12), read(2, 13, 14)),
    ],
    "an-unanswered-write-seen-before-it-started": [write(1, 5), read(1, 1, 2)],
    "an-unanswered-write-that-took-effect-twice": [
        write(1, 0),
        read(1, 1, 2),
        write(2, 3, 4),
        read(1, 5, 6),
    ],
}


@pytest.mark.parametrize("history", LEGAL.values(), ids=LEGAL)
def test_a_history_that_some_order_explains_is_legal(history: list[Operation]) -> None:
    assert judge(history, Register()) is Legality.LEGAL
    expect_legal(history, Register(), "the register")


@pytest.mark.parametrize("history", ILLEGAL.values(), ids=ILLEGAL)
def test_a_history_that_no_order_explains_is_illegal(history: list[Operation]) -> None:
    assert judge(history, Register()) is Legality.ILLEGAL


def test_a_search_that_reaches_its_bound_decides_nothing() -> None:
    history = [write(number, 0, 10) for number in range(1, 12)] + [read(99, 11, 12)]
    assert judge(history, Register(), configurations=100) is Legality.UNDECIDED
    assert judge([read(0, 0, 1)] * 501, Register()) is Legality.UNDECIDED
    with pytest.raises(Inconclusive, match="501 operations"):
        expect_legal([read(0, 0, 1)] * 501, Register(), "the register")


def test_operations_without_effect_do_not_widen_the_search() -> None:
    history = [read(0, 0, 10) for _ in range(40)] + [write(1, 0, 10), read(0, 11, 12)]
    assert judge(history, Register()) is Legality.ILLEGAL


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=10),
    st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3)), min_size=10, max_size=10),
    st.sets(st.integers(0, 9)),
)
@settings(max_examples=100, deadline=None)
def test_what_ran_in_order_is_legal_however_the_times_overlap(
    steps: list[tuple[bool, int]], spans: list[tuple[float, float]], unanswered: set[int]
) -> None:
    state, history = 0, []
    for number, ((writes, value), (before, after)) in enumerate(zip(steps, spans, strict=False)):
        start, end = number - before, number + after
        if writes:
            state = value
            history.append(write(value, start, math.inf if number in unanswered else end))
        else:
            history.append(read(state, start, end))
    assert judge(history, Register(), configurations=10**6) is Legality.LEGAL


@given(st.permutations(range(5)))
def test_what_is_left_of_a_contradiction_needs_each_of_its_operations(order: list[int]) -> None:
    contradiction = [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)]
    history = [*contradiction, read(2, 4, 5), write(7, 20, 21)]
    left = shrunk([history[number] for number in order], Register())
    assert sorted(left, key=lambda operation: operation.start) == contradiction
    for number in range(len(left)):
        rest = [*left[:number], left[number].forgotten(), *left[number + 1 :]]
        assert judge(rest, Register()) is Legality.LEGAL


def test_a_contradiction_is_told_with_times_and_answers() -> None:
    history = [write(1, 5.0, 5.001), read(0, 5.002, 5.0035), read(1, 5.004, 5.005)]
    with pytest.raises(Deviation) as raised:
        expect_legal(history, Register(), "the register forgets", requirement="R")
    assert (raised.value.title, raised.value.requirement) == ("the register forgets", "R")
    assert raised.value.actual.splitlines()[1:] == [
        "    0.0 ..    1.0  write 1",
        "    2.0 ..    3.5  read 0",
        "whatever the other 1 operations did",
    ]


# The models


def accepted(action: object, start: float, end: float) -> Operation:
    return Operation(action, ACCEPTED, start, end)


def look(start: float, **values: object) -> Operation:
    return Operation(Look(), members(values) if values else ABSENT, start, start + 0.5)


A, B = Write(members({"a": 1})), Write(members({"b": 1}))
RECORD = Record(members({"a": 0, "b": 0}))
RECORDS = {
    "both-writes-hold": ([accepted(A, 0, 9), accepted(B, 0, 9), look(10, a=1, b=1)], True),
    "an-update-is-lost": ([accepted(A, 0, 9), accepted(B, 0, 9), look(10, a=0, b=1)], False),
    "a-refused-write-changes-nothing": ([Operation(A, REFUSED, 0, 1), look(2, a=0, b=0)], True),
    "a-refused-write-shows": ([Operation(A, REFUSED, 0, 1), look(2, a=1, b=0)], False),
    "an-unanswered-write-shows": ([Operation(A, None, 0, math.inf), look(2, a=1, b=0)], True),
    "half-of-a-write-shows": (
        [accepted(Write(members({"a": 1, "b": 1})), 0, 9), look(1, a=1, b=0)],
        False,
    ),
    "gone-without-a-delete": ([look(1)], False),
    "deleted-shows-for-a-while": ([accepted(Removal(), 0, 1), look(2, a=0, b=0), look(3)], True),
    "back-after-it-was-gone": ([accepted(Removal(), 0, 1), look(2), look(3, a=0, b=0)], False),
    "deleted-twice": ([accepted(Removal(), 0, 1), accepted(Removal(), 0, 1), look(2)], True),
    "written-after-it-was-gone": ([accepted(Removal(), 0, 1), look(2), accepted(A, 3, 4)], False),
}


@pytest.mark.parametrize(("history", "legal"), RECORDS.values(), ids=RECORDS)
def test_a_record_has_what_was_written_last(history: list[Operation], legal: bool) -> None:
    assert judge(history, RECORD) is (Legality.LEGAL if legal else Legality.ILLEGAL)


def test_the_order_of_an_array_does_not_matter() -> None:
    assert members({"tags": [{"key": "a"}, {"key": "b"}]}) == members(
        {"tags": [{"key": "b"}, {"key": "a"}]}
    )


def listing(start: float, *identifiers: str) -> Operation:
    return Operation(Listing(), identifiers, start, start + 0.5)


def reading(start: float, identifier: str, there: bool) -> Operation:
    return Operation(Reading(identifier), (identifier,) if there else (), start, start + 0.5)


X, Y = accepted(Creation("x"), 0, 1), accepted(Creation("y"), 0, 1)
NO_X = accepted(Deletion("x"), 2, 3)
COLLECTIONS = {
    "both-are-listed": ([X, Y, listing(2, "y", "x")], True),
    "one-is-missing": ([X, Y, listing(2, "x")], False),
    "one-is-listed-twice": ([X, listing(2, "x", "x")], False),
    "one-identifier-for-two": ([X, X], False),
    "listed-before-it-was-made": ([listing(-1, "x"), X], False),
    "listed-while-it-is-made": ([X, listing(0, "x"), listing(0)], True),
    "not-there-when-read": ([X, reading(2, "x", there=False)], False),
    "deleted-shows-for-a-while": ([X, NO_X, reading(4, "x", there=True), listing(5)], True),
    "back-after-it-was-gone": ([X, NO_X, listing(4), reading(5, "x", there=True)], False),
    "gone-in-one-place-first": ([X, Y, NO_X, reading(4, "y", there=True), listing(5, "y")], True),
    "an-unanswered-creation": ([Operation(Creation(), None, 0, math.inf), listing(2)], True),
}
NAMES = {
    "two-of-one-name": ([X, Y], False),
    "the-second-is-refused": ([X, Operation(Creation(), REFUSED, 0, 1)], True),
    "all-are-refused": ([Operation(Creation(), REFUSED, 0, 1)] * 2, True),
    "again-after-a-delete": ([X, NO_X, accepted(Creation("y"), 4, 5)], True),
    "again-before-a-delete": ([X, accepted(Creation("y"), 1.2, 1.5), NO_X], False),
}


@pytest.mark.parametrize(("history", "legal"), COLLECTIONS.values(), ids=COLLECTIONS)
def test_a_collection_has_what_was_created(history: list[Operation], legal: bool) -> None:
    assert judge(history, Collection()) is (Legality.LEGAL if legal else Legality.ILLEGAL)


@pytest.mark.parametrize(("history", "legal"), NAMES.values(), ids=NAMES)
def test_a_unique_name_is_had_by_one_thing_at_a_time(history: list[Operation], legal: bool) -> None:
    unique = Collection(unique=True)
    assert judge(history, unique) is (Legality.LEGAL if legal else Legality.ILLEGAL)
