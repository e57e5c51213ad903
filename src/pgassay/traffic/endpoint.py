"""Where a target listens, and how each request to it begins."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from pgassay.errors import ConfigurationError
from pgassay.exchange import Request

_PORTS = {"http": 80, "https": 443}
#: What may stand in a request line as it is; identifiers in paths come from the target.
_PLAIN = re.compile(r"[!-~]*").fullmatch
_RESERVED = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server of a base URL; `prefix` goes before every path, `tls` is None for plain HTTP."""

    host: str
    port: int
    authority: str
    prefix: str
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, base_url: str, *, verify: bool = True) -> "Endpoint":
        """Return the endpoint of a URL; raises `ConfigurationError` for anything but HTTP.

        `verify` tells whether certificates are checked.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ConfigurationError(
                f"'{base_url}' cannot be reached", "base_url", "an http or https URL"
            )
        tls = _context(verify=verify) if parts.scheme == "https" else None
        return cls(
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            parts.netloc.rpartition("@")[2],
            parts.path.rstrip("/"),
            tls,
        )

    def message(self, request: Request, fields: bytes) -> bytes:
        """Return the bytes of a request whose header fields `fields` has."""
        path = self.prefix + request.path
        if not _PLAIN(path):
            path = quote(path, _RESERVED)
        line = f"{request.method} {path} HTTP/1.1\r\n".encode()
        if request.body is None:
            return line + fields + b"\r\n"
        length = b"Content-Length: %d\r\n\r\n" % len(request.body)
        return line + fields + length + request.body

    def fields(self, headers: Mapping[str, str]) -> bytes:
        """Return header fields as they are sent, with the Host before them."""
        lines = [f"Host: {self.authority}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
        return "".join(lines).encode("latin-1")


def _context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
