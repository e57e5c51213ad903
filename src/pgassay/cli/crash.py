"""The crash file: what a defect of the suite leaves for its report, without secrets."""

import os
import platform
import tempfile
import traceback
from pathlib import Path

from pgassay import __version__
from pgassay.redaction import Vault

__all__ = ["Vault", "write"]


def write(error: BaseException, vault: Vault | None) -> Path:
    """Write the trace of `error` to a new file in the temporary folder and return its path.

    Values of variables are left out, and every secret that `vault` knows is struck out. Only the
    owner can read the file.
    """
    trace = "".join(traceback.format_exception(error))
    text = f"pgassay {__version__}, Python {platform.python_version()}\n\n{trace}"
    handle, name = tempfile.mkstemp(prefix="pgassay-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write((vault or Vault()).text(text))
    return Path(name)
