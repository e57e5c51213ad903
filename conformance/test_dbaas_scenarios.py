"""dbaas: random scenarios over all operations, compared with a simple model."""

from typing import Any

from pgassay.check import kind, requirement
from pgassay.exploration import explore_steps
from pgassay.families import DbaasApi
from pgassay.models.dbaas import DbaasMachine
from pgassay.models.scenario import Creations


@kind("stateful")
@requirement(
    "DB-INST-MODEL",
    "DB-INST-GET",
    "DB-INST-UPDATE",
    "DB-INST-UPDATE-LAST",
    "DB-INST-DISK-GROW",
    "DB-INST-DISK-NO-SHRINK",
    "DB-INST-DELETE",
    "DB-INST-DELETE-CASCADE",
    "DB-USER-CREATE",
    "DB-USER-LIST",
    "DB-USER-DELETE",
    "DB-USER-NAME-LENGTH",
    "DB-USER-NAME-RESERVED",
    "DB-USER-NAME-UNIQUE",
    "DB-USER-NAME-UNIQUE-SCOPE",
    "DB-USER-PASSWORD-LENGTH",
    "DB-DB-CREATE",
    "DB-DB-LIST",
    "DB-DB-DELETE",
    "DB-DB-OWNER-REFERENCE",
    "DB-DB-OWNER-VALID",
    "DB-DB-OWNER-REMOVED",
)
def test_the_target_agrees_with_a_model(
    dbaas: DbaasApi,
    instance: dict[str, Any],
    worn_instance: dict[str, Any],
    seed: int,
    examples: int,
) -> None:
    """After each step of a random scenario the target shows what a simple model holds."""
    own = worn_instance["uuid"]
    dbaas.proof_of_user(instance["uuid"])
    creations = Creations(1 + examples // 20)
    explore_steps(
        lambda first: DbaasMachine(dbaas, instance["uuid"], own, creations, first),
        seed=seed,
        scenarios=max(1, examples // 12),
        steps=10 + examples // 2,
    )
