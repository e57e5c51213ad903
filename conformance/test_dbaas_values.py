"""dbaas requests: every member of every body with every fault that the tables know.

What becomes of a body is decided by the OpenAPI document: `pgassay.values.trials`.
"""

from typing import Any, Final

import pytest

from pgassay.families import DbaasApi
from pgassay.families.dbaas_values import creating, creating_databases, creating_users, updating
from pgassay.families.value_expectations import expect_judged
from pgassay.values import forms
from pgassay.values.rules import cases_of
from pgassay.values.trials import Place

#: The requirements that faults break, by form, place and kind of fault (`pgassay.values.rules`).
JUDGES: Final = {
    "instance": {
        "untouched": "DB-INST-REJECT-UNTOUCHED",
        "": "DB-REQUEST-INVALID",
        "name": "DB-INST-NAME-TYPE",
        "description": "DB-INST-NAME-TYPE",
        "cpu": "DB-INST-CPU-TYPE",
        "cpu range": "DB-INST-CPU-RANGE",
        "ram": "DB-INST-RAM-TYPE",
        "ram range": "DB-INST-RAM-RANGE",
        "disk_size": "DB-INST-DISK-TYPE",
        "disk_size range": "DB-INST-DISK-RANGE",
        "nodes_number": "DB-INST-NODES-TYPE",
        "nodes_number range": "DB-INST-NODES-RANGE",
        "sync_replica_number": "DB-INST-SYNC-TYPE",
        "sync_replica_number range": "DB-INST-SYNC-RANGE",
        "version missing": "DB-INST-VERSION-REQUIRED",
    },
    "update": {
        "untouched": "DB-INST-REJECT-UNTOUCHED",
        "kept": "DB-INST-UPDATE",
        "altered": "DB-VALUE-KEPT",
        "accepted": "DB-REQUEST-VALID",
        "": "DB-REQUEST-INVALID",
        "cpu range": "DB-INST-UPDATE-VALIDATION",
        "ram range": "DB-INST-UPDATE-VALIDATION",
        "disk_size range": "DB-INST-UPDATE-VALIDATION",
        "nodes_number range": "DB-INST-UPDATE-VALIDATION",
        "sync_replica_number range": "DB-INST-UPDATE-VALIDATION",
    },
    "user": {
        "untouched": "DB-USER-REJECT-UNTOUCHED",
        "kept": "DB-USER-GET",
        "altered": "DB-VALUE-KEPT",
        "accepted": "DB-REQUEST-VALID",
        "": "DB-REQUEST-INVALID",
        "name": "DB-USER-NAME-REQUIRED",
        "name length": "DB-USER-NAME-LENGTH",
        "name first": "DB-USER-NAME-FIRST",
        "name form": "DB-USER-NAME-CHARACTERS",
        "name character": "DB-USER-NAME-CHARACTERS",
        "password": "DB-USER-PASSWORD-REQUIRED",
        "password length": "DB-USER-PASSWORD-LENGTH",
    },
    "database": {
        "untouched": "DB-DB-REJECT-UNTOUCHED",
        "kept": "DB-DB-GET",
        "altered": "DB-VALUE-KEPT",
        "accepted": "DB-REQUEST-VALID",
        "": "DB-REQUEST-INVALID",
        "name": "DB-DB-NAME-REQUIRED",
        "name length": "DB-DB-NAME-LENGTH",
        "name first": "DB-DB-NAME-FIRST",
        "name form": "DB-DB-NAME-CHARACTERS",
        "name character": "DB-DB-NAME-CHARACTERS",
        "owner missing": "DB-DB-OWNER-REQUIRED",
    },
}


@pytest.mark.parametrize("place", cases_of(forms.INSTANCE, JUDGES["instance"]))
def test_values_of_an_instance(dbaas: DbaasApi, place: Place, examples: int) -> None:
    """An instance with a value that the document excludes is refused and leaves nothing."""
    expect_judged(creating(dbaas, place), place, JUDGES["instance"], examples)


@pytest.mark.parametrize("place", cases_of(forms.CHANGE, JUDGES["update"]))
def test_values_of_an_instance_update(dbaas: DbaasApi, place: Place, examples: int) -> None:
    """An update to an excluded value is refused without effect; any other value is kept as sent."""
    expect_judged(updating(dbaas), place, JUDGES["update"], examples)


@pytest.mark.parametrize("place", cases_of(forms.USER, JUDGES["user"]))
def test_values_of_a_user(
    dbaas: DbaasApi, instance: dict[str, Any], place: Place, examples: int
) -> None:
    """A user with an excluded value is refused and not added; any other value is kept as sent."""
    expect_judged(creating_users(dbaas, instance["uuid"]), place, JUDGES["user"], examples)


@pytest.mark.parametrize("place", cases_of(forms.DATABASE, JUDGES["database"]))
def test_values_of_a_database(
    dbaas: DbaasApi,
    instance: dict[str, Any],
    user: dict[str, Any],
    place: Place,
    examples: int,
) -> None:
    """A database with an excluded value is refused and not added; any other is kept as sent."""
    ground = creating_databases(dbaas, instance["uuid"], user["uuid"])
    expect_judged(ground, place, JUDGES["database"], examples)
