"""Every error that a command reports to its user, and the exit status that it causes.

    PgassayError
    ├── UsageError             2   an argument or identifier that does not exist
    ├── ConfigurationError     2   a target file, waiver or environment that cannot be used
    ├── TargetUnreachable      2   no answer from the target
    ├── CredentialsRefused     2   the target rejected the configured credentials
    ├── SuiteBroken            3   a defect of the suite itself
    └── CatalogueError         3   the requirement catalogue is not valid

Commands print `str(error)` and exit with `error.exit_code`; no traceback is shown. Messages must
not contain secrets: callers pass names and addresses, never values of credentials.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class PgassayError(Exception):
    """What happened, where, what was expected instead, and what to do next.

    Args:
        what: What happened, as a clause without its full stop.
        where: File, key, URL or identifier concerned; empty when there is none.
        expected: What would have been accepted; empty when it goes without saying.
        remedy: The next step for the user; empty when there is none.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, where: str = "", expected: str = "", remedy: str = "") -> None:
        super().__init__(what, where, expected, remedy)

    @property
    def what(self) -> str:
        """What happened."""
        return self._part(0)

    @property
    def where(self) -> str:
        """The file, key, URL or identifier concerned, or an empty string."""
        return self._part(1)

    @property
    def expected(self) -> str:
        """What would have been accepted, or an empty string."""
        return self._part(2)

    @property
    def remedy(self) -> str:
        """What to do next, or an empty string."""
        return self._part(3)

    @property
    def message(self) -> str:
        """The whole message: the same sentences as `str(error)`."""
        return str(self)

    def __str__(self) -> str:
        sentences = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.expected:
            sentences.append(f"Expected {self.expected}")
        if self.remedy:
            sentences.append(self.remedy)
        return " ".join(_sentence(text) for text in sentences)

    def _part(self, index: int) -> str:
        return str(self.args[index])


class UsageError(PgassayError):
    """An argument, option or identifier on the command line that does not exist or fit."""

    exit_code = 2


class ConfigurationError(PgassayError):
    """A target file, waiver, secret reference or environment variable that cannot be used."""

    exit_code = 2


class TargetUnreachable(PgassayError):
    """The target's address does not resolve, refuses connections, or does not answer in time."""

    exit_code = 2


class CredentialsRefused(PgassayError):
    """The target answered, and rejected the configured credentials."""

    exit_code = 2


class SuiteBroken(PgassayError):
    """A defect of the suite: nothing can be said about the target."""

    exit_code = 3


class CatalogueError(PgassayError):
    """The requirement catalogue violates its schema or contradicts itself."""

    exit_code = 3


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most similar to `name`, or None when none is similar enough.

    Letter case is ignored in the comparison; the candidate is returned as it was given.
    """
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    matches = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
