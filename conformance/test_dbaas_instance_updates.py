"""dbaas instances: PUT, its validation, the disk that never shrinks."""

from typing import Any

import pytest

from pgassay.check import every_case, full, requirement
from pgassay.exchange import Json
from pgassay.expectation import expect_equal, expect_member, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import settled
from pgassay.families.dbaas_expectations import (
    expect_untouched,
    expect_update_refused,
    expect_updated,
)
from pgassay.values.numbers import CPU, DISK, RAM, RANGES, SYNC, NumberRange

BESIDE = [
    pytest.param(numbers, value, id=f"{numbers.member}-{case}")
    for numbers in RANGES
    for case, value in numbers.refused.items()
]
LIMITS = [
    pytest.param(numbers, value, id=f"{numbers.member}-{case}")
    for numbers in RANGES
    for case, value in numbers.accepted.items()
    if (numbers.member, case) != ("disk_size", "minimum")
]


@requirement("DB-INST-UPDATE")
def test_an_update_takes_effect(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """An update of several members comes to be shown, and changes no other instance."""
    before = dbaas.representation(instance["uuid"])
    changes: dict[str, Any] = {"description": "updated", "ram": 2048, "nodes_number": 3}
    expect_updated(dbaas, dbaas.other_instance(), name=dbaas.names.identifier(), **changes)
    expect_equal(dbaas.representation(instance["uuid"]), before, "the other instance")


@requirement("DB-INST-UPDATE")
def test_an_update_to_the_present_values_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any]
) -> None:
    """Sending an instance as it is changes nothing."""
    before = dbaas.representation(instance["uuid"])
    expect_success(dbaas.proof_of_update(instance["uuid"]))
    expect_equal(dbaas.representation(instance["uuid"]), before, "the instance")


@full
@requirement("DB-INST-UPDATE")
@pytest.mark.parametrize(("numbers", "value"), LIMITS)
def test_an_update_to_a_limit_is_accepted(
    dbaas: DbaasApi, worn_instance: dict[str, Any], numbers: NumberRange, value: int
) -> None:
    """An update to the smallest or largest value of a member takes effect."""
    # It may have more replicas than fewer nodes can hold, and a disk that is larger already.
    changes: dict[str, Json] = {SYNC.member: SYNC.least, **numbers.changes(value)}
    if numbers is DISK:
        changes[DISK.member] = max(value, worn_instance[DISK.member])
    expect_updated(dbaas, worn_instance["uuid"], **changes)


@every_case
@requirement("DB-INST-UPDATE-VALIDATION")
@pytest.mark.parametrize(("numbers", "value"), BESIDE)
def test_an_update_beyond_a_limit_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], numbers: NumberRange, value: int
) -> None:
    """An update to a value just outside a member's range is refused and changes nothing."""
    expect_update_refused(dbaas, instance["uuid"], numbers.rule, **numbers.changes(value))


@requirement("DB-INST-CPU-TYPE")
@pytest.mark.parametrize("case", CPU.mistyped)
def test_an_update_to_a_cpu_that_is_no_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """An update to a cpu of another type is refused."""
    rule = "cpu must be a whole number"
    expect_update_refused(dbaas, instance["uuid"], rule, cpu=CPU.mistyped[case])


@full
@requirement("DB-INST-RAM-TYPE")
@pytest.mark.parametrize("case", RAM.mistyped)
def test_an_update_to_a_ram_that_is_no_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """An update to a ram of another type is refused."""
    rule = "ram must be a whole number"
    expect_update_refused(dbaas, instance["uuid"], rule, ram=RAM.mistyped[case])


@requirement("DB-INST-DISK-NO-SHRINK")
@pytest.mark.parametrize("case", ["by-one", "by-half", "to-the-minimum"])
def test_a_disk_does_not_shrink(dbaas: DbaasApi, instance: dict[str, Any], case: str) -> None:
    """An update to a smaller disk is refused, and the disk keeps its size."""
    size = dbaas.number(instance["uuid"], "disk_size")
    smaller = {"by-one": size - 1, "by-half": size // 2, "to-the-minimum": 8}[case]
    rule = f"a disk of {size} GB must not shrink"
    expect_update_refused(dbaas, instance["uuid"], rule, disk_size=smaller)


@requirement("DB-INST-DISK-NO-SHRINK")
def test_a_disk_does_not_shrink_at_the_third_attempt(
    dbaas: DbaasApi, instance: dict[str, Any]
) -> None:
    """Repeating an update to a smaller disk does not make it accepted."""
    size = dbaas.number(instance["uuid"], "disk_size")
    for _ in range(3):
        rule = f"a disk of {size} GB must not shrink"
        expect_update_refused(dbaas, instance["uuid"], rule, disk_size=size - 1)


@requirement("DB-INST-DISK-NO-SHRINK")
def test_a_disk_does_not_shrink_along_with_a_valid_change(
    dbaas: DbaasApi, instance: dict[str, Any]
) -> None:
    """A smaller disk is refused, and with it the valid change in the same update."""
    size = dbaas.number(instance["uuid"], "disk_size")
    rule = f"a disk of {size} GB must not shrink"
    changes = {"cpu": 2, "description": "smaller", "disk_size": size - 1}
    expect_update_refused(dbaas, instance["uuid"], rule, **changes)


@requirement("DB-INST-UPDATE-IDENTITY")
def test_an_update_does_not_change_who_an_instance_is(dbaas: DbaasApi) -> None:
    """Identifier and creation time stay, also when an update names others."""
    uuid = dbaas.other_instance()
    before = settled(dbaas.get(uuid))
    expect_updated(dbaas, uuid, "DB-INST-UPDATE", description="who else")
    dbaas.update(uuid, uuid=dbaas.absent_uuid())
    dbaas.update(uuid, created_at="2001-02-03T04:05:06Z")
    after = dbaas.get(uuid)
    expect_success(after)
    for name in ("uuid", "created_at"):
        if name in before:
            shown = expect_member(after.json(), name, after)
            expect_equal(shown, before[name], f"member `{name}`", after)


@requirement("DB-INST-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cpu": 2, "ram": 0}, id="range"),
        pytest.param({"cpu": "2", "description": "refused"}, id="type"),
        pytest.param({"cpu": 3, "disk_size": 8}, id="shrink"),
        pytest.param({"description": "refused", "nodes_number": 17}, id="last-member"),
    ],
)
def test_a_refused_update_changes_nothing(
    dbaas: DbaasApi, instance: dict[str, Any], changes: dict[str, Any]
) -> None:
    """An update with one invalid member changes none of the others."""
    uuid = instance["uuid"]
    expect_untouched(lambda: dbaas.update(uuid, **changes), lambda: dbaas.representation(uuid))
