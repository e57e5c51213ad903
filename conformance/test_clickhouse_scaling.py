"""clickhouse CDC scaling: the documented pairs, their neighbours, and when a change shows."""

from typing import Any

import pytest

from pgassay.check import every_case, full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status, same, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_expectations import (
    expect_scaled,
    expect_scaling_refused,
    pair_of,
)
from pgassay.values.selection import cases
from pgassay.values.text import as_other_types

DOCUMENTED = [pair_of(cores) for cores in range(1, 33)]


@requirement("CH-CDC-GET", "CH-CDC-NO-MIXED-PAIR")
def test_the_scaling_is_a_documented_pair(clickhouse: ClickhouseApi) -> None:
    """Reading the scaling returns CPU and memory of one documented size."""
    exchange = clickhouse.scaling()
    expect_status(exchange, 200, requirement="CH-CDC-GET")
    pair = clickhouse.scaling_pair()
    expect(
        any(same(pair, documented) for documented in DOCUMENTED),
        "the scaling is no documented size",
        expected="1000 millicores and 4 GiB for each of 1 to 32 cores",
        actual=show(pair),
        exchange=exchange,
    )


@requirement("CH-CDC-UPDATE", "CH-CDC-DELAYED-EFFECT", "CH-CDC-NO-MIXED-PAIR")
@pytest.mark.parametrize("cores", [1, 24])
def test_a_documented_size_takes_effect(clickhouse: ClickhouseApi, cores: int) -> None:
    """A documented size is accepted and comes to be read, with no other pair in between."""
    expect_scaled(clickhouse, pair_of(min(cores, clickhouse.settings.cdc_max_cores)))


@requirement("CH-CDC-UPDATE-LARGE", "CH-CDC-DELAYED-EFFECT")
@pytest.mark.parametrize("cores", cases({"25": 25, "32": 32}, {"32"}))
def test_a_size_of_the_newer_document_takes_effect(clickhouse: ClickhouseApi, cores: int) -> None:
    """Sizes of 25 to 32 cores are accepted and come to be read."""
    expect_scaled(clickhouse, pair_of(cores))


@full
@requirement("CH-CDC-UPDATE")
def test_every_size_of_the_guide_is_accepted(clickhouse: ClickhouseApi) -> None:
    """Every size of 1 to 24 cores is accepted and takes effect."""
    for cores in range(1, min(24, clickhouse.settings.cdc_max_cores) + 1):
        expect_scaled(clickhouse, pair_of(cores))


@full
@requirement("CH-CDC-UPDATE-LARGE")
def test_every_larger_size_is_accepted(clickhouse: ClickhouseApi) -> None:
    """Every size of 25 to 32 cores is accepted and takes effect."""
    for cores in range(25, 33):
        expect_scaled(clickhouse, pair_of(cores))


@requirement("CH-CDC-DELAYED-OLD")
def test_a_change_shows_once_and_stays(clickhouse: ClickhouseApi) -> None:
    """Reads return the old pair until the change took effect, and the new one from then on."""
    old = clickhouse.scaling_pair()
    new = pair_of(3 if old == pair_of(4) else 4)
    expect_status(clickhouse.scale(new), 200)
    seen = [*clickhouse.wait_scaling(new).seen, *(clickhouse.scaling_pair() for _ in range(3))]
    turns = [pair for i, pair in enumerate(seen) if i == 0 or pair != seen[i - 1]]
    expect(
        turns in ([new], [old, new]),
        "the scaling shows something else than the old and then the new pair",
        expected=show([old, new]),
        actual=show(turns),
    )


@every_case
@requirement("CH-CDC-CPU-RANGE", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    ("cpu", "memory"),
    [
        pytest.param(0, 4, id="zero"),
        pytest.param(0, 0, id="zero-pair"),
        pytest.param(-1000, 4, id="negative"),
        pytest.param(33000, 132, id="maximum+1-pair"),
        pytest.param(33000, 128, id="maximum+1"),
        pytest.param(10**12, 128, id="huge"),
    ],
)
def test_cpu_outside_its_range_is_refused(clickhouse: ClickhouseApi, cpu: int, memory: int) -> None:
    """CPU below 1000 or above 32000 millicores is refused."""
    body = {"replicaCpuMillicores": cpu, "replicaMemoryGb": memory}
    expect_scaling_refused(clickhouse, body, "the CPU is not within 1000 to 32000 millicores")


@requirement("CH-CDC-CPU-STEP", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "cpu", cases({str(cpu): cpu for cpu in (1, 999, 1001, 1500, 31999, 1000.5)}, {"1001", "1500"})
)
def test_cpu_beside_a_whole_core_is_refused(clickhouse: ClickhouseApi, cpu: float) -> None:
    """CPU that is not a whole number of cores is refused."""
    body = {"replicaCpuMillicores": cpu, "replicaMemoryGb": max(4, round(cpu / 1000) * 4)}
    expect_scaling_refused(clickhouse, body, "the CPU is not a whole number of cores")


@every_case
@requirement("CH-CDC-MEMORY-RANGE", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize("memory", [0, -4, 132])
def test_memory_outside_its_range_is_refused(clickhouse: ClickhouseApi, memory: int) -> None:
    """Memory below 4 or above 128 GiB is refused."""
    body = {"replicaCpuMillicores": 1000 if memory < 4 else 32000, "replicaMemoryGb": memory}
    expect_scaling_refused(clickhouse, body, "the memory is not within 4 to 128 GiB")


@every_case
@requirement("CH-CDC-CPU-STEP", "CH-CDC-MEMORY-STEP", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize("halves", [3, 5, 63])
def test_half_a_core_with_its_memory_is_refused(clickhouse: ClickhouseApi, halves: int) -> None:
    """Half a core is refused also with the memory that would belong to it."""
    body = {"replicaCpuMillicores": 500 * halves, "replicaMemoryGb": 2 * halves}
    expect_scaling_refused(clickhouse, body, "the CPU is not a whole number of cores")


@requirement("CH-CDC-MEMORY-STEP", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "memory", cases({str(memory): memory for memory in (1, 3, 5, 6, 7, 4.5, 127)}, {"6", "4.5"})
)
def test_memory_beside_a_step_is_refused(clickhouse: ClickhouseApi, memory: float) -> None:
    """Memory that is not a multiple of 4 GiB is refused."""
    body = {"replicaCpuMillicores": max(1, round(memory / 4)) * 1000, "replicaMemoryGb": memory}
    expect_scaling_refused(clickhouse, body, "the memory is not a multiple of 4 GiB")


@requirement("CH-CDC-PAIR", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    ("cores", "memory"),
    [(1, 8), (2, 4), (4, 4), (16, 68), (32, 124)],
)
def test_memory_that_does_not_fit_the_cores_is_refused(
    clickhouse: ClickhouseApi, cores: int, memory: int
) -> None:
    """Valid CPU with valid memory that is not four times the cores is refused."""
    body = {"replicaCpuMillicores": cores * 1000, "replicaMemoryGb": memory}
    expect_scaling_refused(clickhouse, body, "the memory is not four times the cores")


@full
@requirement("CH-CDC-PAIR", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize("cores", range(1, 33))
def test_every_other_memory_is_refused(clickhouse: ClickhouseApi, cores: int) -> None:
    """No number of cores is accepted with the memory of its neighbours."""
    for memory in {4, 4 * cores - 4, 4 * cores + 4, 128} - {0, 4 * cores, 132}:
        body = {"replicaCpuMillicores": cores * 1000, "replicaMemoryGb": memory}
        expect_scaling_refused(clickhouse, body, "the memory is not four times the cores")


@requirement("CH-CDC-TYPES", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    ("member", "value"),
    cases(
        {
            f"{member}-{name}": (member, value)
            for member, valid in pair_of(2).items()
            for name, value in as_other_types(valid).items()
        },
        {f"{member}-{name}" for member in pair_of(2) for name in ("string", "null")},
    ),
)
def test_a_member_of_a_wrong_type_is_refused(
    clickhouse: ClickhouseApi, member: str, value: Any
) -> None:
    """CPU and memory of another JSON type than number are refused."""
    body = pair_of(2) | {member: value}
    expect_scaling_refused(clickhouse, body, f"{member} is no number")


@requirement("CH-CDC-ONE-MEMBER")
@pytest.mark.parametrize("member", ["replicaCpuMillicores", "replicaMemoryGb"])
def test_one_member_alone_is_refused_or_ends_in_a_pair(
    clickhouse: ClickhouseApi, member: str
) -> None:
    """A request with one member is refused and changes nothing, or the other one follows."""
    old = clickhouse.scaling_pair()
    new = pair_of(5 if old != pair_of(5) else 6)
    exchange = clickhouse.scale({member: new[member]})
    if exchange.rejected:
        expect_equal(clickhouse.scaling_pair(), old, "the scaling", exchange)
        return
    expect_status(exchange, 200)
    waited = clickhouse.wait_scaling(new)
    expect_equal(waited.value, new, "the scaling", exchange)


@requirement("CH-CDC-REJECT-UNTOUCHED")
def test_an_empty_change_changes_nothing(clickhouse: ClickhouseApi) -> None:
    """A request with neither member leaves the scaling as it is."""
    old = clickhouse.scaling_pair()
    exchange = clickhouse.scale({})
    expect_equal(clickhouse.scaling_pair(), old, "the scaling", exchange)


@requirement("CH-CDC-AVAILABILITY")
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_service_without_a_pipe_has_no_scaling(clickhouse: ClickhouseApi, method: str) -> None:
    """Reading and changing the scaling of a service without a database ClickPipe is refused."""
    service = clickhouse.settings.service_without_pipe_id
    if not service:
        raise NotTestable("[clickhouse] service_without_pipe_id is not set")
    expect_status(clickhouse.scaling(), 200, requirement="CH-CDC-GET")
    path, body = clickhouse.scaling_path(service), pair_of(2) if method == "PATCH" else ...
    expect_rejected(clickhouse.send(method, path, body), "the service has no database ClickPipe")


@requirement("CH-CDC-ADMIN-KEY", "CH-CDC-REJECT-UNTOUCHED")
def test_a_read_only_key_cannot_change_the_scaling(clickhouse: ClickhouseApi) -> None:
    """A key without administrative rights cannot change the scaling."""
    clickhouse.remember_scaling()
    old = clickhouse.scaling_pair()
    new = pair_of(7 if old != pair_of(7) else 8)
    exchange = clickhouse.send("PATCH", clickhouse.scaling_path(), new, credential="read_only")
    expect_rejected(exchange, "the key may only read", requirement="CH-CDC-ADMIN-KEY")
    expect_equal(clickhouse.scaling_pair(), old, "the scaling", exchange, "CH-CDC-REJECT-UNTOUCHED")


@requirement("HTTP-NOT-FOUND")
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_the_scaling_of_an_unknown_service_is_not_found(
    clickhouse: ClickhouseApi, method: str
) -> None:
    """The scaling of a service that does not exist is answered with 404."""
    path = clickhouse.scaling_path("3b241101-e2bb-4255-8caf-4136c566a962")
    body = pair_of(2) if method == "PATCH" else ...
    expect_status(clickhouse.send(method, path, body), 404)
