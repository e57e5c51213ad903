# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the CA certificates of services."""

import secrets

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults
from pgassay.reference.authority import Authority, derive_authority
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.store import Document

FAULTS = Faults()
_TWENTY_YEARS = 20 * 365 * 86_400


def _bundle(answer: Answer) -> bool:
    return answer.path.endswith("/caCertificates") and answer.succeeded


@FAULTS.bending("CH-CERTIFICATES-PEM")
class CertificatesAsText(Bending):
    """Certificates are announced as plain text."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_header("content-type", "text/plain") if _bundle(answer) else answer


@FAULTS.clickhouse("CH-CERTIFICATES-PEM")
class CertificateCutOff(ClickhouseService):
    """The last lines of the certificates are missing."""

    def certificates(self, document: Document) -> str:
        return "\n".join(super().certificates(document).splitlines()[:5])


@FAULTS.bending("CH-CERTIFICATES-DISPOSITION")
class CertificatesInline(Bending):
    """Certificates are to be shown in the browser."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_header("content-disposition", "inline") if _bundle(answer) else answer


@FAULTS.clickhouse("CH-CERTIFICATES-CA")
class CertificatesExpired(ClickhouseService):
    """The certificates were valid until ten years ago."""

    def root(self, document: Document, number: int) -> Authority:
        return super().root({**document, "since": document["since"] - _TWENTY_YEARS}, number)


@FAULTS.clickhouse("CH-CERTIFICATES-STABLE")
class CertificatesAnew(ClickhouseService):
    """Each download makes new certificates."""

    def root(self, document: Document, number: int) -> Authority:
        return derive_authority(secrets.token_bytes(32), f"root {number}", document["since"])


@FAULTS.clickhouse("CH-CERTIFICATES-DISTINCT", "CH-CERTIFICATES-ROTATE")
class CertificatesShared(ClickhouseService):
    """All services have the same certificates for good."""

    def root(self, document: Document, number: int) -> Authority:
        return derive_authority(self.certificate_secret(), f"root {number}", 1_700_000_000)


@FAULTS.clickhouse("CH-CERTIFICATES-ROTATE")
class CertificatesKeptOnRename(ClickhouseService):
    """A renamed service keeps the certificates of its old name."""

    def root(self, document: Document, number: int) -> Authority:
        return super().root({**document, "hostname": document["id"]}, number)


@FAULTS.bending("CH-CERTIFICATES-ACCESS", "CH-METRICS-ACCESS", "CH-SLOW-QUERIES-ACCESS")
class ObservationUnguarded(Bending):
    """Whoever may not see anything of a service is told so with status 200."""

    _PARTS = ("/caCertificates", "/metrics", "/slowQueryPatterns")

    def bend(self, answer: Answer) -> Answer:
        observes = answer.path.endswith(self._PARTS) and answer.status in {401, 404}
        return answer.with_status(200) if observes else answer
