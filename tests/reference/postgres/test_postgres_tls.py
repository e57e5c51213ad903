"""A build that speaks TLS gives services encrypted connections, with certificates from their CA.

The build of the extra does not. A folder with the programs of PostgreSQL 17 or 18 that does may be
named in PGASSAY_TEST_TLS_BIN; Debian's and its like are found.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgassay.reference.postgres import PostgresPlane, find_binaries, open_plane, temporary_folder

from .conftest import Bench, until

_INSTALLED = ("/usr/lib/postgresql/18/bin", "/usr/lib/postgresql/17/bin")


@pytest.fixture(scope="module")
def encrypting() -> Iterator[PostgresPlane]:
    """A data plane that speaks TLS."""
    named = (os.environ.get("PGASSAY_TEST_TLS_BIN", ""), *_INSTALLED)
    found = [Path(each) for each in named if each and Path(each, "postgres").exists()]
    if not found:
        pytest.skip("no PostgreSQL 17 or 18 that speaks TLS is known; see this module")
    with temporary_folder() as place, open_plane(find_binaries(found[0]), place) as plane:
        assert plane.tls
        yield plane


def _verified(bench: Bench, service: str, uri: str, folder: Path) -> str:
    """Connect as a client does that trusts the service's CA only; gives TLS's version."""
    bundle = folder / "ca.pem"
    bundle.write_text(bench.ch("GET", f"/{service}/caCertificates"))
    with psycopg.connect(f"{uri}&sslmode=verify-full&sslrootcert={bundle}") as connection:
        question = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ((version,),) = connection.execute(question).fetchall()
    return str(version)


def test_connections_are_encrypted_and_verified(encrypting: PostgresPlane, tmp_path: Path) -> None:
    """The certificate is for the host name, also for a new one; without TLS nobody gets in."""
    with Bench(encrypting) as bench:
        created = bench.service()
        service, uri = created["id"], created["connectionString"]
        assert "channel_binding=require" in uri
        assert _verified(bench, service, uri, tmp_path) == "TLSv1.3"
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            bench.connect(service, sslmode="disable", channel_binding="prefer")
        bench.ch("PATCH", f"/{service}", json={"name": "renamed"})
        path = f"/{service}"
        until(lambda: bench.ch("GET", path)["hostname"].startswith("renamed-"))
        renamed = bench.ch("GET", path)["connectionString"]
        assert _verified(bench, service, renamed, tmp_path) == "TLSv1.3"
        with pytest.raises(psycopg.OperationalError, match="renamed"):
            _verified(bench, service, uri, tmp_path)
