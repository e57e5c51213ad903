"""A witness that nobody here wrote: promtool reads the expositions of the reference.

It is a program of Prometheus, in Debian in the package of that name. Its advice on naming is right,
and cannot be followed: the names are documented.
"""

import shutil
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app
from pgassay.reference.server import running

#: What promtool answers when it could read everything and has advice.
_ADVICE = 3
GAUGES = """
    PostgresServiceInfo PostgresServer_CPUCores PostgresServer_MemoryLimitBytes
    PostgresServer_StorageLimitBytes PostgresServer_MemoryUsedPercent
    PostgresServer_MemoryCachePercent PostgresServer_FilesystemUsedPercent
    PostgresServer_ActiveConnections PostgresServer_CacheHitRatio PostgresServer_DatabaseSizeBytes
""".split()
COUNTERS = """
    PostgresServer_CPUSeconds_Total PostgresServer_DiskReads_Total PostgresServer_DiskWrites_Total
    PostgresServer_NetworkReceiveBytes_Total PostgresServer_NetworkTransmitBytes_Total
    PostgresServer_TuplesFetched_Total PostgresServer_TuplesInserted_Total
    PostgresServer_TuplesUpdated_Total PostgresServer_TuplesDeleted_Total
    PostgresServer_TransactionsCommitted_Total PostgresServer_TransactionsRolledBack_Total
    PostgresServer_Deadlocks_Total
""".split()
ADVICE = {
    f"{name} metric names should be written in 'snake_case' not 'camelCase'"
    for name in GAUGES + COUNTERS
} | {f'{name} counter metrics should have "_total" suffix' for name in COUNTERS}


@pytest.fixture(scope="module")
def promtool() -> str:
    """The installed program."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed; Debian has it in the package prometheus")
    return found


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client with the main key of a server with two running services."""
    credentials, clock = Credentials.generate(), ManualClock()
    key = credentials.key("main")
    wanted = {"name": "two", "provider": "aws", "region": "us-east-1", "size": "r6gd.large"}
    with (
        running(create_app(Settings(credentials, time_scale=1), clock)) as url,
        httpx.Client(
            base_url=f"{url}/v1/organizations/{SEED.organization}",
            auth=(key.key_id, key.secret),
            trust_env=False,
        ) as client,
    ):
        client.post("/postgres", json=wanted).raise_for_status()
        clock.advance(3600)
        yield client


def check(promtool: str, exposition: bytes) -> tuple[int, set[str]]:
    """Return promtool's exit status and what it said, line by line."""
    done = subprocess.run(
        [promtool, "check", "metrics"], input=exposition, capture_output=True, check=False
    )
    return done.returncode, set((done.stdout + done.stderr).decode().splitlines()) - {""}


@pytest.mark.parametrize("path", ["/postgres/prometheus", f"/postgres/{SEED.service}/prometheus"])
def test_promtool_has_nothing_against_an_exposition_but_the_documented_names(
    promtool: str, client: httpx.Client, path: str
) -> None:
    exposition = client.get(path).raise_for_status().content
    assert check(promtool, exposition) == (_ADVICE, ADVICE)


def test_promtool_would_notice_a_family_in_two_parts(promtool: str, client: httpx.Client) -> None:
    exposition = client.get("/postgres/prometheus").content
    status, said = check(promtool, exposition + exposition)
    assert status not in (0, _ADVICE)
    assert said
