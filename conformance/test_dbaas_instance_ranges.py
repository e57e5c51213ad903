"""dbaas instances: ranges and types of cpu, ram, disk_size, nodes_number, sync_replica_number."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import Json
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_accepted, expect_creation_refused
from pgassay.values.numbers import CPU, DISK, NODES, RAM, SYNC


@requirement("DB-INST-CPU-RANGE")
@pytest.mark.parametrize("value", CPU.accepted.values(), ids=CPU.accepted)
def test_cpu_at_its_limits_is_accepted(dbaas: DbaasApi, value: int) -> None:
    """The smallest and the largest cpu are accepted."""
    expect_accepted(dbaas, CPU, value)


@requirement("DB-INST-CPU-RANGE")
@pytest.mark.parametrize("value", CPU.refused.values(), ids=CPU.refused)
def test_cpu_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: int
) -> None:
    """A cpu just outside its range is refused."""
    expect_creation_refused(dbaas, CPU.rule, **CPU.changes(value))


@requirement("DB-INST-CPU-TYPE")
@pytest.mark.parametrize("value", CPU.mistyped.values(), ids=CPU.mistyped)
def test_cpu_that_is_no_whole_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: Json
) -> None:
    """A cpu of another type is refused."""
    rule = "cpu must be a whole number"
    expect_creation_refused(dbaas, rule, **CPU.changes(value))


@requirement("DB-INST-RAM-RANGE")
@pytest.mark.parametrize("value", RAM.accepted.values(), ids=RAM.accepted)
def test_ram_at_its_limits_is_accepted(dbaas: DbaasApi, value: int) -> None:
    """The smallest and the largest ram are accepted."""
    expect_accepted(dbaas, RAM, value)


@requirement("DB-INST-RAM-RANGE")
@pytest.mark.parametrize("value", RAM.refused.values(), ids=RAM.refused)
def test_ram_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: int
) -> None:
    """A ram just outside its range is refused."""
    expect_creation_refused(dbaas, RAM.rule, **RAM.changes(value))


@requirement("DB-INST-RAM-TYPE")
@pytest.mark.parametrize("value", RAM.mistyped.values(), ids=RAM.mistyped)
def test_ram_that_is_no_whole_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: Json
) -> None:
    """A ram of another type is refused."""
    rule = "ram must be a whole number"
    expect_creation_refused(dbaas, rule, **RAM.changes(value))


@requirement("DB-INST-DISK-RANGE")
@pytest.mark.parametrize("value", DISK.accepted.values(), ids=DISK.accepted)
def test_disk_size_at_its_limits_is_accepted(dbaas: DbaasApi, value: int) -> None:
    """The smallest and the largest disk_size are accepted."""
    expect_accepted(dbaas, DISK, value)


@requirement("DB-INST-DISK-RANGE")
@pytest.mark.parametrize("value", DISK.refused.values(), ids=DISK.refused)
def test_disk_size_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: int
) -> None:
    """A disk_size just outside its range is refused."""
    expect_creation_refused(dbaas, DISK.rule, **DISK.changes(value))


@requirement("DB-INST-DISK-TYPE")
@pytest.mark.parametrize("value", DISK.mistyped.values(), ids=DISK.mistyped)
def test_disk_size_that_is_no_whole_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: Json
) -> None:
    """A disk_size of another type is refused."""
    rule = "disk_size must be a whole number"
    expect_creation_refused(dbaas, rule, **DISK.changes(value))


@requirement("DB-INST-NODES-RANGE")
@pytest.mark.parametrize("value", NODES.accepted.values(), ids=NODES.accepted)
def test_nodes_number_at_its_limits_is_accepted(dbaas: DbaasApi, value: int) -> None:
    """The smallest and the largest nodes_number are accepted."""
    expect_accepted(dbaas, NODES, value)


@requirement("DB-INST-NODES-RANGE")
@pytest.mark.parametrize("value", NODES.refused.values(), ids=NODES.refused)
def test_nodes_number_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: int
) -> None:
    """A nodes_number just outside its range is refused."""
    expect_creation_refused(dbaas, NODES.rule, **NODES.changes(value))


@requirement("DB-INST-NODES-TYPE")
@pytest.mark.parametrize("value", NODES.mistyped.values(), ids=NODES.mistyped)
def test_nodes_number_that_is_no_whole_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: Json
) -> None:
    """A nodes_number of another type is refused."""
    rule = "nodes_number must be a whole number"
    expect_creation_refused(dbaas, rule, **NODES.changes(value))


@requirement("DB-INST-SYNC-RANGE")
@pytest.mark.parametrize("value", SYNC.accepted.values(), ids=SYNC.accepted)
def test_sync_replica_number_at_its_limits_is_accepted(dbaas: DbaasApi, value: int) -> None:
    """The smallest and the largest sync_replica_number are accepted."""
    expect_accepted(dbaas, SYNC, value)


@requirement("DB-INST-SYNC-RANGE")
@pytest.mark.parametrize("value", SYNC.refused.values(), ids=SYNC.refused)
def test_sync_replica_number_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: int
) -> None:
    """A sync_replica_number just outside its range is refused."""
    expect_creation_refused(dbaas, SYNC.rule, **SYNC.changes(value))


@requirement("DB-INST-SYNC-TYPE")
@pytest.mark.parametrize("value", SYNC.mistyped.values(), ids=SYNC.mistyped)
def test_sync_replica_number_that_is_no_whole_number_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: Json
) -> None:
    """A sync_replica_number of another type is refused."""
    rule = "sync_replica_number must be a whole number"
    expect_creation_refused(dbaas, rule, **SYNC.changes(value))
