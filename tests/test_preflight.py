"""Every bad day before a run ends in one sentence that says what happened and what to do."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from pgassay.errors import (
    ConfigurationError,
    CredentialsRefused,
    PgassayError,
    TargetUnreachable,
)
from pgassay.preflight import preflight
from pgassay.target.model import ClickhouseSettings, Credential, Family, Scheme, Target, Timing

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
MAIN = {"main": Credential(Scheme.BASIC, username="an-id", password="key-secret")}
GOOD = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"result":[]}'
)


@dataclass
class Listener:
    """A socket that answers each connection with the same bytes and closes it.

    Without bytes it holds connections open and says nothing until it is closed itself.
    """

    answer: bytes
    context: ssl.SSLContext | None = None

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        """Listen while the block runs; gives host and port."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=self._serve, args=(server,), daemon=True)
            thread.start()
            try:
                yield f"127.0.0.1:{server.getsockname()[1]}"
            finally:
                # Wakes the thread out of accept(), which close() alone does not.
                server.shutdown(socket.SHUT_RDWR)
                thread.join()

    def _serve(self, server: socket.socket) -> None:
        held: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                held.append(connection)
                if self.answer:
                    with contextlib.suppress(OSError):
                        self._answer(connection)
        for connection in held:
            connection.close()

    def _answer(self, connection: socket.socket) -> None:
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True)
        connection.recv(65536)
        connection.sendall(self.answer)
        connection.close()


def target(address: str, scheme: str = "http") -> Target:
    return Target("t", f"{scheme}://{address}", (Family.CLICKHOUSE,), MAIN, embedded=True)


def refused_by(one: Target, transport: httpx.BaseTransport | None = None) -> PgassayError:
    with pytest.raises(PgassayError) as caught:
        preflight(one, transport)
    assert "key-secret" not in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value


def answering(status: int, **parts: object) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, **parts))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return a server context whose certificate nobody trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the command openssl is not installed")
    pem: Path = tmp_path_factory.mktemp("tls") / "server.pem"
    kind = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=127.0.0.1"
    files = ["-keyout", str(pem), "-out", "-"]
    made = subprocess.run([openssl, *kind.split(), *files], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + made.stdout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_target_that_answers_lets_the_run_start() -> None:
    with Listener(GOOD).serving() as address:
        assert preflight(target(address)) == ()


def test_a_refused_connection_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    error = refused_by(target(address))
    assert isinstance(error, TargetUnreachable)
    assert str(error) == (
        f"http://{address}/v1/organizations: the connection was refused. "
        "Start the server, or correct host and port of target.base_url."
    )


def test_a_name_that_does_not_resolve_is_named() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("failed") from socket.gaierror(-2, "Name or service not known")

    error = refused_by(target("nowhere.invalid"), httpx.MockTransport(fail))
    assert "the host name does not resolve (Name or service not known)." in str(error)


def test_a_certificate_that_is_not_trusted_is_named(certificate: ssl.SSLContext) -> None:
    with Listener(GOOD, certificate).serving() as address:
        error = refused_by(target(address, "https"))
        assert isinstance(error, TargetUnreachable)
        assert "the server's certificate is not trusted (self-signed certificate)." in str(error)
        assert "verify_tls = false" in str(error)
        assert preflight(replace(target(address, "https"), verify_tls=False)) == ()


def test_https_to_a_port_that_speaks_http_is_named() -> None:
    with Listener(b"HTTP/1.1 400 Bad Request\r\n\r\n").serving() as address:
        error = refused_by(target(address, "https"))
    assert "TLS could not be agreed on (" in str(error)


def test_an_answer_that_is_cut_off_is_named() -> None:
    with Listener(GOOD[:-5]).serving() as address:
        error = refused_by(target(address))
    assert isinstance(error, TargetUnreachable)
    assert "the answer is broken or was cut off (peer closed connection" in str(error)


def test_something_that_does_not_speak_http_is_named() -> None:
    with Listener(b"SSH-2.0-OpenSSH_9.6\r\n").serving() as address:
        error = refused_by(target(address))
    assert "the answer is broken or was cut off (" in str(error)


def test_a_socket_that_never_answers_is_given_up() -> None:
    with Listener(b"").serving() as address:
        error = refused_by(replace(target(address), timing=Timing(request=0.2)))
    assert "no whole answer came within 0.2 s. Check the server and any firewall" in str(error)


def test_an_answer_that_drips_is_given_up() -> None:
    def drip() -> Iterator[bytes]:
        while True:
            yield b" "

    transport = answering(200, content=drip())
    error = refused_by(replace(target("t.test"), timing=Timing(request=0.001)), transport)
    assert "no whole answer came within 0.001 s." in str(error)


def test_a_web_page_is_named() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>sign in</html>"
    with Listener(page).serving() as address:
        error = refused_by(target(address))
    assert isinstance(error, ConfigurationError)
    assert "a web page answered instead of the API (200). Expected the clickhouse API." in str(
        error
    )


def test_a_redirect_names_its_goal_without_its_query() -> None:
    moved = (
        b"HTTP/1.1 302 Found\r\nLocation: https://login.example.test/?next=secret\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    with Listener(moved).serving() as address:
        error = refused_by(target(address))
    assert isinstance(error, ConfigurationError)
    assert "the server redirects to https://login.example.test/ (302)." in str(error)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_named_by_their_table(status: int) -> None:
    error = refused_by(target("t.test"), answering(status, json={"error": "no"}))
    assert isinstance(error, CredentialsRefused)
    assert f"credentials of [clickhouse.auth.main] or [auth.main] ({status})." in str(error)


def test_missing_credentials_are_asked_for() -> None:
    error = refused_by(replace(target("t.test"), credentials={}), answering(401))
    assert isinstance(error, CredentialsRefused)
    assert "Add [clickhouse.auth.main] to the target file." in str(error)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_waits_for_its_server_is_named(status: int) -> None:
    error = refused_by(target("t.test"), answering(status, html="<html>"))
    assert isinstance(error, TargetUnreachable)
    assert f"is not ready ({status})." in str(error)


def test_an_unknown_path_points_to_the_keys_it_is_made_of() -> None:
    dbaas = replace(target("t.test"), families=(Family.DBAAS,))
    error = refused_by(dbaas, answering(404, json={"detail": "not found"}))
    assert str(error) == (
        "http://t.test/v1/types/postgres/versions: the server does not know this path (404). "
        "Expected the dbaas API. "
        "Check target.base_url, dbaas.reference_prefix and any proxy in between."
    )


def test_an_answer_that_is_not_json_is_named() -> None:
    error = refused_by(target("t.test"), answering(200, text="hello"))
    assert "the answer is not JSON (200)." in str(error)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_other_answers_are_left_to_the_checks(status: int) -> None:
    assert preflight(target("t.test"), answering(status, json={})) == ()


def test_an_organisation_that_the_key_does_not_see_is_named() -> None:
    other = replace(target("t.test"), clickhouse=ClickhouseSettings(organization_id=TWO))
    error = refused_by(other, answering(200, json={"result": [{"id": ONE}]}))
    assert isinstance(error, ConfigurationError)
    assert f"the key does not see the organisation {TWO}. Expected one of {ONE}." in str(error)


def test_several_organisations_need_a_choice() -> None:
    listed = {"result": [{"id": ONE}, {"id": TWO}]}
    error = refused_by(target("t.test"), answering(200, json=listed))
    assert f"the key sees several organisations. Expected one of {ONE}, {TWO}." in str(error)


@pytest.mark.parametrize(("seconds", "side"), [(600, "behind"), (-600, "ahead of")])
def test_clocks_that_differ_are_a_warning(seconds: float, side: str) -> None:
    headers = {"Date": "Thu, 28 May 2026 20:26:40 GMT"}
    transport = answering(200, json={}, headers=headers)
    (warning,) = preflight(target("t.test"), transport, lambda: 1_780_000_000.0 + seconds)
    assert warning.startswith(f"The server's clock is 600 s {side} this machine's; ")
    assert preflight(target("t.test"), transport, lambda: 1_780_000_000.0) == ()


def test_each_family_is_asked_with_its_own_credentials() -> None:
    seen: dict[str, str] = {}

    def note(request: httpx.Request) -> httpx.Response:
        seen[request.url.path] = request.headers.get("authorization", "")
        return httpx.Response(200, json={})

    both = replace(
        target("t.test"),
        families=tuple(Family),
        credentials={**MAIN, "dbaas.main": Credential(Scheme.BEARER, token="a-token")},
    )
    preflight(both, httpx.MockTransport(note))
    assert list(seen) == ["/v1/organizations", "/v1/types/postgres/versions"]
    assert seen["/v1/organizations"].startswith("Basic ")
    assert seen["/v1/types/postgres/versions"] == "Bearer a-token"
