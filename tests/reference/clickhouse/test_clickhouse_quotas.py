"""An organization has as many services as its quota allows."""

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
TARGET = {"name": "copy", "restoreTarget": "2026-05-28T20:00:00Z"}


@pytest.fixture
def settings(credentials: Credentials) -> Settings:
    """Allow two services; the first organization has one to begin with."""
    return replace(Settings(credentials, time_scale=1), quota=2)


@pytest.fixture
def limited(settings: Settings, clock: ManualClock) -> TestClient:
    """Call a server with a small quota, with the first organization's key."""
    client = TestClient(create_app(settings, clock))
    key = settings.credentials.key("main")
    client.auth = (key.key_id, key.secret)
    return client


def test_what_goes_beyond_the_quota_is_a_conflict_without_effect(limited: TestClient) -> None:
    assert limited.post(SERVICES, json=MINIMAL).status_code == 200
    listed = limited.get(SERVICES).json()["result"]
    seed = f"{SERVICES}/{SEED.service}"
    for answer in (
        limited.post(SERVICES, json=MINIMAL),
        limited.post(f"{seed}/readReplica", json={"name": "reader"}),
        limited.post(f"{seed}/restoredService", json=TARGET),
    ):
        assert answer.status_code == 409
        assert answer.json()["error"].startswith("CONFLICT: ")
    assert limited.get(SERVICES).json()["result"] == listed
    assert limited.delete(seed).status_code == 200


def test_replicas_and_restored_services_count(limited: TestClient) -> None:
    seed = f"{SERVICES}/{SEED.service}"
    assert limited.post(f"{seed}/readReplica", json={"name": "reader"}).status_code == 200
    assert limited.post(SERVICES, json=MINIMAL).status_code == 409


def test_a_service_counts_until_it_is_gone(limited: TestClient, clock: ManualClock) -> None:
    path = f"{SERVICES}/{limited.post(SERVICES, json=MINIMAL).json()['result']['id']}"
    limited.delete(path)
    assert limited.post(SERVICES, json=MINIMAL).status_code == 409
    clock.advance(60)
    assert limited.post(SERVICES, json=MINIMAL).status_code == 200
    assert limited.post(SERVICES, json=MINIMAL).status_code == 409


def test_a_refused_request_does_not_count(limited: TestClient) -> None:
    assert limited.post(SERVICES, json={**MINIMAL, "name": ""}).status_code == 400
    assert limited.post(SERVICES, json=MINIMAL).status_code == 200


def test_organizations_have_a_quota_each(limited: TestClient, settings: Settings) -> None:
    limited.post(SERVICES, json=MINIMAL)
    key = settings.credentials.key("other_tenant")
    answer = limited.post(OTHER_SERVICES, json=MINIMAL, auth=(key.key_id, key.secret))
    assert answer.status_code == 200


def test_a_negative_quota_makes_no_sense(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="quota"):
        Settings(credentials, quota=-1)
