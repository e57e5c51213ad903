"""The `curl` command line of a request, run by a real shell against a stand-in for curl."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pgassay import curl
from pgassay.exchange import ANONYMOUS, Request
from pgassay.redaction import Vault
from pgassay.target.model import Scheme

URL = "https://api.example.test/v1/organizations"
STUB = """#!{python}
import json, os, sys
piped = list(sys.stdin.buffer.read()) if "@-" in sys.argv else None
print(json.dumps({{"argv": [list(os.fsencode(word)) for word in sys.argv[1:]], "piped": piped}}))
"""


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a program `curl` that prints what it was called with."""
    folder = tmp_path_factory.mktemp("stub")
    program = folder / "curl"
    program.write_text(STUB.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def called(stub: Path, line: str, **variables: str) -> tuple[list[bytes], bytes | None]:
    """Run `line` with `sh` and return the words that curl got and what was piped into it."""
    environment = {**os.environ, "PATH": f"{stub}:{os.environ['PATH']}", **variables}
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, env=environment, check=True, timeout=20
    )
    told = json.loads(done.stdout)
    piped = None if told["piped"] is None else bytes(told["piped"])
    return [bytes(word) for word in told["argv"]], piped


def body_of(words: list[bytes], piped: bytes | None) -> bytes:
    """Return the body that curl would send."""
    return words[words.index(b"--data-raw") + 1] if piped is None else piped


def test_a_plain_request_reads_as_one_would_type_it() -> None:
    request = Request.of("GET", "/v1/organizations", family="clickhouse")
    assert curl.command(request, URL) == (
        f'curl -sSi -X GET --user "$PGASSAY_KEY_ID:$PGASSAY_KEY_SECRET" {URL}'
    )


def test_the_family_tells_how_a_credential_travels_unless_the_scheme_is_given() -> None:
    request = Request.of("GET", "/", family="dbaas")
    assert '-H "Authorization: Bearer $PGASSAY_TOKEN"' in curl.command(request, URL)
    assert "--user" in curl.command(request, URL, Scheme.BASIC)
    assert "-H 'X-Key: '\"$PGASSAY_TOKEN\"" in curl.command(request, URL, Scheme.HEADER, "X-Key")
    assert "PGASSAY" not in curl.command(request, URL, Scheme.NONE)


def test_a_header_that_carries_the_credential_is_told_once() -> None:
    request = Request.of("GET", "/", headers={"X-Key": "secret"})
    line = curl.command(request, URL, Scheme.HEADER, "x-key")
    assert line.lower().count("x-key") == 1
    assert "secret" not in line


def test_another_credential_carries_its_name() -> None:
    request = Request.of("GET", "/", family="dbaas", credential="read_only")
    assert "$PGASSAY_READ_ONLY_TOKEN" in curl.command(request, URL)


def test_an_anonymous_request_has_no_credential_but_the_header_that_a_check_sets() -> None:
    request = Request.of("GET", "/", family="dbaas", credential=ANONYMOUS)
    assert "-H" not in curl.command(request, URL)
    own = Request.of("GET", "/", credential=ANONYMOUS, headers={"Authorization": "Bearer nothing"})
    line = curl.command(Vault().request(own), URL)
    assert '-H "Authorization: $AUTHORIZATION"' in line
    assert "nothing" not in line


def test_headers_that_curl_sets_itself_are_left_out() -> None:
    headers = {
        "Host": "h", "User-Agent": "u", "Accept-Encoding": "gzip", "Content-Length": "3", "X-A": "b"
    }  # fmt: skip
    line = curl.command(Request("GET", "/", headers, credential=ANONYMOUS), URL)
    assert line == f"curl -sSi -X GET -H 'X-A: b' {URL}"


def test_an_empty_header_is_sent_and_not_taken_out(stub: Path) -> None:
    words, _ = called(stub, curl.command(Request("GET", "/", {"X-A": ""}), URL))
    assert b"X-A;" in words


def test_a_body_without_content_type_does_not_become_a_form(stub: Path) -> None:
    words, piped = called(stub, curl.command(Request("POST", "/", body=b"{}"), URL))
    assert b"Content-Type:" in words
    assert body_of(words, piped) == b"{}"


def test_a_head_request_does_not_wait_for_a_body(stub: Path) -> None:
    words, _ = called(stub, curl.command(Request("HEAD", "/"), URL))
    assert b"--head" in words
    assert b"-X" not in words


def test_brackets_and_dot_segments_of_an_address_arrive_as_they_are(stub: Path) -> None:
    url = URL + "/../a?filter[0]={x}&b=$HOME"
    words, _ = called(stub, curl.command(Request("GET", "/"), url))
    assert words[-1] == url.encode()
    assert {b"--globoff", b"--path-as-is"} < set(words)


def test_secrets_become_variables_that_the_shell_fills_in(stub: Path) -> None:
    request = Vault().request(
        Request.of("POST", "/", json_body={"password": "correct horse", "token": "battery staple"})
    )
    line = curl.command(request, URL)
    assert "horse" not in line
    words, piped = called(stub, line, PASSWORD="it's $HOME", PASSWORD_2="two")
    assert json.loads(body_of(words, piped)) == {"password": "it's $HOME", "token": "two"}


def test_a_secret_in_a_body_of_several_lines_becomes_a_variable_too(stub: Path) -> None:
    marker = Vault().marker("swordfish")
    body = f"50%\n{marker}\n-{marker}\\n".encode()
    words, piped = called(stub, curl.command(Request("PUT", "/", body=body), URL), PASSWORD="p%s")
    assert body_of(words, piped) == b"50%\np%s\n-p%s\\n"


@pytest.mark.parametrize(
    "body",
    [
        b'it\'s "quoted" `id` $HOME $(id) \\ !',
        "Zürich 東京 😀".encode(),
        b"one\ntwo\r\n\tthree\n",
        b"-n",
        b"-5\n",
        b"%s %d %%\n",
        b"\x01\x1b[31m\x7f0",
        b"\x00\x00" + b"7",
        b"\xff\xfe\x80odd",
        "\u202egnp.exe\u00a0".encode(),
        b"@/etc/passwd",
        b"",
    ],
)
def test_every_body_arrives_byte_for_byte(stub: Path, body: bytes) -> None:
    line = curl.command(Request("POST", "/", body=body), URL)
    assert line.isprintable()
    assert body_of(*called(stub, line)) == body


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode)))
def test_any_body_arrives_byte_for_byte(stub: Path, body: bytes) -> None:
    line = curl.command(Request("POST", "/", body=body), URL)
    assert line.isprintable()
    assert body_of(*called(stub, line)) == body


def test_odd_header_values_arrive_as_they_are(stub: Path) -> None:
    value = "tab\there 'and' \"there\" \u00e9"
    words, _ = called(stub, curl.command(Request("GET", "/", {"X-A": value}), URL))
    assert f"X-A: {value}".encode() in words


@pytest.mark.parametrize(
    ("url", "into"),
    [
        ("http://api.example.test:8080/v1", "nc api.example.test 8080"),
        ("https://api.example.test/v1", "openssl s_client -quiet -connect api.example.test:443"),
    ],
)
def test_bytes_that_curl_would_not_send_are_piped_into_a_connection(url: str, into: str) -> None:
    sent = b"GET /v1 HTTP/1.1\r\nHost : h\nX: \xff%\r\n\r\n"
    line = curl.command(Request("GET", "/v1", raw=sent), url)
    printed, _, program = line.partition(" | ")
    assert program == into
    assert (
        subprocess.run(["/bin/sh", "-c", printed], capture_output=True, check=True).stdout == sent
    )
