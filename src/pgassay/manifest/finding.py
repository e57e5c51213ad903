"""What the linter has to say about one place of a manifest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect. Findings sort by line; messages never repeat a password.

    Attributes:
        line: Line of the text, counted from 1.
        path: Keys from the top to the place, joined by `/`; empty for the whole manifest.
        message: What is wrong and what is expected, in one sentence.

    """

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"line {self.line}: {place}{self.message}"
