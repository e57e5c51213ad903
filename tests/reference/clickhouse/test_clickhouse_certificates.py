"""CA certificates: real ones, a service's own, the same until the host name changes."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app
from pgassay.reference.authority import derive_authority, issue_server_certificate

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
SEEDED = f"{SERVICES}/{SEED.service}/caCertificates"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


def _roots(api: TestClient, path: str) -> list[x509.Certificate]:
    answer = api.get(f"{path}/caCertificates")
    assert answer.status_code == 200
    return x509.load_pem_x509_certificates(answer.content)


def test_the_bundle_is_a_file_of_two_roots(api: TestClient, clock: ManualClock, path: str) -> None:
    answer = api.get(f"{path}/caCertificates")
    assert answer.headers["content-type"] == "application/x-pem-file"
    disposition = 'attachment; filename="postgres-ca-certificate.pem"'
    assert answer.headers["content-disposition"] == disposition
    roots = x509.load_pem_x509_certificates(answer.content)
    assert len(set(roots)) == 2
    for root in roots:
        root.verify_directly_issued_by(root)
        extensions = root.extensions
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
        now = datetime.fromtimestamp(clock.now(), UTC)
        assert root.not_valid_before_utc <= now < root.not_valid_after_utc


def test_the_roots_of_a_service_are_its_own(api: TestClient, path: str) -> None:
    ours, theirs = _roots(api, path), _roots(api, f"{SERVICES}/{SEED.service}")
    assert all(our.public_key() != their.public_key() for our in ours for their in theirs)


def test_the_roots_outlive_the_server(
    tmp_path: Path, clock: ManualClock, credentials: Credentials
) -> None:
    settings, key = Settings(credentials, state=tmp_path / "state"), credentials.key("main")
    bundles = []
    for _ in range(2):
        with TestClient(create_app(settings, clock)) as api:
            api.auth = (key.key_id, key.secret)
            bundles += [api.get(SEEDED).text, api.get(SEEDED).text]
            clock.advance(86_400)
    assert len(set(bundles)) == 1


def test_a_new_name_brings_new_roots_with_the_new_host_name(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    before = _roots(api, path)
    api.patch(path, json={"name": "invoices"})
    assert _roots(api, path) == before
    clock.advance(60)
    assert not set(_roots(api, path)) & set(before)


def test_there_are_none_before_a_service_runs(api: TestClient, clock: ManualClock) -> None:
    service = api.post(SERVICES, json=MINIMAL).json()["result"]["id"]
    answer = api.get(f"{SERVICES}/{service}/caCertificates")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("NOT_FOUND: ")
    clock.advance(300)
    assert _roots(api, f"{SERVICES}/{service}")


def test_others_cannot_read_them(other: TestClient, path: str) -> None:
    answer = other.get(f"{path}/caCertificates")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_a_server_certificate_is_trusted_through_its_root_alone() -> None:
    since = 1_780_000_000.0
    root = derive_authority(b"secret", "orders root 1", since)
    issued = issue_server_certificate(root, ["orders.example", "127.0.0.1"], since)
    leaf = x509.load_pem_x509_certificate(issued.certificate.encode())
    later = datetime.fromtimestamp(since, UTC) + timedelta(days=1)
    names = (x509.DNSName("orders.example"), x509.IPAddress(ip_address("127.0.0.1")))
    for name in names:
        policy = PolicyBuilder().store(Store([root.certificate])).time(later)
        policy.build_server_verifier(name).verify(leaf, [])
    stranger = derive_authority(b"secret", "orders root 2", since)
    policy = PolicyBuilder().store(Store([stranger.certificate])).time(later)
    with pytest.raises(VerificationError):
        policy.build_server_verifier(names[0]).verify(leaf, [])
    assert "PRIVATE KEY" in issued.key
    assert "PRIVATE KEY" not in repr(issued)
