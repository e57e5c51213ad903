"""The ledger finds each kind of contradiction, and none where there is none."""

from collections.abc import Callable

import pytest

from pgassay.traffic.ledger import Ledger, Listed, Settlement

NONCE = "ab12"
ONE, TWO = f"pga_{NONCE}_0001", f"pga_{NONCE}_0002"


def settled(
    tell: Callable[[Ledger], None], listing: list[Listed], readable: bool = False
) -> Settlement:
    ledger = Ledger(NONCE)
    for name in (ONE, TWO):
        ledger.intend(name)
    tell(ledger)
    return ledger.settle(listing, lambda identifier: readable)


def clean(ledger: Ledger) -> None:
    ledger.created(ONE, "1")
    ledger.created(TWO, "2")
    ledger.removing("2")
    ledger.removed("2", accepted=True)


def test_a_clean_history_has_no_findings() -> None:
    assert settled(clean, [Listed("1", ONE)]).findings == ()


def test_what_is_still_being_deleted_is_not_resurrected() -> None:
    listing = [Listed("1", ONE), Listed("2", TWO, leaving=True)]
    assert settled(clean, listing).findings == ()


def test_resources_of_others_are_no_business_of_ours() -> None:
    listing = [Listed("1", ONE), Listed("9", "production"), Listed("8", "pga_ffff_0001")]
    outcome = settled(clean, listing)
    assert outcome.findings == ()
    assert outcome.present == (Listed("1", ONE),)


def lost(ledger: Ledger) -> None:
    ledger.created(ONE, "1")
    ledger.refused(TWO)


def missed(ledger: Ledger) -> None:
    clean(ledger)
    ledger.missed("1", "GET /instances/1 -> 404")


def late_miss(ledger: Ledger) -> None:
    clean(ledger)
    ledger.missed("2", "GET /instances/2 -> 404")


def same_id(ledger: Ledger) -> None:
    ledger.created(ONE, "1")
    ledger.created(TWO, "1")


def open_creates(ledger: Ledger) -> None:
    """Neither creation was answered."""


@pytest.mark.parametrize(
    ("history", "listing", "readable", "kinds"),
    [
        pytest.param(lost, [], False, ["lost create"], id="lost"),
        pytest.param(lost, [], True, ["not listed"], id="hidden from the listing"),
        pytest.param(missed, [Listed("1", ONE)], True, ["lost create"], id="not found once"),
        pytest.param(late_miss, [Listed("1", ONE)], True, [], id="not found after its delete"),
        pytest.param(lost, [Listed("1", ONE), Listed("2", TWO)], True, ["phantom"], id="refused"),
        pytest.param(lost, [Listed("1", ONE), Listed("3", ONE)], True, ["phantom"], id="twice"),
        pytest.param(
            clean,
            [Listed("1", ONE), Listed("7", f"pga_{NONCE}_0007")],
            True,
            ["phantom"],
            id="never sent",
        ),
        pytest.param(clean, [Listed("1", ONE)] * 2, True, ["duplicate id"], id="listed twice"),
        pytest.param(
            clean,
            [Listed("1", ONE), Listed("2", TWO)],
            True,
            ["resurrected delete"],
            id="resurrected",
        ),
        pytest.param(same_id, [Listed("1", ONE)], True, ["duplicate id"], id="one id for two"),
        pytest.param(open_creates, [Listed("1", ONE)], True, [], id="unknown, one is there"),
        pytest.param(
            open_creates,
            [Listed("1", ONE), Listed("3", ONE)],
            True,
            ["phantom"],
            id="unknown, doubled",
        ),
    ],
)
def test_each_fault_is_its_own_finding(
    history: Callable[[Ledger], None], listing: list[Listed], readable: bool, kinds: list[str]
) -> None:
    findings = settled(history, listing, readable).findings
    assert [finding.split(":")[0] for finding in findings] == kinds


def test_unknown_outcomes_are_settled_by_the_listing_and_what_is_there_is_handed_over() -> None:
    outcome = settled(open_creates, [Listed("1", ONE)])
    assert outcome.settled == 2
    assert outcome.present == (Listed("1", ONE),)
