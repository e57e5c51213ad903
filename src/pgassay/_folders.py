"""Where the suite's folders are: inside an installed wheel, or beside the package in a checkout.

This module is the only place that knows that there are two cases.
"""

from pathlib import Path
from typing import Literal, TypeAlias

FolderName: TypeAlias = Literal["conformance", "load", "reports", "spec"]
"""A top-level folder of the suite."""

_PACKAGE = Path(__file__).resolve().parent


def folder(name: FolderName) -> Path:
    """Return the absolute path of one of the suite's folders.

    Raises:
        FileNotFoundError: the folder is not there; the message names the path looked at.
    """
    bundle = _PACKAGE / "_bundle"
    root = bundle if bundle.is_dir() else _PACKAGE.parents[1]
    path = root / name
    if not path.is_dir():
        raise FileNotFoundError(f"the suite's folder {name!r} was expected at {path}")
    return path
