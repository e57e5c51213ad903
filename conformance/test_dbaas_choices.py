"""dbaas: values about which the text is silent."""

from typing import Any

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import Json
from pgassay.expectation import expect_rejected
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_refused_or_kept, expect_shown

#: Updates that a server may refuse, by what the text does not say.
SILENT: dict[str, dict[str, Json]] = {
    "ram between the decimal and the binary terabyte": {"ram": 1_048_576},
    "a disk between the decimal and the binary terabyte": {"disk_size": 1024},
    "as many synchronous replicas as nodes": {"nodes_number": 1, "sync_replica_number": 1},
    "an empty name": {"name": ""},
}


@full
@requirement("DB-VALUE-KEPT")
def test_an_update_on_which_the_text_is_silent_is_refused_or_kept(
    dbaas: DbaasApi, worn_instance: dict[str, Any]
) -> None:
    """Values that the text leaves open are refused, or come to be shown as they were sent."""
    for what, changes in SILENT.items():
        expect_refused_or_kept(dbaas, worn_instance["uuid"], what, **changes)


@full
@requirement("DB-VALUE-KEPT")
def test_another_version_is_refused_or_comes_to_run(
    dbaas: DbaasApi, worn_instance: dict[str, Any]
) -> None:
    """An update to another version, which is only planned for, is refused or carried out."""
    present = str(worn_instance["version"])
    place, slash, uuid = present.rpartition("/")
    others = [one["uuid"] for one in dbaas.listed_versions() if one.get("uuid") not in {uuid, None}]
    if not others:
        raise NotTestable("a single version is listed")
    other = f"{place}{slash}{others[0]}"
    expect_refused_or_kept(dbaas, worn_instance["uuid"], "another version", version=other)


@full
@requirement("DB-VALUE-KEPT")
def test_an_instance_without_a_description_is_refused_or_created(dbaas: DbaasApi) -> None:
    """A creation without a description is refused, or returns what it names."""
    body = dbaas.creation(description=...)
    exchange = dbaas.create(body)
    if exchange.succeeded:
        expect_shown(exchange, body)
    else:
        expect_rejected(exchange, "an instance needs a description")
