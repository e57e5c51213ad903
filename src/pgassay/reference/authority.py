"""X.509: the root certificates that belong to a service, and server certificates from them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = timedelta(days=3650)
_SERVER_LIFETIME = timedelta(days=365)
# The order of P-256 (NIST SP 800-186, section 3.2.1.3): private keys lie between 1 and it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Authority:
    """A root certificate with the key to issue from it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def pem(self) -> str:
        """The root certificate as PEM, with a final newline."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What a server presents, and its private key, both PEM."""

    certificate: str
    key: str = field(repr=False)


def derive_authority(secret: bytes, name: str, since: float) -> Authority:
    """Return the self-signed root that follows from a secret and its name: always the same.

    So nothing is kept for a service but the secret that all of them share. `name` is the common
    name, of at most 64 characters; `since` is when it becomes valid, in epoch seconds.
    """
    seed = HKDF(SHA256(), 56, None, name.encode()).derive(secret)
    key = ec.derive_private_key(1 + int.from_bytes(seed[:40]) % (_ORDER - 1), ec.SECP256R1())
    subject, start = _name(name), datetime.fromtimestamp(int(since), UTC)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key())
        .serial_number(1 + int.from_bytes(seed[40:]))
        .not_valid_before(start)
        .not_valid_after(start + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    # RFC 6979: the signature of a derived certificate must not differ from read to read.
    return Authority(builder.sign(key, SHA256(), ecdsa_deterministic=True), key)


def issue_server_certificate(
    authority: Authority, hosts: list[str], since: float
) -> ServerCertificate:
    """Issue a certificate for host names and IP addresses, valid for a year from `since` on."""
    key = ec.generate_private_key(ec.SECP256R1())
    root, start = authority.certificate, datetime.fromtimestamp(int(since), UTC)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        x509.CertificateBuilder(root.subject, _name("PostgreSQL server"), key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _SERVER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority.key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ServerCertificate(certificate.public_bytes(Encoding.PEM).decode(), private.decode())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
