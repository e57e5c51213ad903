"""CDC scaling: legal pairs only, never a mixed one, effective when the clock says so."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

ROOT = f"/v1/organizations/{SEED.organization}/services"
SCALING = f"{ROOT}/{SEED.scalable_service}/clickpipesCdcScaling"
OTHER_ROOT = f"/v1/organizations/{SEED.other_organization}/services"


def _pair(cores: int) -> dict[str, int]:
    return {"replicaCpuMillicores": 1000 * cores, "replicaMemoryGb": 4 * cores}


def _now(api: TestClient) -> Any:
    return api.get(SCALING).json()["result"]


@pytest.mark.parametrize("cores", range(1, 33))
def test_every_legal_pair_is_reached(api: TestClient, clock: ManualClock, cores: int) -> None:
    answer = api.patch(SCALING, json=_pair(cores))
    assert answer.json()["result"] == _pair(cores)
    clock.advance(240)
    assert _now(api) == _pair(cores)


def test_the_old_pair_stays_until_the_new_one_is_there(api: TestClient, clock: ManualClock) -> None:
    api.patch(SCALING, json=_pair(24))
    clock.advance(239)
    assert _now(api) == _pair(2)
    clock.advance(1)
    assert _now(api) == _pair(24)


@pytest.mark.parametrize(
    "body",
    [
        {"replicaCpuMillicores": 0, "replicaMemoryGb": 0},
        {"replicaCpuMillicores": 999, "replicaMemoryGb": 4},
        {"replicaCpuMillicores": 1500, "replicaMemoryGb": 6},
        {"replicaCpuMillicores": 33000, "replicaMemoryGb": 132},
        {"replicaCpuMillicores": 2000, "replicaMemoryGb": 12},
        {"replicaCpuMillicores": 3000},
        {"replicaMemoryGb": 12},
        {"replicaCpuMillicores": "2000", "replicaMemoryGb": 8},
        {"replicaCpuMillicores": 2000.0, "replicaMemoryGb": 8},
        {"replicaCpuMillicores": 2000, "replicaMemoryGb": "8"},
        {"replicaCpuMillicores": 2000, "replicaMemoryGb": 8.5},
        {"replicaCpuMillicores": True, "replicaMemoryGb": 8},
        {"replicaCpuMillicores": None, "replicaMemoryGb": 8},
        {"replicaCpuMillicores": 10**30, "replicaMemoryGb": 1e300},
        [],
    ],
    ids=str,
)
def test_what_makes_no_legal_pair_is_refused(
    api: TestClient, clock: ManualClock, body: Any
) -> None:
    assert api.patch(SCALING, json=body).status_code == 400
    clock.advance(600)
    assert _now(api) == _pair(2)


def test_a_single_member_that_fits_and_an_empty_patch_change_nothing(
    api: TestClient, clock: ManualClock
) -> None:
    for body in ({}, {"replicaMemoryGb": 8.0}, {"replicaCpuMillicores": 2000}, {"more": 1}):
        answer = api.patch(SCALING, json=body)
        assert answer.status_code == 200
        assert answer.json()["result"] == _pair(2)
    clock.advance(600)
    assert _now(api) == _pair(2)


def test_without_a_database_pipe_there_is_nothing_to_scale(
    api: TestClient, other: TestClient
) -> None:
    path = f"{ROOT}/{SEED.pipeless_service}/clickpipesCdcScaling"
    assert api.get(path).status_code == 404
    assert api.patch(path, json=_pair(4)).status_code == 404
    theirs = f"{SEED.other_scalable_service}/clickpipesCdcScaling"
    assert other.get(f"{OTHER_ROOT}/{theirs}").status_code == 200
    assert api.get(f"{ROOT}/{theirs}").status_code == 404
