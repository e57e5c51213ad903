"""Turn a request into the `curl` command line that repeats it.

The line is for any POSIX shell and fits on one line. Credentials and redacted secrets appear as
shell variables, so that a report can be passed on and still be repeated by whoever holds the key.
"""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from pgassay.exchange import ANONYMOUS, Request
from pgassay.redaction import MARKER
from pgassay.target.model import Family, Scheme

#: What curl sets itself, or what says nothing about the request.
_NOISE: Final = frozenset(
    {"host", "accept-encoding", "user-agent", "content-length", "connection", "authorization"}
)
#: The scheme that each family's documents describe.
_DOCUMENTED: Final[dict[str, Scheme]] = {
    Family.CLICKHOUSE: Scheme.BASIC,
    Family.DBAAS: Scheme.BEARER,
}
_GLOB: Final = re.compile(r"[\[\]{}]")


def command(request: Request, url: str, scheme: Scheme | None = None, header: str = "") -> str:
    """Return the command line that sends the redacted `request` to the absolute `url`.

    `scheme` tells how the request's credential travels (by default as its family documents it)
    and `header` in which header a `Scheme.HEADER` token does. The credential `main` becomes
    `$PGASSAY_KEY_ID` and `$PGASSAY_KEY_SECRET`, or `$PGASSAY_TOKEN`; another one carries its name
    (`$PGASSAY_READ_ONLY_TOKEN`). Redacted secrets become `$PASSWORD`, `$PASSWORD_2` and so on.
    A request that was sent in a form of its own is piped into a connection instead.
    """
    variables = _Variables()
    if request.raw is not None:
        return _raw(request.raw, url, variables)
    source, body = _body(request, variables)
    parts = [f"{source}curl -sSi", _method(request)]
    parts += _url_options(url)
    parts += _credential(request, scheme, header)
    parts += [
        f"-H {_header(name, request.headers[name], variables)}" for name in _told(request, header)
    ]
    return " ".join([*parts, *body, _word(url, variables)])


def _raw(sent: bytes, url: str, variables: "_Variables") -> str:
    """Return what sends bytes that curl would not: `openssl s_client` or `nc`."""
    parts = urlsplit(url)
    text = _printf(sent.decode("utf-8", "surrogateescape"), variables)
    if parts.scheme == "https":
        return f"{text} | openssl s_client -quiet -connect {parts.hostname}:{parts.port or 443}"
    return f"{text} | nc {parts.hostname} {parts.port or 80}"


class _Variables:
    """The shell variables that stand for the redacted secrets of one request."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def reference(self, marker: str) -> str:
        """Return the quoted expansion of the variable for `marker`."""
        number = len(self._names) + 1
        name = self._names.setdefault(marker, f"PASSWORD_{number}" if number > 1 else "PASSWORD")
        return f'"${name}"'

    def split(self, text: str, quoted: Callable[[str], str]) -> tuple[str, list[str]]:
        """Return `text` with markers made `%s`, all else through `quoted`; and the variables."""
        form, start, references = "", 0, []
        for found in MARKER.finditer(text):
            form += quoted(text[start : found.start()]) + "%s"
            references.append(self.reference(found.group()))
            start = found.end()
        return form + quoted(text[start:]), references


def _method(request: Request) -> str:
    # `-X HEAD` makes curl wait for a body that never comes.
    if request.method == "HEAD" and request.body is None:
        return "--head"
    return f"-X {_single(request.method)}"


def _url_options(url: str) -> list[str]:
    options = ["--globoff"] if _GLOB.search(url) else []
    return [*options, "--path-as-is"] if "/." in url else options


def _credential(request: Request, scheme: Scheme | None, header: str) -> list[str]:
    travels = scheme or _DOCUMENTED.get(request.family, Scheme.NONE)
    if request.credential == ANONYMOUS or travels is Scheme.NONE:
        # A check's own Authorization header: the vault strikes it out as a whole.
        own = any(name.lower() == "authorization" for name in request.headers)
        return ['-H "Authorization: $AUTHORIZATION"'] if own else []
    label = re.sub(r"\W", "_", request.credential, flags=re.ASCII).upper()
    prefix = "PGASSAY" if label == "MAIN" else f"PGASSAY_{label}"
    if travels is Scheme.BASIC:
        return [f'--user "${prefix}_KEY_ID:${prefix}_KEY_SECRET"']
    if travels is Scheme.BEARER:
        return [f'-H "Authorization: Bearer ${prefix}_TOKEN"']
    return [f'-H {_single(header + ": ")}"${prefix}_TOKEN"']


def _told(request: Request, header: str) -> list[str]:
    return [name for name in request.headers if name.lower() not in _NOISE | {header.lower()}]


def _header(name: str, value: str, variables: _Variables) -> str:
    # curl takes "Name:" as an order to leave the header out and "Name;" as an empty one.
    return _word(f"{name}: {value}" if value else f"{name};", variables)


def _body(request: Request, variables: _Variables) -> tuple[str, list[str]]:
    """Return what goes before `curl` (empty, or a pipe that feeds it) and the body's options."""
    if request.body is None:
        return "", []
    names = {name.lower() for name in request.headers}
    # Without this curl would call every body a form.
    options = [] if "content-type" in names else ["-H 'Content-Type:'"]
    text = request.body.decode("utf-8", "surrogateescape")
    if text.isprintable():
        return "", [*options, f"--data-raw {_word(text, variables)}"]
    return f"{_printf(text, variables)} | ", [*options, "--data-binary @-"]


def _word(text: str, variables: _Variables) -> str:
    """Return `text` as one shell word."""
    if not text.isprintable():
        return f'"$({_printf(text, variables)})"'
    pieces, start = [], 0
    for found in MARKER.finditer(text):
        pieces += [_single(text[start : found.start()]), variables.reference(found.group())]
        start = found.end()
    pieces.append(_single(text[start:]))
    return "".join(piece for piece in pieces if piece != "''") or "''"


def _printf(text: str, variables: _Variables) -> str:
    """Return the `printf` that writes `text` byte for byte, whatever it contains."""
    form, references = variables.split(text, _escaped)
    return " ".join([f"printf {_single(form)}", *references])


def _escaped(text: str) -> str:
    """Return `text` as part of a printf format, with octal escapes for what is not printable.

    A leading hyphen is escaped too: it would be taken for an option.
    """
    form = "".join(map(_escaped_character, text))
    return r"\055" + form[1:] if form.startswith("-") else form


def _escaped_character(character: str) -> str:
    if character in "\\%":
        return character * 2
    if character.isprintable():
        return character
    # surrogateescape brings back bytes that are not UTF-8.
    return "".join(f"\\{byte:03o}" for byte in _bytes(character))


def _bytes(character: str) -> bytes:
    try:
        return character.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return character.encode("utf-8", "surrogatepass")


def _single(text: str) -> str:
    quoted = text.replace("'", "'\\''")
    return text if re.fullmatch(r"[\w@%+=:,./-]+", text, re.ASCII) else f"'{quoted}'"
