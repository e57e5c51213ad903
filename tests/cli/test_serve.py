"""The reference server as a process: one line when it is ready, no life after its parent's."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pgassay.cli import command
from pgassay.cli.embedded import embedded_reference
from pgassay.cli.tenants import reference_credentials, reference_target, reference_timing
from pgassay.errors import ConfigurationError, SuiteBroken
from pgassay.preflight import preflight
from pgassay.reference import Credentials, Settings
from pgassay.target.model import Family, Timing
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target

BUDGET = 20.0


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `pgassay serve`; gives the process and the URL that it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay", "serve", "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=BUDGET)
    return process.returncode, out, err


def test_exactly_one_line_is_printed_and_an_interruption_is_the_normal_end(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    with served("--write-target", str(path)) as (process, url):
        target = read_target(path, {}, Overrides())
        assert target.base_url == url
        assert preflight(target) == ()
        process.send_signal(signal.SIGINT)
        assert ended(process) == (0, "", "")


def test_without_a_target_file_a_hint_tells_how_to_get_one() -> None:
    with served() as (process, url):
        assert httpx.get(f"{url}/v1/organizations", trust_env=False).status_code == 401
        process.send_signal(signal.SIGTERM)
        status, out, err = ended(process)
    assert (status, out) == (0, "")
    assert "--write-target FILE writes a target file" in err


def test_a_port_that_is_taken_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with served("--port", port) as (process, line):
            assert line == ""
            status, _, err = ended(process)
    assert status == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in err
    assert "Choose another --port" in err


def test_a_target_file_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with served("--write-target", str(tmp_path / "file" / "local.toml")) as (process, line):
        status, _, err = ended(process)
    assert (status, line) == (2, "")
    assert err.endswith("local.toml: the target file cannot be written: File exists.\n")
    assert "Traceback" not in err


@pytest.mark.parametrize("number", ["nan", "inf", "-1"])
def test_a_time_scale_is_a_finite_number(number: str) -> None:
    shown = CliRunner().invoke(command, ["serve", "--time-scale", number])
    assert shown.exit_code == 2
    assert "Invalid value for '--time-scale'" in shown.output


def test_the_quota_of_services_is_an_option(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    with served("--quota", "0", "--write-target", str(path)) as (_, url):
        target = read_target(path, {}, Overrides())
        credential = target.credential("main", Family.CLICKHOUSE)
        assert credential is not None
        answer = httpx.post(
            f"{url}/v1/organizations/{target.clickhouse.organization_id}/postgres",
            json={"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"},
            headers=credential.headers,
        )
        assert answer.status_code == 409


def test_the_server_ends_with_its_parent() -> None:
    with served("--exit-with-parent") as (process, _):
        assert ended(process)[0] == 0  # which closes the server's standard input


def test_a_store_keeps_its_credentials(tmp_path: Path) -> None:
    state = tmp_path / "store.db"
    first = reference_credentials(state, {})
    assert reference_credentials(state, {}) == first
    assert reference_credentials(tmp_path / "other.db", {}) != first
    assert (tmp_path / "store.db.credentials").stat().st_mode & 0o777 == 0o600


def test_a_damaged_credentials_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "store.db.credentials").write_text("{}")
    with pytest.raises(ConfigurationError, match="does not hold the credentials of a store"):
        reference_credentials(tmp_path / "store.db", {})


def test_the_main_credentials_can_be_given() -> None:
    credentials = reference_credentials(
        None,
        {
            "PGASSAY_REFERENCE_KEY_ID": "an-id",
            "PGASSAY_REFERENCE_KEY_SECRET": "a-secret",
            "PGASSAY_REFERENCE_TOKEN": "a-token",
        },
    )
    main = credentials.key("main")
    assert (main.key_id, main.secret) == ("an-id", "a-secret")
    assert credentials.token("main").token == "a-token"
    assert credentials.key("read_only").key_id != "an-id"


def test_half_a_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="PGASSAY_REFERENCE_KEY_ID: only one part"):
        reference_credentials(None, {"PGASSAY_REFERENCE_KEY_SECRET": "a-secret"})


def test_the_target_has_every_credential_of_the_server() -> None:
    target = reference_target(Settings(Credentials.generate()), "http://127.0.0.1:1")
    for family in Family:
        for name in ("main", "other_tenant", "read_only", "disabled"):
            assert target.credential(name, family) is not None


def test_budgets_grow_with_the_time_scale() -> None:
    fast, real = reference_timing(0.001), reference_timing(1)
    assert (fast.create, fast.delete, fast.request) == (10.9, 5.18, 10)
    assert real.create == 910
    assert (real.poll, real.settle) == (Timing().poll, Timing().settle)


def test_the_embedded_reference_answers_and_is_gone_afterwards() -> None:
    with embedded_reference(Overrides(base_url="http://elsewhere.test")) as target:
        assert target.embedded
        assert preflight(target) == ()
    with pytest.raises(httpx.ConnectError):
        httpx.get(target.base_url, trust_env=False)


def test_the_embedded_reference_is_gone_after_an_exception() -> None:
    with pytest.raises(RuntimeError), embedded_reference() as target:
        raise RuntimeError
    with pytest.raises(httpx.ConnectError):
        httpx.get(target.base_url, trust_env=False)


def test_the_embedded_reference_does_not_outlive_a_killed_parent() -> None:
    program = (
        "import sys\n"
        "from pgassay.cli.embedded import embedded_reference\n"
        "with embedded_reference() as target:\n"
        "    print(target.base_url, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    host, port = parent.stdout.readline().strip().removeprefix("http://").split(":")
    # A connection that is held open tells when the server ends.
    with socket.create_connection((host, int(port))) as witness:
        parent.kill()
        parent.communicate()
        readable, _, _ = select.select([witness], [], [], BUDGET)
        assert readable
        assert witness.recv(1) == b""


def test_a_server_that_does_not_start_says_why() -> None:
    environ = {**os.environ, "PGASSAY_REFERENCE_KEY_ID": "an-id"}
    with (
        pytest.raises(SuiteBroken, match=r"ended.*PGASSAY_REFERENCE_KEY_SECRET"),
        embedded_reference(environ=environ),
    ):
        pass
