"""Credentials of a target file: references to secrets, resolved.

A secret is written as `env:NAME` (an environment variable) or `file:PATH` (a file; a relative path
starts at the target file's folder). Literal secrets are refused, because target files are
committed, attached to reports and shown in terminals.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pgassay.errors import ConfigurationError, nearest
from pgassay.target.document import Table, place
from pgassay.target.model import Credential, Family, Scheme

#: The keys beside `scheme` that each scheme needs; all others are refused.
_NEEDED: Mapping[Scheme, frozenset[str]] = {
    Scheme.BASIC: frozenset({"username", "password"}),
    Scheme.BEARER: frozenset({"token"}),
    Scheme.HEADER: frozenset({"header", "token"}),
    Scheme.NONE: frozenset(),
}
#: Headers that belong to the HTTP client; a credential in one of them would break requests.
_RESERVED_HEADERS = frozenset(
    {"accept", "connection", "content-length", "content-type", "host", "transfer-encoding"}
)
_SECRET_KEYS = ("password", "token")
_LONGEST_SECRET = 65_536


@dataclass(frozen=True, slots=True)
class Resolver:
    """Replaces references by what they refer to; `path` is the target file that holds them."""

    path: Path
    environ: Mapping[str, str]

    def credentials(self, document: Table) -> dict[str, Credential]:
        """Return all credentials of a target file under `NAME` and `FAMILY.NAME`.

        Raises `ConfigurationError` for a literal secret, a reference that leads nowhere, keys
        that do not fit the scheme, or two tables that hold the same credential.
        """
        resolved: dict[str, Credential] = {}
        for name, key, table in _tables(document):
            resolved[name] = self._credential(table, key)
        self._refuse_copies(resolved)
        return resolved

    def _credential(self, table: Table, key: str) -> Credential:
        scheme = Scheme(table["scheme"])
        self._check_keys(scheme, table, key)
        header = table.get("header", "")
        if header.lower() in _RESERVED_HEADERS:
            raise ConfigurationError(
                f"the header {header!r} is reserved for the HTTP client",
                place(self.path, f"{key}.header"),
                "a header that only carries the credential, such as X-Api-Key",
            )
        values = {
            name: self._value(table[name], f"{key}.{name}", secret=name in _SECRET_KEYS)
            for name in ("username", *_SECRET_KEYS)
            if name in table
        }
        return Credential(scheme, header=header, **values)

    def _check_keys(self, scheme: Scheme, table: Table, key: str) -> None:
        given, needed = set(table) - {"scheme"}, _NEEDED[scheme]
        if given == needed:
            return
        wrong = sorted(given - needed)
        what = (
            f"the scheme '{scheme}' does not use {', '.join(wrong)}"
            if wrong
            else f"the scheme '{scheme}' needs {', '.join(sorted(needed - given))}"
        )
        expected = f"scheme and {', '.join(sorted(needed))}" if needed else "scheme alone"
        raise ConfigurationError(what, place(self.path, key), expected)

    def _value(self, reference: str, key: str, *, secret: bool) -> str:
        kind, _, rest = reference.partition(":")
        match kind:
            case "env":
                value = self._variable(rest, key)
            case "file":
                value = self._file(rest, key)
            case _ if secret:
                raise self._literal(key)
            case _:
                value = reference
        if not value or not value.isprintable() or not value.isascii():
            raise ConfigurationError(
                f"what '{reference}' refers to is empty or holds characters that cannot be sent",
                place(self.path, key),
                "printable ASCII characters on one line",
            )
        return value

    def _variable(self, name: str, key: str) -> str:
        value = self.environ.get(name)
        if value is not None:
            return value
        similar = nearest(name, self.environ)
        hint = f" A similar variable is set: {similar}." if similar else ""
        raise ConfigurationError(
            f"the environment variable {name!r} is not set",
            place(self.path, key),
            remedy=f"Set it to the secret before you start pgassay.{hint}",
        )

    def _file(self, name: str, key: str) -> str:
        path = self.path.parent / name
        try:
            with path.open(encoding="utf-8") as file:
                return file.read(_LONGEST_SECRET).rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ConfigurationError(
                f"the secret file {path} cannot be read: {reason}",
                place(self.path, key),
                remedy="Paths after 'file:' start at the folder of the target file.",
            ) from error

    def _literal(self, key: str) -> ConfigurationError:
        variable = key.replace(".", "_").upper()
        return ConfigurationError(
            "a secret must not stand in the target file itself",
            place(self.path, key),
            f"a reference: 'env:NAME' or 'file:PATH', for example 'env:{variable}'",
            "Move the secret out of the file, and replace it if the file was shared.",
        )

    def _refuse_copies(self, resolved: Mapping[str, Credential]) -> None:
        for name, credential in resolved.items():
            stem, _, role = name.rpartition(".")
            main = resolved.get(f"{stem}.main" if stem else "main") or resolved.get("main")
            if role != "main" and credential == main and credential.scheme is not Scheme.NONE:
                raise ConfigurationError(
                    "the credential is the same as 'main'",
                    place(self.path, f"{stem}.auth.{role}" if stem else f"auth.{role}"),
                    f"a credential of its own, otherwise checks about '{role}' would judge nothing",
                )


def _tables(document: Table) -> Iterator[tuple[str, str, Table]]:
    """Yield (name as in `Target.credentials`, dotted key, table) of every auth table."""
    for name, table in document.get("auth", {}).items():
        yield name, f"auth.{name}", table
    for family in Family:
        for name, table in document.get(family, {}).get("auth", {}).items():
            yield f"{family}.{name}", f"{family}.auth.{name}", table
