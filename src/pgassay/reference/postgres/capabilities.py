"""What a PostgreSQL build can do, as a running cluster of it tells."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pgassay.reference.postgres.access import Connection, execute
from pgassay.reference.postgres.binaries import Binaries


@dataclass(frozen=True, slots=True)
class Limits:
    """The values that PostgreSQL takes for a parameter.

    highest is in its own unit; values are those of an enumeration.
    """

    highest: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Version, whether it speaks TLS, what its parameters take, and where its programs are."""

    version: str
    directory: str
    tls: bool
    limits: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def major(self) -> str:
        """The major version, such as "18"."""
        return self.version.partition(".")[0]

    @classmethod
    def ask(cls, connection: Connection, binaries: Binaries) -> "Capabilities":
        """Ask a running cluster."""
        rows = execute(connection, "SELECT name, max_val, enumvals FROM pg_settings")
        limits = {name: Limits(_number(high), tuple(values or ())) for name, high, values in rows}
        ((library,),) = execute(connection, "SHOW ssl_library")
        return cls(binaries.version, str(binaries.directory), bool(library), limits)

    @classmethod
    def read(cls, path: Path) -> "Capabilities":
        """Read what `write` wrote."""
        kept: dict[str, Any] = json.loads(path.read_text())
        limits = {
            name: Limits(each["highest"], tuple(each["values"]))
            for name, each in kept.pop("limits").items()
        }
        return cls(**kept, limits=limits)

    def belong_to(self, binaries: Binaries) -> bool:
        """Tell whether they are those of these very programs."""
        return (self.version, self.directory) == (binaries.version, str(binaries.directory))

    def write(self, path: Path) -> None:
        """Keep the capabilities in a file."""
        path.write_text(json.dumps(asdict(self)))


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
