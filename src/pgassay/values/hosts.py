"""Names of hosts."""

import ipaddress
import re
from typing import Final

#: Labels of a DNS name: RFC 1123, section 2.1.
_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LONGEST: Final = 253


def is_host(text: str) -> bool:
    """Tell whether `text` is a DNS name as RFC 1123 wants it, or an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        name = text.removesuffix(".")
        return len(name) <= _LONGEST and all(map(_LABEL.fullmatch, name.split(".")))
    return True
