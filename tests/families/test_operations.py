"""The tables that access checks go through hold every operation of the document, as it is there."""

from pgassay.families.clickhouse_operations import OPERATIONS
from pgassay.families.dbaas_operations import OPERATIONS as DBAAS_OPERATIONS
from pgassay.specification import specification
from pgassay.target.model import Family


def test_every_clickhouse_operation_is_in_its_table() -> None:
    documented = {
        (operation.id, operation.method, operation.template)
        for operation in specification().operations
        if operation.family is Family.CLICKHOUSE
    }
    assert {(each.id, each.method, each.template) for each in OPERATIONS} == documented


def test_every_entry_has_the_feature_of_its_operation() -> None:
    features = {each.id: specification().operation(each.id).feature for each in OPERATIONS}
    assert {each.id: each.feature for each in OPERATIONS} == features


def test_every_required_dbaas_operation_is_in_its_table() -> None:
    documented = [
        operation.method
        for operation in specification().operations
        if operation.family is Family.DBAAS and not operation.optional
    ]
    assert sorted(each.method for each in DBAAS_OPERATIONS) == sorted(documented)
