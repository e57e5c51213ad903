"""A target file as a checked document: TOML that fits `spec/schema/target.schema.json`."""

from pathlib import Path
from typing import Final

from pgassay import document
from pgassay._folders import folder
from pgassay.document import Table, Unreadable, place

__all__ = ["Table", "load", "place"]

_UNREADABLE: Final = Unreadable(
    "target file", "Create one with `pgassay init`, or name another with --target."
)


def load(path: Path) -> Table:
    """Read the target file `path` and check it; raises `ConfigurationError`."""
    return document.load(path, folder("spec") / "schema" / "target.schema.json", _UNREADABLE)
