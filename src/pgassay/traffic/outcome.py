"""What can become of a request."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a request (or of a wait for a lifecycle's end)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    THROTTLED = "throttled"
    UNFINISHED = "unfinished"

    number: int

    def __init__(self, _: str) -> None:
        """Number the outcomes in their order, for files."""
        self.number = len(type(self).__members__)
