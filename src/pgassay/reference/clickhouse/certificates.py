"""The CA certificates of a service: two roots of its own, new ones with every host name."""

import secrets

from pgassay.reference.authority import Authority, derive_authority, issue_server_certificate
from pgassay.reference.clickhouse.backend import Backend, steady_number
from pgassay.reference.clickhouse.reading import never_ran
from pgassay.reference.http import not_found
from pgassay.reference.store import Document

_SECRET = "certificate_secret"  # noqa: S105 - the kind of the document


class Certificates(Backend):
    """The operation on `/caCertificates` (OpenAPI: postgresServiceCertsGet).

    A client trusts two roots, so that the one in use can be replaced without a gap.
    """

    def certificates(self, document: Document) -> str:
        """Return the roots as PEM; ApiError 404 while the service was never running."""
        if never_ran(document):
            raise not_found(f"The certificates of {document['id']} do not exist yet")
        return "\n".join(root.pem for root in self.roots(document))

    def roots(self, document: Document) -> tuple[Authority, Authority]:
        """Return both roots; they follow from the host name, so renaming changes them."""
        return self.root(document, 1), self.root(document, 2)

    def certificate_authority(self, document: Document) -> Authority:
        """Return the root that a service's server certificate is to be issued from."""
        return self.root(document, 1)

    def server_certificate(self, document: Document) -> Document:
        """Return what the service's cluster presents; nothing where clusters speak no TLS."""
        if self.plane is None or not self.plane.tls:
            return {}
        authority = self.certificate_authority(document)
        hosts = [document["hostname"], "localhost", "127.0.0.1"]
        issued = issue_server_certificate(authority, hosts, self.clock.now())
        return {"certificate": issued.certificate, "key": issued.key}

    def root(self, document: Document, number: int) -> Authority:
        """Return one of the service's roots."""
        label = f"{steady_number(document['hostname'], 16**8):08x}"
        name = f"{document['id']} {label} root {number}"
        return derive_authority(self.certificate_secret(), name, document["since"])

    def certificate_secret(self) -> bytes:
        """Return what all roots of this store are derived from."""
        kept = self.store.get(_SECRET, _SECRET)
        if kept is None:
            kept = {"secret": secrets.token_hex(32)}
            self.store.put(_SECRET, _SECRET, "", kept)
        return bytes.fromhex(kept["secret"])
