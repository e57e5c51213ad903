"""The zone of a request is read off what was sent."""

import json
from typing import Any

import pytest

from pgassay.exchange import Request
from pgassay.specification import specification
from pgassay.zone import Zone, Zones

SERVICES = "/v1/organizations/7c1f5a5e-2f0b-4f6e-9d3a-0a1b2c3d4e5f/postgres"
SCALING = (
    "/v1/organizations/7c1f5a5e-2f0b-4f6e-9d3a-0a1b2c3d4e5f/services"
    "/9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a/clickpipesCdcScaling"
)
VERSION = "/v1/types/postgres/versions/3f2b8c1d-6a4e-4d7f-9b0a-5c6d7e8f9a0b"
INSTANCE = {
    "name": "orders",
    "cpu": 1,
    "ram": 1024,
    "disk_size": 20,
    "nodes_number": 1,
    "sync_replica_number": 0,
    "version": VERSION,
}
SERVICE = {"name": "orders 1", "provider": "aws", "region": "us-east-1", "size": "r6gd.medium"}


@pytest.fixture(scope="module")
def zones() -> Zones:
    """Tell zones by the shipped document."""
    return Zones(specification())


@pytest.mark.parametrize(
    ("method", "path", "body", "zone"),
    [
        pytest.param("POST", SERVICES, SERVICE, Zone.VALID, id="service"),
        pytest.param("POST", SERVICES, SERVICE | {"name": "a-b"}, Zone.UNDECIDED, id="hyphen"),
        pytest.param("POST", SERVICES, SERVICE | {"name": ""}, Zone.INVALID, id="empty-name"),
        pytest.param("POST", SERVICES, SERVICE | {"provider": 1}, Zone.INVALID, id="wrong-type"),
        pytest.param(
            "PATCH",
            SCALING,
            {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8},
            Zone.VALID,
            id="pair",
        ),
        pytest.param(
            "PATCH",
            SCALING,
            {"replicaCpuMillicores": 2000, "replicaMemoryGb": 4},
            Zone.INVALID,
            id="mixed-pair",
        ),
        pytest.param("PATCH", SCALING, {"replicaMemoryGb": 8}, Zone.UNDECIDED, id="half-a-pair"),
        pytest.param("POST", "/v1/postgres/instances", INSTANCE, Zone.VALID, id="instance"),
        pytest.param(
            "POST", "/v1/postgres/instances", INSTANCE | {"cpu": 129}, Zone.INVALID, id="cpu-129"
        ),
        pytest.param(
            "POST", "/v1/postgres/instances", INSTANCE | {"cpu": 1.0}, Zone.UNDECIDED, id="cpu-1.0"
        ),
        pytest.param(
            "POST", "/v1/postgres/instances", INSTANCE | {"cpu": "1"}, Zone.UNDECIDED, id="cpu-text"
        ),
        pytest.param("GET", "/v1/postgres/instances/0", None, Zone.INVALID, id="no-uuid"),
        pytest.param("GET", "/v1/elsewhere", None, Zone.UNDECIDED, id="undocumented-path"),
    ],
)
def test_the_zone_follows_from_the_document(
    zones: Zones, method: str, path: str, body: Any, zone: Zone
) -> None:
    content = None if body is None else json.dumps(body).encode()
    request = Request(method, path, {"Content-Type": "application/json"}, content)
    assert zones.of(request, path)[1] is zone


@pytest.mark.parametrize("body", [b"{", b'{"cpu": NaN}', b"\xff"])
def test_what_is_not_json_must_be_refused(zones: Zones, body: bytes) -> None:
    request = Request("POST", SERVICES, {"Content-Type": "application/json"}, body)
    assert zones.of(request, SERVICES)[1] is Zone.INVALID


def test_another_media_type_is_judged_elsewhere(zones: Zones) -> None:
    request = Request("POST", SERVICES, {"Content-Type": "text/plain"}, b"{}")
    assert zones.of(request, SERVICES)[1] is Zone.UNDECIDED
