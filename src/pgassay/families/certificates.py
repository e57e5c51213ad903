"""The CA certificates of a service: a PEM bundle (RFC 7468) of X.509 certificates (RFC 5280)."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from pgassay.deviation import Deviation
from pgassay.exchange import Exchange
from pgassay.expectation import expect_status

_PEM = "CH-CERTIFICATES-PEM"


def bundle(exchange: Exchange) -> list[x509.Certificate]:
    """Parse a bundle; raises `Deviation` when it is refused, empty or does not parse."""
    expect_status(exchange, 200, title="the certificates are refused", requirement=_PEM)
    try:
        return x509.load_pem_x509_certificates(exchange.body)
    except ValueError as error:
        raise Deviation(
            "the certificates do not parse",
            "a PEM bundle with at least one X.509 certificate",
            str(error) or "nothing that is a certificate",
            _PEM,
            exchange,
        ) from None


def fingerprints(certificates: list[x509.Certificate]) -> set[str]:
    """Return the SHA-256 fingerprints, by which certificates are compared."""
    return {certificate.fingerprint(SHA256()).hex() for certificate in certificates}


def weakness(certificate: x509.Certificate, now: datetime) -> str:
    """Say why a certificate cannot be one that clients trust a server by; empty if it can."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return "it has no basic constraints"
    if not constraints.value.ca:
        return "its basic constraints say that it is of no authority"
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return f"it is valid from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
    return ""
