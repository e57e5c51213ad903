"""A path written in other ways, which a server must not take for a way past its own checks.

Source of the danger: RFC 9110, section 17.3, and RFC 3986, section 7.3.
"""

from collections.abc import Callable, Mapping
from typing import Final

#: What stands in the place of one slash. Where it does not begin with one, the first slash stays.
_BETWEEN: Final[Mapping[str, str]] = {
    "double-slash": "//",
    "dot": "/./",
    "detour": "/x/../",
    "encoded-detour": "/x/%2e%2e/",
    "half-encoded-detour": "/x/.%2E/",
    "twice-encoded-detour": "/x/%252e%252e/",
    "parameter-detour": "/x/..;/",
    "encoded-slash-detour": "/x%2f..%2f",
    "encoded-slash": "%2F",
    "encoded-backslash": "%5c",
    "parameter": ";x=1/",
    "empty-parameter": "/;/",
    "nul": "%00/",
    "newline": "%0a/",
    "blank": "%20/",
}
_AFTER: Final = (
    "/",
    "//",
    "/.",
    "/x/..",
    ".",
    "%2e",
    ";",
    ";x=1",
    "/;x=1",
    ".json",
    "%00",
    "%00.json",
    "%0d%0a",
    "%20",
    "%3f",
    "%23",
    "?",
    "?x=/public",
)
#: Ways from one tenant's path to that of another tenant.
CLIMBS: Final[Mapping[str, str]] = {
    "plain": "/../",
    "encoded-dots": "/%2e%2e/",
    "encoded-slashes": "%2f..%2f",
    "all-encoded": "%2f%2e%2e%2f",
    "parameter": "/..;/",
    "backslashes": "%5c..%5c",
    "comma": ",",
    "semicolon": ";",
    "nul": "%00",
}


def _between(separator: str) -> Callable[[str], list[str]]:
    def disguise(path: str) -> list[str]:
        parts = path.split("/")
        first = 1 if separator.startswith("/") else 2
        return [
            "/".join(parts[:place]) + separator + "/".join(parts[place:])
            for place in range(first, len(parts))
        ]

    return disguise


def _endings(path: str) -> list[str]:
    return [path + ending for ending in _AFTER]


def _letters(path: str) -> list[str]:
    """Each segment with its first character encoded, and with its letters in upper case."""
    parts = path.split("/")
    encoded = [f"%{ord(part[0]):02x}{part[1:]}" if part else part for part in parts]
    return [
        "/".join([*parts[:place], other[place], *parts[place + 1 :]])
        for other in (encoded, [part.upper() for part in parts])
        for place in range(1, len(parts))
    ]


#: By the kind of writing: makes all paths of that kind from a plain one.
DISGUISES: Final[Mapping[str, Callable[[str], list[str]]]] = {
    **{name: _between(separator) for name, separator in _BETWEEN.items()},
    "endings": _endings,
    "letters": _letters,
}
