"""Broken evidence takes a sound pass away, and leaves a vacuous one."""

from pathlib import Path

import pytest

from pgassay import falsification
from pgassay.falsification import Effort, Falsification, Scope, Worth, falsify
from pgassay.falsification.record import records
from pgassay.falsification.replay import replaying
from pgassay.run.checking import run_checks
from pgassay.run.progress import Silence

from .conftest import Recording

#: As few changes as show the difference.
BRIEFLY = Effort(usual=1, more=1, most=40)


@pytest.fixture(scope="module")
def found(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Falsification:
    """The falsification of the recorded run, without any argument."""
    argued = tmp_path_factory.mktemp("argued") / "vacuous.toml"
    argued.write_text("", encoding="utf-8")
    return falsify(recording.run, effort=BRIEFLY, checks=recording.checks, argued=argued)


def worths(found: Falsification) -> dict[str, Worth]:
    return {each.check.removeprefix("test_own::"): each.worth for each in found.passes}


def test_the_replay_of_an_unchanged_run_repeats_its_verdicts(recording: Recording) -> None:
    [record] = records(recording.run)
    with replaying(record, recording.checks) as (session, tape):
        run_checks(session, Silence())

    again = {checked.result.id: checked.result.verdict for checked in session.checked}
    assert again == record.verdicts
    assert len(again) == 6
    assert not tape.strayed
    assert not session.watch.found


def test_sound_passes_are_load_bearing_and_a_check_that_looks_away_is_vacuous(
    found: Falsification,
) -> None:
    assert worths(found) == {
        "test_of_the_status": Worth.LOAD_BEARING,
        "test_that_looks_away": Worth.VACUOUS,
        "test_that_waits_for_an_instance": Worth.LOAD_BEARING,
        "test_that_leans_on_a_fixture": Worth.LOAD_BEARING,
        "test_of_a_secret": Worth.LOAD_BEARING,
        "test_on_the_wire": Worth.LOAD_BEARING,
    }


def test_what_a_few_changes_do_not_shake_meets_all_of_them(recording: Recording) -> None:
    none_at_first = Effort(usual=0, more=0, most=0)
    scope = Scope(requirements=("DB-VER-LIST",))
    found = falsify(recording.run, scope, none_at_first, checks=recording.checks)
    assert worths(found) == {"test_of_the_status": Worth.LOAD_BEARING}
    assert found.open == ()


def test_a_vacuous_pass_stays_open_until_it_is_argued(
    found: Falsification, recording: Recording, tmp_path: Path
) -> None:
    argued = tmp_path / "vacuous.toml"
    argued.write_text(
        '[[vacuous]]\ncheck = "test_own::test_that_looks_*"\nreason = "It shows how."\n'
        '[[vacuous]]\nrequirement = "DB-VER-GET"\nreason = "Nobody looks."\n'
        '[[vacuous]]\ncheck = "test_own::test_of_the_status"\nreason = "Stale."\n',
        encoding="utf-8",
    )
    scope = Scope(requirements=("DB-VER-GET",))
    again = falsify(recording.run, scope, BRIEFLY, checks=recording.checks, argued=argued)

    assert {"DB-VER-GET", "test_own::test_that_looks_away"} <= set(found.open)
    assert "test_own::test_of_the_status" not in found.open
    assert again.open == ()
    assert [each.check for each in again.passes] == ["test_own::test_that_looks_away"]
    assert again.stale == ("test_own::test_of_the_status",)


def test_what_is_written_names_vacuous_passes_and_holds_no_secret(
    found: Falsification, recording: Recording, tmp_path: Path
) -> None:
    falsification.write(found, tmp_path / "falsification.json")
    told = falsification.render(found) + falsification.summary(found)
    told += (tmp_path / "falsification.json").read_text(encoding="utf-8")

    assert "5 of 6 passes flip when their evidence is broken; 1 are vacuous" in told
    assert told.count("test_own::test_that_looks_away") == 3
    known = [*recording.target.credentials.values()]
    assert not [secret for each in known for secret in each.secrets if secret in told]


def test_the_journal_says_how_the_run_was_asked_for_without_its_secrets(
    recording: Recording,
) -> None:
    journal = (recording.run / "journal.jsonl").read_text(encoding="utf-8")

    assert '"recipe"' in journal
    known = [*recording.target.credentials.values()]
    assert not [secret for each in known for secret in each.secrets if secret in journal]
