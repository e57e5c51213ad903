"""dbaas instances: the limits of cpu, ram, disk_size, nodes_number and sync_replica_number.

What lies beyond them, and values of other types, are among the values that `test_dbaas_values`
tries.
"""

from typing import Final

import pytest

from pgassay.check import every_case, full, judging
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_accepted
from pgassay.families.pool import generous
from pgassay.values.numbers import RANGES, NumberRange

#: The requirement on each range, by its area.
JUDGES: Final = {
    "CPU": "DB-INST-CPU-RANGE",
    "RAM": "DB-INST-RAM-RANGE",
    "DISK": "DB-INST-DISK-RANGE",
    "NODES": "DB-INST-NODES-RANGE",
    "SYNC": "DB-INST-SYNC-RANGE",
}


@every_case
@pytest.mark.parametrize(
    ("numbers", "value"),
    [
        pytest.param(
            numbers, value, id=f"{numbers.member}-{name}", marks=judging(JUDGES[numbers.area])
        )
        for numbers in RANGES
        for name, value in numbers.accepted.items()
    ],
)
def test_a_number_at_its_limit_is_accepted(
    dbaas: DbaasApi, numbers: NumberRange, value: int
) -> None:
    """The smallest and the largest number of each range are accepted."""
    expect_accepted(dbaas, numbers, value)


@full
@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(numbers, id=numbers.member, marks=judging(JUDGES[numbers.area]))
        for numbers in RANGES
        if numbers.beyond > numbers.largest + 1
    ],
)
def test_a_terabyte_is_decimal_or_binary(dbaas: DbaasApi, numbers: NumberRange) -> None:
    """A server that accepts more than a decimal terabyte accepts a whole binary one."""
    if not generous(dbaas.client):
        return
    more = dbaas.specimen(numbers.needs, **{numbers.member: numbers.largest + 1}).exchange
    if not more.rejected:
        expect_accepted(dbaas, numbers, numbers.beyond - 1)
