"""What goes before the target file: environment variables, and flags of the command line.

Precedence: file < environment < flags. The variables are few on purpose:

    PGASSAY_TARGET    the target file, where --target is not given
    PGASSAY_BASE_URL  replaces target.base_url, where --base-url is not given
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pgassay.target.model import Family

TARGET_VARIABLE = "PGASSAY_TARGET"
BASE_URL_VARIABLE = "PGASSAY_BASE_URL"


@dataclass(frozen=True, slots=True)
class Overrides:
    """Flags that go before the target file; empty values leave the file as it is.

    `families` narrows the families that the file names.
    """

    base_url: str = ""
    families: tuple[Family, ...] = ()

    def address(self, environ: Mapping[str, str]) -> tuple[str, str]:
        """Return the base URL that goes before the file's and where it is from; empty if none."""
        if self.base_url:
            return self.base_url, "--base-url"
        value = environ.get(BASE_URL_VARIABLE, "")
        return value, f"the environment variable {BASE_URL_VARIABLE}" if value else ""
