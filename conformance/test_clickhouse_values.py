"""clickhouse requests: every member of every body with every fault that the tables know.

What becomes of a body is decided by the OpenAPI document: `pgassay.values.trials`.
"""

from typing import Any, Final

import pytest

from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_copies import Copy
from pgassay.families.clickhouse_values import (
    commanding,
    configuring,
    copying,
    creating,
    resetting,
    scaling,
    updating,
)
from pgassay.families.value_expectations import expect_judged
from pgassay.values import forms
from pgassay.values.rules import cases_of
from pgassay.values.trials import Place

#: The requirements that faults break, by form, place and kind of fault (`pgassay.values.rules`).
JUDGES: Final = {
    "create": {
        "untouched": "CH-SVC-CREATE-REJECT-NOTHING",
        "": "CH-REQUEST-INVALID",
        "name": "CH-SVC-NAME-TYPE",
        "name missing": "CH-SVC-CREATE-REQUIRED",
        "name length": "CH-SVC-NAME-LENGTH",
        "provider": "CH-SVC-PROVIDER",
        "provider missing": "CH-SVC-CREATE-REQUIRED",
        "region": "CH-SVC-REGION",
        "region missing": "CH-SVC-CREATE-REQUIRED",
        "size": "CH-SVC-SIZE",
        "size missing": "CH-SVC-CREATE-REQUIRED",
        "postgresVersion": "CH-SVC-VERSION",
        "haType": "CH-SVC-HA",
        "tags count": "CH-SVC-TAGS-COUNT",
        "tags.key": "CH-SVC-TAGS-KEY",
        "tags.value": "CH-SVC-TAGS-VALUE",
        "pgConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgConfig unknown": "CH-CFG-UNKNOWN-PARAMETER",
        "pgConfig.* type": "CH-CFG-VALUE-TYPE",
        "pgConfig.* unknown": "CH-CFG-UNKNOWN-PARAMETER",
        "pgConfig.* range": "CH-CFG-RANGE",
        "pgBouncerConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgBouncerConfig count": "CH-CFG-BOUNCER-COUNT",
    },
    "update": {
        "untouched": "CH-SVC-PATCH-REJECT-UNTOUCHED",
        "altered": "CH-VALUE-KEPT",
        "accepted": "CH-REQUEST-VALID",
        "name kept": "CH-SVC-PATCH-NAME",
        "tags kept": "CH-SVC-TAGS-ECHO",
        "": "CH-SVC-PATCH-VALIDATION",
        "name first": "CH-SVC-NAME-CHARACTERS",
        "name form": "CH-SVC-NAME-CHARACTERS",
        "name character": "CH-SVC-NAME-CHARACTERS",
        "name length": "CH-SVC-NAME-LENGTH",
        "tags count": "CH-SVC-TAGS-COUNT",
        "tags.key": "CH-SVC-TAGS-KEY",
        "tags.value": "CH-SVC-TAGS-VALUE",
    },
    "configuration": {
        "untouched": "CH-CFG-REJECT-UNTOUCHED",
        "kept": "CH-CFG-REPLACE",
        "altered": "CH-VALUE-KEPT",
        "accepted": "CH-REQUEST-VALID",
        "": "CH-REQUEST-INVALID",
        "pgConfig type": "CH-CFG-VALUE-TYPE",
        "pgBouncerConfig type": "CH-CFG-VALUE-TYPE",
        "pgBouncerConfig count": "CH-CFG-BOUNCER-COUNT",
        "pgConfig unknown": "CH-CFG-UNKNOWN-PARAMETER",
        "pgConfig.default_transaction_isolation": "CH-CFG-ENUM",
        "pgConfig.ssl_min_protocol_version": "CH-CFG-ENUM",
        "pgConfig.wal_compression": "CH-CFG-ENUM",
        "pgConfig.* type": "CH-CFG-VALUE-TYPE",
        "pgConfig.* unknown": "CH-CFG-UNKNOWN-PARAMETER",
        "pgConfig.* range": "CH-CFG-RANGE",
        "pgConfig.* notation": "CH-CFG-VALUE-FORMS",
    },
    "password": {
        "untouched": "CH-PASSWORD-REJECT-UNTOUCHED",
        "": "CH-PASSWORD-RULES",
        "password type": "CH-PASSWORD-TYPE",
        "password notation": "CH-PASSWORD-TYPE",
    },
    "command": {"untouched": "CH-STATE-REJECT-UNTOUCHED", "": "CH-STATE-COMMAND"},
    "replica": {
        "untouched": "CH-REPLICA-REJECT-NOTHING",
        "": "CH-REPLICA-VALIDATION",
        "name missing": "CH-REPLICA-NAME-REQUIRED",
        "pgConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgBouncerConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgBouncerConfig count": "CH-CFG-BOUNCER-COUNT",
    },
    "restore": {
        "untouched": "CH-RESTORE-REJECT-NOTHING",
        "": "CH-RESTORE-VALIDATION",
        "name missing": "CH-RESTORE-REQUIRED",
        "restoreTarget": "CH-RESTORE-REQUIRED",
        "pgConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgBouncerConfig length": "CH-SVC-CREATE-CONFIG-EMPTY",
        "pgBouncerConfig count": "CH-CFG-BOUNCER-COUNT",
    },
    "scaling": {
        "untouched": "CH-CDC-REJECT-UNTOUCHED",
        "": "CH-CDC-TYPES",
        "replicaCpuMillicores range": "CH-CDC-CPU-RANGE",
        "replicaCpuMillicores fraction": "CH-CDC-CPU-STEP",
        "replicaMemoryGb fraction": "CH-CDC-MEMORY-STEP",
        "replicaMemoryGb range": "CH-CDC-MEMORY-RANGE",
    },
}


@pytest.mark.parametrize("place", cases_of(forms.SERVICE, JUDGES["create"]))
def test_values_of_a_create(clickhouse: ClickhouseApi, place: Place, examples: int) -> None:
    """A create with a value that the documents exclude is refused and leaves no service."""
    expect_judged(creating(clickhouse, place), place, JUDGES["create"], examples)


@pytest.mark.parametrize("place", cases_of(forms.UPDATE, JUDGES["update"]))
def test_values_of_an_update(clickhouse: ClickhouseApi, place: Place, examples: int) -> None:
    """An update to an excluded value is refused without effect; any other value is kept as sent."""
    expect_judged(updating(clickhouse), place, JUDGES["update"], examples)


@pytest.mark.parametrize("place", cases_of(forms.REPLACEMENT, JUDGES["configuration"]))
def test_values_of_a_configuration(clickhouse: ClickhouseApi, place: Place, examples: int) -> None:
    """A configuration with an excluded value is refused; any other value is kept as sent."""
    ground = configuring(clickhouse, forms.REPLACEMENT)
    expect_judged(ground, place, JUDGES["configuration"], examples)


@pytest.mark.parametrize("place", cases_of(forms.MERGE, JUDGES["configuration"]))
def test_values_of_a_configuration_merge(
    clickhouse: ClickhouseApi, place: Place, examples: int
) -> None:
    """A change of the configuration to an excluded value is refused without effect."""
    ground = configuring(clickhouse, forms.MERGE)
    expect_judged(ground, place, JUDGES["configuration"], examples)


@pytest.mark.parametrize("place", cases_of(forms.PASSWORD, JUDGES["password"]))
def test_values_of_a_password(
    clickhouse: ClickhouseApi, primary: Any, place: Place, examples: int
) -> None:
    """A password that breaks a rule is refused and changes nothing."""
    ground = resetting(clickhouse, primary["id"])
    expect_judged(ground, place, JUDGES["password"], examples)


@pytest.mark.parametrize("place", cases_of(forms.COMMAND, JUDGES["command"]))
def test_values_of_a_command(
    clickhouse: ClickhouseApi, primary: Any, place: Place, examples: int
) -> None:
    """A command outside the documented ones is refused, however similar, and changes nothing."""
    ground = commanding(clickhouse, primary["id"])
    expect_judged(ground, place, JUDGES["command"], examples)


@pytest.mark.parametrize("place", cases_of(forms.REPLICA, JUDGES["replica"]))
def test_values_of_a_read_replica(
    clickhouse: ClickhouseApi, replica: Copy, place: Place, examples: int
) -> None:
    """A read replica with an excluded value is refused and no service is made."""
    ground = copying(clickhouse, forms.REPLICA, replica, "readReplica", place)
    expect_judged(ground, place, JUDGES["replica"], examples)


@pytest.mark.parametrize("place", cases_of(forms.RESTORE, JUDGES["restore"]))
def test_values_of_a_restore(
    clickhouse: ClickhouseApi, restoration: Copy, place: Place, examples: int
) -> None:
    """A restore with an excluded value is refused and no service is made."""
    ground = copying(clickhouse, forms.RESTORE, restoration, "restoredService", place)
    expect_judged(ground, place, JUDGES["restore"], examples)


@pytest.mark.parametrize("place", cases_of(forms.SCALING, JUDGES["scaling"]))
def test_values_of_a_scaling(clickhouse: ClickhouseApi, place: Place, examples: int) -> None:
    """A scaling with an excluded value is refused and changes nothing."""
    expect_judged(scaling(clickhouse), place, JUDGES["scaling"], examples)
