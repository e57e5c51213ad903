"""What checks of certificates, metrics and slow queries take for right and for wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pgassay.deviation import Deviation
from pgassay.exchange import Exchange, Request
from pgassay.families.certificates import bundle, fingerprints, weakness
from pgassay.families.exposition import expose
from pgassay.values.metrics import series_of
from pgassay.values.slow_queries import disagreements
from pgassay.values.timestamps import utc_time
from pgassay.values.windows import FORMS, in_form, the_last

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
KEY = generate_private_key(SECP256R1())


def certificate(*, ca: bool | None = True, begin: datetime = NOW) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a root")])
    builder = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=1))
    if ca is not None:
        constraints = x509.BasicConstraints(ca=ca, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    return builder.sign(KEY, SHA256())


def answered(body: bytes, status: int = 200) -> Exchange:
    request = Request.of("GET", "/v1/organizations/o/postgres/p/caCertificates")
    return Exchange(1, "c", request, "http://x", 0, 0, status, {}, body)


def test_a_bundle_has_every_certificate_of_its_text() -> None:
    one, other = certificate(), certificate()
    pem = b"# roots\n" + one.public_bytes(Encoding.PEM) + b"\n" + other.public_bytes(Encoding.PEM)
    assert fingerprints(bundle(answered(pem))) == fingerprints([one, other])


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 200), (b"-----BEGIN CERTIFICATE-----\nAAAA\n", 200), (b"{}", 404)]
)
def test_what_is_no_bundle_deviates(body: bytes, status: int) -> None:
    with pytest.raises(Deviation) as caught:
        bundle(answered(body, status))
    assert caught.value.requirement == "CH-CERTIFICATES-PEM"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        pytest.param(certificate(), "", id="a root"),
        pytest.param(certificate(ca=False), "of no authority", id="a leaf"),
        pytest.param(certificate(ca=None), "no basic constraints", id="unconstrained"),
        pytest.param(certificate(begin=NOW + timedelta(hours=1)), "valid from", id="too early"),
        pytest.param(certificate(begin=NOW - timedelta(days=2)), "valid from", id="expired"),
    ],
)
def test_a_certificate_is_of_an_authority_and_valid(found: x509.Certificate, reason: str) -> None:
    said = weakness(found, NOW)
    assert said == "" if reason == "" else reason in said


PATTERN: dict[str, Any] = {
    "callCount": 3,
    "errorCount": 0,
    "totalDurationUs": 302,
    "avgDurationUs": 101,
    "maxDurationUs": 200,
    "p50DurationUs": 52,
    "p95DurationUs": 199.5,
    "p99DurationUs": 200,
    "totalRows": 0,
    "totalSharedBlksRead": 0,
    "totalSharedBlksHit": 0,
    "totalCpuTimeUs": 1,
    "totalWalBytes": 0,
}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, 0, id="rounded figures agree"),
        pytest.param({"p50DurationUs": 210}, 1, id="median above"),
        pytest.param({"avgDurationUs": 202, "totalDurationUs": 606}, 1, id="average above"),
        pytest.param({"totalDurationUs": 400}, 1, id="total apart"),
        pytest.param({"errorCount": 4}, 1, id="more errors than calls"),
        pytest.param({"totalRows": -1}, 1, id="negative"),
        pytest.param({"totalRows": None, "callCount": True}, 1, id="no numbers"),
    ],
)
def test_figures_contradict_each_other(changes: dict[str, Any], said: int) -> None:
    assert len(list(disagreements(PATTERN | changes))) == said


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_the_same_moment(form: str) -> None:
    assert datetime.fromisoformat(in_form(NOW, form)) == NOW


def test_a_window_has_its_length_and_is_over() -> None:
    query = the_last(timedelta(hours=1), limit="5")
    begin, end = utc_time(query["from_date"]), utc_time(query["to_date"])
    assert begin is not None
    assert end is not None
    assert end - begin == timedelta(hours=1)
    assert end <= datetime.now(UTC)
    assert query["limit"] == "5"


def test_series_are_read_from_a_result() -> None:
    points = [{"timestamp": 60, "value": 1}, {"timestamp": 120, "value": 2.5}]
    metric = {"key": "k", "unit": "%", "series": [{"label": "a", "dataPoints": points}]}
    (series,) = series_of({"metrics": [metric]})
    assert (str(series), series.unit, series.times) == ("k/a", "%", (60, 120))
    assert series_of(None) == series_of({"metrics": None}) == ()


@pytest.mark.parametrize(
    ("head", "undeclared"),
    [
        ("# HELP m x\n# TYPE m gauge\n", ()),
        ("# TYPE m gauge\n", ("m",)),
        ("# HELP m x\n", ("m",)),
    ],
)
def test_a_metric_is_declared_before_its_samples(head: str, undeclared: tuple[str, ...]) -> None:
    assert expose(answered(f"{head}m 1\nm 2\n".encode())).undeclared == undeclared
