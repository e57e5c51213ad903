"""Each fault of a server shows as its own finding, once for each resource, and nothing is left."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgassay import journal as journals
from pgassay.exchange import Request
from pgassay.journal import Journal
from pgassay.redaction import Vault
from pgassay.target.model import Family
from pgassay.traffic.finding import Kind
from pgassay.traffic.settlement import conclude

from .faulty import NONCE, World, live, traffic

FAMILIES = list(Family)
#: The faults that single reads show as well.
READABLE = (
    Kind.LOST_CREATE,
    Kind.DUPLICATE_ID,
    Kind.RESURRECTED_DELETE,
    Kind.STALE_READ,
    Kind.BACKWARD_STATE,
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An open journal."""
    with Journal(tmp_path / "journal.jsonl", Vault(), {}) as found:
        yield found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", list(Kind))
def test_a_fault_is_found_on_each_resource_that_it_strikes_and_on_no_other(
    journal: Journal, family: Family, kind: Kind
) -> None:
    world = World(family, kind)
    load = traffic(world, journal)
    live(load, 9)
    ending = conclude(load)
    assert [found.kind for found in ending.findings] == [kind] * 3
    assert world.held == {}
    assert ending.left == ()


@pytest.mark.parametrize("kind", READABLE)
def test_single_reads_take_the_place_of_a_listing_that_is_not_offered(
    journal: Journal, kind: Kind
) -> None:
    world = World(Family.DBAAS, kind, lists=False)
    load = traffic(world, journal)
    live(load, 9)
    ending = conclude(load)
    assert [found.kind for found in ending.findings] == [kind] * 3
    assert world.held == {}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("clean", [True, False])
def test_a_clean_server_has_no_findings_and_nothing_is_left(
    journal: Journal, family: Family, lists: bool, clean: bool
) -> None:
    world = World(family, lists=lists)
    load = traffic(world, journal)
    live(load, 9, clean=clean)
    ending = conclude(load)
    assert (ending.findings, ending.left, ending.settled) == ((), (), 0)
    assert ending.created == ending.removed == 9
    assert world.held == {}


@pytest.mark.parametrize("kind", list(Kind))
def test_the_evidence_is_in_the_journal_under_its_numbers(
    journal: Journal, tmp_path: Path, kind: Kind
) -> None:
    world = World(Family.CLICKHOUSE, kind)
    load = traffic(world, journal)
    live(load, 3)
    (found,) = conclude(load).findings
    entries = list(journals.read(tmp_path / "journal.jsonl"))
    written = {entry["sequence"]: entry for entry in entries if entry["kind"] == "exchange"}
    noted = [entry["finding"] for entry in entries if entry["kind"] == "contradiction"]
    assert list(found.evidence) in [each["evidence"] for each in noted]
    numbers = [int(re.match(r"#(\d+) ", line).group(1)) for line in found.evidence]  # type: ignore[union-attr]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 2
    # What decided is there whole; of the reads before it the lines alone are kept.
    entry = written[numbers[-1]]
    for number, line in zip(numbers, found.evidence, strict=True):
        entry = written.get(number, entry)
        shown = f"#{number} {entry['method']} {entry['path']} -> {entry['status']}, sent "
        assert number not in written or line.startswith(shown)
    assert NONCE in found.subject


@pytest.mark.parametrize("family", FAMILIES)
def test_creates_without_an_answer_are_settled_by_the_listing_and_removed(
    journal: Journal, family: Family
) -> None:
    world = World(family, "mute")
    load = traffic(world, journal)
    live(load, 9)
    ending = conclude(load)
    assert (ending.findings, ending.left, ending.settled) == ((), (), 3)
    assert ending.created == ending.removed == 9
    assert world.held == {}


def test_what_nobody_can_look_up_is_named_as_left(journal: Journal) -> None:
    world = World(Family.DBAAS, "mute", lists=False)
    load = traffic(world, journal)
    live(load, 3)
    ending = conclude(load)
    assert ending.findings == ()
    assert len(ending.left) == 1
    assert "not answered" in ending.left[0].reason


def test_a_deletion_that_does_not_last_is_found_in_the_cleanup_and_repeated(
    journal: Journal,
) -> None:
    world = World(Family.DBAAS, "resurrected delete", every=1)
    load = traffic(world, journal)
    live(load, 60, clean=False)
    ending = conclude(load)
    assert {found.kind for found in ending.findings} == {Kind.RESURRECTED_DELETE}
    assert len(ending.findings) == 60
    assert ending.left == ()
    assert world.held == {}


def test_what_cannot_be_removed_is_named(journal: Journal) -> None:
    world = World(Family.DBAAS, "deaf")
    load = traffic(world, journal)
    live(load, 3)
    ending = conclude(load)
    assert [found.kind for found in ending.findings] == [Kind.RESURRECTED_DELETE]
    assert [(each.name, each.id) for each in ending.left] == [(f"pga_{NONCE}_0003", "r3")]


def _creation(name: str) -> Request:
    return Request.of("POST", "/v1/postgres/instances", json_body={"name": name})


def test_similar_resources_of_others_are_no_business_of_ours(journal: Journal) -> None:
    world = World(Family.DBAAS)
    load = traffic(world, journal)
    live(load, 3)
    for name in ("production", f"pga_{NONCE}b_0001", f"x{NONCE}", "pga_0a1b2c3d_0001"):
        world.send("", _creation(name))
    ending = conclude(load)
    assert ending.findings == ()
    assert len(world.held) == 4
