"""clickhouse: requests that arrive together, and reads beside writes."""

from typing import Any

from pgassay.check import creates, full, requirement
from pgassay.deviation import NotTestable
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_races import (
    configuration_race,
    configuring,
    creations,
    deleting,
    expect_deleted,
    expect_listed_once,
    reading,
    resetting,
    service_race,
    services_race,
    tagging,
    updating,
)
from pgassay.families.races import Round, beside


@requirement("CH-SVC-UPDATE-CONCURRENT", "CH-ENVELOPE-REQUEST-ID-UNIQUE")
def test_updates_that_arrive_together_all_take_effect(
    clickhouse: ClickhouseApi, rounds: tuple[Round, ...]
) -> None:
    """Updates of name and tags that arrive together end as if they had come one by one."""
    service = clickhouse.neighbour()
    for turn in rounds:
        race = service_race(clickhouse, service, "name", "tags")
        renaming = updating(clickhouse, service, name=clickhouse.names.words())
        tags = [tagging(clickhouse, service, f"{turn.number}-{each}") for each in "ab"]
        race.together(*turn.shuffled(renaming, *tags))
        race.expect_settled(
            f"an update got lost among others (round {turn.number})",
            "CH-SVC-UPDATE-CONCURRENT",
            clickhouse.timing.config,
        )


@requirement("CH-CFG-MERGE-CONCURRENT")
def test_merges_of_different_parameters_all_take_effect(
    clickhouse: ClickhouseApi, rounds: tuple[Round, ...]
) -> None:
    """Configuration PATCHes of different parameters that arrive together all come to show."""
    service = clickhouse.neighbour()
    for turn in rounds:
        race = configuration_race(clickhouse, service)
        race.together(*configuring(clickhouse, service, turn))
        race.expect_settled(
            f"a parameter got lost among others (round {turn.number})",
            "CH-CFG-MERGE-CONCURRENT",
            clickhouse.timing.config,
        )


@requirement("CH-SVC-READ-CONCURRENT")
def test_reads_beside_updates_see_each_whole_or_not_at_all(
    clickhouse: ClickhouseApi, rounds: tuple[Round, ...]
) -> None:
    """Reads beside updates of the tags show those before or after each, never a mixture."""
    service = clickhouse.neighbour()
    for turn in rounds:
        race = service_race(clickhouse, service, "tags")
        updates = [tagging(clickhouse, service, f"{turn.number}-{each}") for each in range(4)]
        read = reading(clickhouse, service)
        race.beside(updates, [read] * 4, [read] * 4)
        race.expect_whole(
            f"a read shows half of an update (round {turn.number})", "CH-SVC-READ-CONCURRENT"
        )


@requirement("CH-SVC-READ-YOUR-WRITES")
def test_an_update_shows_at_once_on_every_connection(
    clickhouse: ClickhouseApi, rounds: tuple[Round, ...]
) -> None:
    """Reads that begin after an update of the tags was answered show the new ones."""
    service = clickhouse.neighbour()
    for turn in rounds:
        race = service_race(clickhouse, service, "tags")
        race.beside([tagging(clickhouse, service, f"at-once-{turn.number}")])
        race.together(*[reading(clickhouse, service)] * 4)
        race.expect_legal("an update does not show at once", "CH-SVC-READ-YOUR-WRITES")


@requirement("CH-PASSWORD-CONCURRENT")
def test_passwords_that_are_set_together_end_with_one_of_them(
    clickhouse: ClickhouseApi, primary: Any, rounds: tuple[Round, ...]
) -> None:
    """Where reads show credentials, they come to show a password that was set last."""
    if "password" not in clickhouse.shown(primary["id"]):
        raise NotTestable("reads of this organisation show no credentials")
    for turn in rounds:
        race = service_race(clickhouse, primary["id"], "password")
        race.together(*resetting(clickhouse, primary["id"], 3))
        race.expect_settled(
            f"the password is none that was set last (round {turn.number})",
            "CH-PASSWORD-CONCURRENT",
            clickhouse.timing.config,
        )


@creates
@full
@requirement("CH-SVC-CREATE-CONCURRENT", "CH-SVC-LIST-CONCURRENT", "CH-SVC-LIST-COMPLETE")
def test_lists_are_complete_while_services_come_and_go(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """Services that are created together are all there, and lists meanwhile miss no other one."""
    race, look = services_race(clickhouse), reading(clickhouse)
    lists, lasting = [look] * 6, [service["id"], clickhouse.neighbour()]
    seen = beside(clickhouse.client, lists, *([each, look] for each in creations(clickhouse, 3)))
    created = race.created(seen)
    expect_listed_once(clickhouse, created)
    deletes = [[deleting(clickhouse, each), look] for each in created]
    seen += beside(clickhouse.client, lists, *deletes)
    race.expect_present(seen, lasting, "CH-SVC-LIST-COMPLETE")
    race.expect_legal(seen, "lists contradict what was created", "CH-SVC-LIST-CONCURRENT")


@creates
@full
@requirement("CH-SVC-DELETE-CONCURRENT", "CH-SVC-DELETE-NO-RESURRECTION", "CH-SVC-DELETE-ABSENT")
def test_a_delete_that_meets_other_requests_is_final(
    clickhouse: ClickhouseApi, rounds: tuple[Round, ...]
) -> None:
    """Updates and another delete beside a delete are no server error and bring nothing back."""
    creating = clickhouse.client.send_together(creations(clickhouse, 3))
    for turn, victim in zip(rounds, services_race(clickhouse).created(creating), strict=False):
        updates = [
            updating(clickhouse, victim, name=clickhouse.names.words()),
            tagging(clickhouse, victim, "late"),
        ]
        deletes, read = [deleting(clickhouse, victim)] * 2, reading(clickhouse, victim)
        met = clickhouse.client.send_together(turn.shuffled(*updates, *deletes, read))
        expect_deleted(clickhouse, victim, met)
