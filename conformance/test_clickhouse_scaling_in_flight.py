"""clickhouse CDC scaling: requests while an earlier change is on its way."""

import pytest

from pgassay.check import full, requirement
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import PAIR
from pgassay.families.clickhouse_expectations import expect_scaled, expect_scaling_refused, pair_of
from pgassay.values.selection import cases


@requirement("CH-CDC-LAST", "CH-CDC-CHANGE-HOLDS")
@pytest.mark.parametrize("pause", cases({"at-once": False, "under-way": True}, {"at-once"}))
def test_the_later_of_two_pairs_holds(clickhouse: ClickhouseApi, pause: bool) -> None:  # noqa: FBT001
    """A pair that is asked for while another one is on its way is the one that stays."""
    present = clickhouse.scaling_pair()
    first, last = [pair for pair in map(pair_of, (9, 10, 11)) if pair != present][:2]
    expect_status(clickhouse.scale(first), 200, requirement="CH-CDC-UPDATE")
    if pause:
        clickhouse.scaling_pair()
    second = clickhouse.scale(last)
    if not second.succeeded:
        expect_rejected(second, "a change is on its way")
    wanted = last if second.succeeded else first
    waited = clickhouse.wait_scaling(wanted)
    after = [waited.value, *(clickhouse.scaling_pair() for _ in range(3))]
    expect(
        after == [wanted] * 4,
        "the pair that was asked for last does not stay",
        expected=show(wanted),
        actual=show(after),
    )


@requirement("CH-CDC-PAIR", "CH-CDC-CPU-STEP", "CH-CDC-REJECT-UNTOUCHED")
def test_near_misses_are_refused_while_a_pair_is_on_its_way(clickhouse: ClickhouseApi) -> None:
    """What fits neither the old nor the new pair is refused meanwhile, and the new one comes."""
    old = clickhouse.scaling_pair()
    new = pair_of(13 if old != pair_of(13) else 14)
    expect_status(clickhouse.scale(new), 200, requirement="CH-CDC-UPDATE")
    crossed = {PAIR[0]: new[PAIR[0]], PAIR[1]: old[PAIR[1]]}
    mirrored = {PAIR[0]: old[PAIR[0]], PAIR[1]: new[PAIR[1]]}
    for body in (crossed, mirrored, new | {PAIR[1]: new[PAIR[1]] + 4}, new | {PAIR[0]: 13500}):
        exchange = clickhouse.scale(body)
        judged = "CH-CDC-CPU-STEP" if body[PAIR[0]] % 1000 else "CH-CDC-PAIR"
        expect_rejected(exchange, "the memory is not four times the cores", requirement=judged)
    reached = clickhouse.wait_scaling(new).value
    expect_equal(reached, new, "the pair", requirement="CH-CDC-REJECT-UNTOUCHED")


@full
@requirement("CH-CDC-ONE-MEMBER", "CH-CDC-NO-MIXED-PAIR")
@pytest.mark.parametrize("member", PAIR)
def test_one_member_while_a_pair_is_on_its_way_ends_in_a_pair(
    clickhouse: ClickhouseApi, member: str
) -> None:
    """One member alone is refused meanwhile and the pair comes, or the other member follows."""
    old = clickhouse.scaling_pair()
    new = pair_of(15 if old != pair_of(15) else 16)
    expect_status(clickhouse.scale(new), 200, requirement="CH-CDC-UPDATE")
    other = pair_of(10)
    exchange = clickhouse.scale({member: other[member]})
    waited = clickhouse.wait_scaling(other if exchange.succeeded else new)
    expect(
        waited.reached,
        "a request with one member ends in no pair of it",
        expected=show(other if exchange.succeeded else new),
        actual=show(waited.value),
        exchange=exchange,
        requirement="CH-CDC-ONE-MEMBER",
    )


@full
@requirement("CH-CDC-REJECT-UNTOUCHED", "CH-CDC-PAIR")
def test_a_refused_pair_stays_refused(clickhouse: ClickhouseApi) -> None:
    """Asking again, and asking for the mirrored pair in between, changes no refusal."""
    for _ in range(3):
        for body in ({PAIR[0]: 8000, PAIR[1]: 4}, {PAIR[0]: 1000, PAIR[1]: 32}):
            expect_scaling_refused(clickhouse, body, "the memory is not four times the cores")


@full
@requirement("CH-CDC-UPDATE", "CH-CDC-DELAYED-EFFECT", "CH-CDC-CHANGE-HOLDS")
def test_a_pair_can_be_returned_to(clickhouse: ClickhouseApi) -> None:
    """Scaling up, down and up again takes effect each time."""
    for cores in (15, 2, 15):
        expect_scaled(clickhouse, pair_of(cores))
