"""The monitors judge a load's traffic, and what they find is judged as what checks find."""

from dataclasses import replace
from datetime import date

import pytest

from pgassay.catalogue import Catalogue
from pgassay.exchange import Exchange, Request
from pgassay.run.under_load import Judge, with_watched
from pgassay.target.model import Credential, Family, Scheme, Target, Waiver
from pgassay.traffic import record, watching
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.watching import Watched, Watching
from pgassay.verdict import Verdict

from .plans import RESULTS

TOKEN = "Secret0Token0For0Tests"
PATH = "/v1/postgres/instances"
ONE = f"{PATH}/11111111-1111-4111-8111-111111111111"
CREDENTIAL = Credential(Scheme.BEARER, token=TOKEN)
TARGET = Target("t", "http://127.0.0.1", (Family.DBAAS,), {"main": CREDENTIAL})
BROKEN = b'{"uuid": 1}'
REQUIREMENT = "DB-SCHEMA-RESPONSE"


def exchange(
    number: int, method: str = "GET", path: str = ONE, status: int = 200, body: bytes = BROKEN
) -> Exchange:
    """An exchange of the dbaas family; status 0 for one without an answer."""
    request = Request(method, path, CREDENTIAL.headers, None, "main", Family.DBAAS)
    headers = {"content-type": "application/json", "date": "Sun, 06 Nov 1994 08:49:37 GMT"}
    failure = None if status else "timeout"
    check, url = "load/s/read", f"{TARGET.base_url}{path}"
    return Exchange(number, check, request, url, 1e9 + number, 0.01, status, headers, body, failure)


def watched(*exchanges: Exchange) -> Watched:
    """What the monitors make of some exchanges."""
    found = Watching(TARGET, (CREDENTIAL,), lambda: 0.0)
    for each in exchanges:
        found.see(each)
    return found.conclude()


def test_a_broken_schema_under_load_fails_the_run_with_exchange_and_curl() -> None:
    judge = Judge.of(Catalogue.load(), TARGET, date(2026, 1, 1))
    found = with_watched(RESULTS, watched(exchange(7), exchange(9, path=f"{ONE}1")), judge)
    assert found.exit_status == 1
    (finding,) = [each for each in found.findings if each.requirement == REQUIREMENT]
    assert (finding.verdict, finding.count, finding.check) == (Verdict.FAIL, 2, "load/s/read")
    assert finding.exchanges[0].sequence == 7
    assert finding.exchanges[0].curl.startswith("curl")
    (row,) = [each for each in found.requirements if each.id == REQUIREMENT]
    assert (row.verdict, row.observations) == (Verdict.FAIL, 2)
    assert found.findings[row.findings[0]] is finding


def test_a_waiver_holds_under_load_as_well() -> None:
    waiver = Waiver(REQUIREMENT, "known", "somebody", date(2027, 1, 1))
    judge = Judge.of(Catalogue.load(), replace(TARGET, waivers=(waiver,)), date(2026, 1, 1))
    found = with_watched(RESULTS, watched(exchange(1)), judge)
    (row,) = [each for each in found.requirements if each.id == REQUIREMENT]
    assert row.verdict is Verdict.WAIVED


def test_requirements_that_were_not_chosen_do_not_join_the_results() -> None:
    judge = Judge.of(Catalogue.load(), TARGET, date(2026, 1, 1))
    found = with_watched(RESULTS, watched(exchange(1)), judge, ["DB-INST-STATUS-LEGAL"])
    assert found.requirements == ()
    assert found.findings == ()


def test_nothing_that_is_kept_holds_the_credential() -> None:
    leaking = exchange(1, body=b'{"uuid": 1, "name": "' + TOKEN.encode() + b'"}')
    written = record.encode(LoadRecord(watched=watched(leaking)))
    assert TOKEN.encode() not in written
    assert record.decode(written).watched.deviations


def test_a_read_that_says_the_same_as_the_one_before_is_judged_once() -> None:
    found = watched(exchange(1), exchange(2), exchange(3, "PUT"), exchange(4), exchange(5))
    assert (found.judged, found.repeated, found.unjudged) == (3, 2, 0)


def test_a_change_without_an_answer_leaves_its_resource_unjudged_and_no_other() -> None:
    other = f"{PATH}/22222222-2222-4222-8222-222222222222"
    found = watched(
        exchange(1, "PUT", status=0),
        exchange(2),
        exchange(3, path=f"{ONE}/users"),
        exchange(4, path=other),
        exchange(5, "POST", PATH, status=0),
        exchange(6, path=PATH),
    )
    assert (found.judged, found.unjudged) == (2, 2)


def test_reads_beyond_the_room_are_counted_and_changes_are_judged_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "_ROOM", 3000)
    found = watched(*(exchange(n, path=f"{ONE}{n}") for n in range(5)), exchange(9, "PUT"))
    assert (found.judged, found.unjudged) == (3, 3)


def test_a_resource_of_which_a_change_found_no_room_is_judged_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its reads may show what the monitors never saw asked for; other resources are judged."""
    monkeypatch.setattr(watching, "_ROOM", 3000)
    gathering = Watching(TARGET, (CREDENTIAL,), lambda: 0.0)
    for number in range(6):
        gathering.see(exchange(number, "PUT", f"{ONE}{number}"))
    while gathering.relieve():
        pass
    gathering.see(exchange(7, path=f"{ONE}5"))
    gathering.see(exchange(8, path=f"{ONE}0"))
    found = gathering.conclude()
    assert (found.judged, found.unjudged) == (6, 2)


@pytest.mark.parametrize("unjudged", [0, 1200])
def test_a_requirement_that_was_kept_says_where_part_of_the_load_was_not_judged(
    unjudged: int,
) -> None:
    judge = Judge.of(Catalogue.load(), TARGET, date(2026, 1, 1))
    seen = Watched({"DB-INST-STATUS-LEGAL": 3}, judged=5, unjudged=unjudged)
    (row,) = with_watched(RESULTS, seen, judge).requirements
    told = "1,200 of 1,205 exchanges of the load were not judged"
    assert (row.verdict, row.note.partition(":")[0]) == (Verdict.PASS, told if unjudged else "")


def test_much_that_has_gathered_is_judged_during_the_load(monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = Watching(TARGET, (CREDENTIAL,), lambda: 0.0)
    gathering.see(exchange(1))
    assert not gathering.relieve()
    monkeypatch.setattr(watching, "_ROOM", 3000)
    assert gathering.relieve()
    assert not gathering.relieve()
    assert gathering.conclude().judged == 1


def test_a_generator_without_spare_time_judges_later(monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = Watching(TARGET, (CREDENTIAL,), lambda: 0.0)
    monkeypatch.setattr(watching, "_ROOM", 3000)
    gathering.pressed = True
    gathering.see(exchange(1))
    assert not gathering.relieve()
    for number in range(2, 5):
        gathering.see(exchange(number, "PUT"))
    assert gathering.relieve()
    gathering.pressed = False
    assert gathering.relieve()


def test_the_reads_of_a_long_run_are_judged_for_a_limited_time() -> None:
    moments = iter(range(0, 1000, 20))
    gathering = Watching(TARGET, (CREDENTIAL,), lambda: float(next(moments)))
    for number in range(5):
        gathering.see(exchange(number, path=f"{ONE}{number}"))
    found = gathering.conclude()
    assert (found.judged, found.unjudged) == (1, 4)


def test_what_several_workers_saw_is_the_same_however_it_is_put_together() -> None:
    parts = [watched(exchange(n), exchange(n, path=f"{ONE}{n}")) for n in (1, 2, 3)]
    forth, back = Watched(), Watched()
    for part in parts:
        forth.merge(part)
    for part in reversed(parts):
        back.merge(part)
    assert forth == back
    (found,) = [each for each in forth.deviations if each.requirement == REQUIREMENT]
    assert (found.count, found.sequence) == (6, 1)
