"""How clients connect to a service: the URI that libpq takes."""

from urllib.parse import quote

from pgassay.reference.plane import Address
from pgassay.reference.store import Document

_ENCRYPTED = "sslmode=require&channel_binding=require"
_CLEAR = "sslmode=disable"


def connection_string(document: Document, template: str, address: Address | None) -> str:
    """Return the URI of a service.

    Its host name is one that never resolves. Where there is a cluster behind it, `hostaddr` makes
    libpq connect to that and the host name only what a certificate is compared with (libpq
    documentation, section 32.1.2).
    """
    user = f"{document['username']}:{quote(document['password'], safe='')}@{document['hostname']}"
    if address is None:
        return template.format(authority=f"{user}:5432")
    uri = template.format(authority=f"{user}:{address.port}").partition("?")[0]
    return f"{uri}?hostaddr={address.host}&{_ENCRYPTED if address.tls else _CLEAR}"
