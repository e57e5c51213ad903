"""The calibration server as a process of its own, for whoever wants to be measured by it."""

import http.client
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from pgassay.calibration.truth import Report, Samples
from pgassay.errors import SuiteBroken

#: How long the server may take to end, or to say what it knows, in seconds.
_PATIENCE = 10.0

_Told = TypeVar("_Told", Report, Samples)


class Serving:
    """A server that runs at `url`, the base URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def truth(self) -> Report:
        """Ask what really happened until now."""
        return self._ask("/_truth", Report)

    def samples(self, operation: str) -> Samples:
        """Ask for the raw times of one operation."""
        return self._ask(f"/_truth/{operation}", Samples)

    def _ask(self, path: str, told: type[_Told]) -> _Told:
        address = self.url.removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=_PATIENCE)
        try:
            connection.request("GET", path)
            return msgspec.json.decode(connection.getresponse().read(), type=told)
        finally:
            connection.close()


@contextmanager
def serving(arguments: Sequence[str] = ()) -> Iterator[Serving]:
    """Run the server with these options until the block ends; raises `SuiteBroken` if it cannot."""
    command = [sys.executable, "-m", "pgassay.calibration", *arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # An interruption is for the generator, which cleans up on the server.
        start_new_session=True,
    )
    with process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                said = process.stderr.read().strip() if process.stderr else ""
                raise SuiteBroken(f"the calibration server did not start: {said}")
            yield Serving(url)
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
