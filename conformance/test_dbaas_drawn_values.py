"""dbaas: names and numbers drawn inside and just outside their rules."""

from typing import Any

from pgassay.check import full, kind, requirement
from pgassay.exploration import explore
from pgassay.families import DbaasApi
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_expectations import (
    expect_database_name_judged,
    expect_number_refused,
    expect_numbers_accepted,
    expect_user_name_judged,
)
from pgassay.families.pool import affordable
from pgassay.values.identifiers import RESERVED, shapes
from pgassay.values.numbers import inside, outside


@kind("property")
@requirement(
    "DB-USER-NAME-CHARACTERS",
    "DB-USER-NAME-FIRST",
    "DB-USER-NAME-LENGTH",
    "DB-USER-NAME-RESERVED",
)
def test_drawn_user_names_follow_the_rules(
    dbaas: DbaasApi, instance: dict[str, Any], seed: int, examples: int
) -> None:
    """Drawn user names are accepted or refused as the naming rules say."""
    identity(dbaas.proof_of_user(instance["uuid"]))
    explore(
        shapes("$", RESERVED),
        lambda shape: expect_user_name_judged(dbaas, instance["uuid"], shape),
        seed=seed,
        examples=2 * examples,
    )


@kind("property")
@requirement("DB-DB-NAME-CHARACTERS", "DB-DB-NAME-FIRST", "DB-DB-NAME-LENGTH")
def test_drawn_database_names_follow_the_rules(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], seed: int, examples: int
) -> None:
    """Drawn database names are accepted or refused as the naming rules say."""
    uuid, owner = instance["uuid"], user["uuid"]
    identity(dbaas.proof_of_database(uuid, owner))
    explore(
        shapes(),
        lambda shape: expect_database_name_judged(dbaas, uuid, owner, shape),
        seed=seed,
        examples=2 * examples,
    )


@kind("property")
@requirement(
    "DB-INST-CPU-RANGE",
    "DB-INST-RAM-RANGE",
    "DB-INST-DISK-RANGE",
    "DB-INST-NODES-RANGE",
    "DB-INST-SYNC-RANGE",
)
def test_drawn_numbers_outside_their_ranges_are_refused(
    dbaas: DbaasApi, instance: dict[str, Any], seed: int, examples: int
) -> None:
    """Numbers near and far outside the ranges are refused."""
    explore(
        outside(),
        lambda drawn: expect_number_refused(dbaas, *drawn),
        seed=seed,
        examples=2 * examples,
    )


@full
@kind("property")
@requirement(
    "DB-INST-CPU-RANGE",
    "DB-INST-RAM-RANGE",
    "DB-INST-DISK-RANGE",
    "DB-INST-NODES-RANGE",
    "DB-INST-SYNC-RANGE",
)
def test_drawn_numbers_inside_their_ranges_are_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], seed: int, examples: int
) -> None:
    """Numbers anywhere inside the ranges are accepted."""
    explore(
        inside(),
        lambda drawn: expect_numbers_accepted(dbaas, drawn),
        seed=seed,
        examples=len(affordable(dbaas.client, range(examples // 3), "bodies")),
    )
