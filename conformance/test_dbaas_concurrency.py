"""dbaas: requests that arrive together, and reads beside writes."""

from typing import Any

from pgassay.check import creates, full, requirement
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_owned_or_gone
from pgassay.families.dbaas_races import (
    LABELS,
    children_race,
    contended,
    creating,
    crowd,
    deleting,
    expect_all_there,
    expect_deleted,
    expect_no_orphans,
    expect_one_of_a_name,
    instance_race,
    listing,
    reading,
    relabelling,
    updating,
)
from pgassay.families.races import Round, all_answered, beside


@requirement("DB-USER-NAME-CONCURRENT")
def test_of_users_of_one_name_one_is_created(
    dbaas: DbaasApi, instance: dict[str, Any], rounds: tuple[Round, ...]
) -> None:
    """Of twenty creations of one user name that arrive together exactly one is accepted."""
    for _ in rounds:
        race = children_race(dbaas, instance["uuid"], "users")
        same = creating(dbaas, instance["uuid"], "users")
        met = dbaas.client.send_together([same] * crowd(dbaas))
        expect_one_of_a_name(dbaas, race, met, "DB-USER-NAME-CONCURRENT")


@requirement("DB-DB-NAME-CONCURRENT")
def test_of_databases_of_one_name_one_is_created(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], rounds: tuple[Round, ...]
) -> None:
    """Of twenty creations of one database name that arrive together exactly one is accepted."""
    for _ in rounds:
        race = children_race(dbaas, instance["uuid"], "databases")
        same = creating(dbaas, instance["uuid"], "databases", user["uuid"])
        met = dbaas.client.send_together([same] * crowd(dbaas))
        expect_one_of_a_name(dbaas, race, met, "DB-DB-NAME-CONCURRENT")


@full
@requirement("DB-USER-NAME-CONCURRENT")
def test_a_contended_name_belongs_to_one_user_at_a_time(
    dbaas: DbaasApi, instance: dict[str, Any], rounds: tuple[Round, ...]
) -> None:
    """While some create users of one name and delete them again, never two of them exist."""
    for turn in rounds:
        race = children_race(dbaas, instance["uuid"], "users")
        met = contended(dbaas, instance["uuid"])
        title = f"two users had one name at once (round {turn.number})"
        race.expect_unique(met, title, "DB-USER-NAME-CONCURRENT")


@requirement("DB-USER-CREATE-CONCURRENT", "DB-USER-LIST-CONCURRENT", "DB-USER-LIST")
def test_users_that_are_created_together_are_all_there(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], rounds: tuple[Round, ...]
) -> None:
    """Users that are created and deleted beside lists are all there, and no other is missed."""
    uuid, race = instance["uuid"], children_race(dbaas, instance["uuid"], "users")
    for turn in rounds:
        look = listing(dbaas, uuid, "users")
        creations = [[creating(dbaas, uuid, "users"), look] for _ in range(crowd(dbaas, 6))]
        met = beside(dbaas.client, [look] * 4, *creations)
        expect_all_there(dbaas, race, met, "DB-USER-CREATE-CONCURRENT")
        gone = [[deleting(dbaas, uuid, "users", each), look] for each in race.created(met)]
        met += beside(dbaas.client, [look] * 4, *gone)
        race.expect_present(met, [user["uuid"]], "DB-USER-LIST")
        title = f"lists contradict what was created (round {turn.number})"
        race.expect_legal(met, title, "DB-USER-LIST-CONCURRENT")


@requirement("DB-INST-UPDATE-CONCURRENT")
def test_updates_that_arrive_together_end_as_one_after_the_other(
    dbaas: DbaasApi, rounds: tuple[Round, ...]
) -> None:
    """Updates of different members that arrive together end as some order of them would."""
    for turn in rounds:
        uuid = dbaas.other_instance()
        now, race = dbaas.representation(uuid), instance_race(dbaas, uuid)
        labels = [{member: dbaas.names.identifier()} for member in LABELS * 2]
        race.together(*turn.shuffled(*(updating(dbaas, uuid, now, **each) for each in labels)))
        race.expect_settled(
            f"the instance is as no order of the updates leaves it (round {turn.number})",
            "DB-INST-UPDATE-CONCURRENT",
            dbaas.timing.scale,
        )


@requirement("DB-INST-READ-CONCURRENT")
def test_reads_beside_updates_see_each_whole_or_not_at_all(
    dbaas: DbaasApi, rounds: tuple[Round, ...]
) -> None:
    """Reads beside updates show an instance as before or after each, never a mixture."""
    for turn in rounds:
        uuid = dbaas.other_instance()
        now, race = dbaas.representation(uuid), instance_race(dbaas, uuid)
        reads = [reading(dbaas, uuid)] * 4
        race.beside([relabelling(dbaas, uuid, now) for _ in range(3)], reads, reads)
        title = f"a read shows half of an update (round {turn.number})"
        race.expect_whole(title, "DB-INST-READ-CONCURRENT")


@creates
@full
@requirement(
    "DB-INST-DELETE-CONCURRENT", "DB-CHILD-DELETE-CONCURRENT", "DB-INST-DELETE-NO-RESURRECTION"
)
def test_a_delete_that_meets_other_requests_is_final(
    dbaas: DbaasApi, rounds: tuple[Round, ...]
) -> None:
    """Beside an update, creations and another delete an instance goes with all that is in it."""
    for turn in rounds[:2]:
        instance = dbaas.active_instance()
        uuid, owner = instance["uuid"], dbaas.new_user(instance["uuid"])
        children = [creating(dbaas, uuid, kind, owner) for kind in ("users", "databases")]
        update = relabelling(dbaas, uuid, dbaas.representation(uuid))
        deletes, read = [deleting(dbaas, uuid)] * 2, reading(dbaas, uuid)
        met = dbaas.client.send_together(turn.shuffled(*children, update, *deletes, read))
        expect_deleted(dbaas, uuid, met, "DB-INST-DELETE-CONCURRENT")
        expect_no_orphans(dbaas, met, "DB-CHILD-DELETE-CONCURRENT")


@requirement("DB-DB-OWNER-CONCURRENT")
def test_a_database_whose_owner_goes_meanwhile_is_not_left_behind(
    dbaas: DbaasApi, instance: dict[str, Any], rounds: tuple[Round, ...]
) -> None:
    """A database that is created while its owner is deleted has an owner, or is not there."""
    uuid = instance["uuid"]
    for turn in rounds:
        owner = dbaas.new_user(uuid)
        create = creating(dbaas, uuid, "databases", owner)
        meeting = turn.shuffled(create, deleting(dbaas, uuid, "users", owner))
        met = dbaas.client.send_together(meeting)
        for database in children_race(dbaas, uuid, "databases").created(met):
            expect_owned_or_gone(dbaas, uuid, database, "DB-DB-OWNER-CONCURRENT")
        all_answered(met)
