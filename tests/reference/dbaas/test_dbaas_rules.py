"""Rules are values: a variant of the server is the server with another value."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from pgassay.reference.app import create_app
from pgassay.reference.behaviour import Behaviour
from pgassay.reference.clock import ManualClock
from pgassay.reference.dbaas import DbaasRules
from pgassay.reference.dbaas.rules import InstanceRules, Range
from pgassay.reference.settings import Credentials, Settings

INSTANCES = "/v1/postgres/instances"
DEPRECATED = "PostgreSQL 14.10"


def create(rules: DbaasRules, credentials: Credentials, **members: object) -> int:
    """Create an instance of the deprecated version under these rules; return the status code."""
    app = create_app(Settings(credentials), ManualClock(), behaviour=Behaviour(dbaas=rules))
    headers = {"Authorization": f"Bearer {credentials.token('main').token}"}
    with TestClient(app, headers=headers) as api:
        versions = api.get("/v1/types/postgres/versions").json()["versions"]
        version = next(each["uuid"] for each in versions if each["name"] == DEPRECATED)
        body = {"name": "demo", "version": version, **members}
        return int(api.post(INSTANCES, json=body).status_code)


@pytest.mark.parametrize(("selectable", "status"), [(True, 201), (False, 400)])
def test_a_deprecated_version_is_on_offer_unless_the_rules_say_otherwise(
    credentials: Credentials, selectable: bool, status: int
) -> None:
    """The document allows either for new instances (section Version Lifecycle)."""
    rules = replace(DbaasRules(), deprecated_versions_selectable=selectable)

    assert create(rules, credentials) == status


def test_another_range_is_enforced_in_place_of_the_correct_one(credentials: Credentials) -> None:
    """Every limit of the family can be replaced alone."""
    rules = replace(DbaasRules(), instance=InstanceRules(cpu=Range(1, 256, "cores")))

    assert create(rules, credentials, cpu=256) == 201
    assert create(rules, credentials, cpu=257) == 400
    assert create(DbaasRules(), credentials, cpu=256) == 400
