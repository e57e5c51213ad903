"""What takes the place of the network in a replay: both doors of the client lead to a tape."""

import gzip
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import SplitResult

import httpx

from pgassay.departure import READY
from pgassay.falsification.clock import RecordedClock
from pgassay.falsification.record import Line, Recorded
from pgassay.falsification.tape import Tape
from pgassay.wire import Reply, Step, Wire

_OFF_THE_RECORD: Final = "off the record: nothing like this was recorded"


class RecordedTransport(httpx.BaseTransport):
    """Answers requests from a tape, each at the time at which it was answered."""

    def __init__(self, tape: Tape, clock: RecordedClock, speaker: Callable[[], str]) -> None:
        """`speaker` tells on whose behalf a request is sent now."""
        self._tape = tape
        self._clock = clock
        self._speaker = speaker

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; raises `httpx.ReadError` where no answer was recorded."""
        body = request.content.decode("utf-8", "backslashreplace")
        path = request.extensions["target"].decode()
        asked = (request.method, path, request.headers, body)
        recorded = self._tape.answer(self._speaker(), *asked)
        if recorded is None:
            raise httpx.ReadError(_OFF_THE_RECORD)
        self._clock.depart(recorded.sent_at)
        request.extensions["trace"](READY, {})
        self._clock.sleep(recorded.duration)
        if recorded.failure is not None:
            raise httpx.ReadError(recorded.failure)
        return self._response(recorded)

    def _response(self, recorded: Recorded) -> httpx.Response:
        body = self._tape.reveal(recorded)
        if recorded.answer_headers.get("content-encoding") == "gzip":
            body = gzip.compress(body, mtime=0)
        # As a stream: with content, httpx would add headers of its own.
        stream = httpx.ByteStream(body)
        return httpx.Response(recorded.status, headers=recorded.answer_headers, stream=stream)


class RecordedWire(Wire):
    """A connection on which the next conversation of the tape takes place."""

    def __init__(self, tape: Tape, clock: RecordedClock, speaker: Callable[[], str]) -> None:
        """Connect to nobody."""
        self._tape = tape
        self._clock = clock
        self._speaker = speaker
        self._rest = 0
        self.closed = False

    def close(self) -> None:
        """Nothing is open."""

    def listen(self, seconds: float) -> bytes:
        """Return as many bytes as came after the last answer."""
        return b"." * self._rest

    def converse(
        self, spoken: Sequence[tuple[str, Sequence[bytes | Step]]], *, at_once: bool = False
    ) -> Iterator[Reply]:
        """Yield the recorded replies."""
        found = self._tape.conversation(self._speaker(), len(spoken))
        if found is None:
            yield from (Reply(failure=_OFF_THE_RECORD, silent=True) for _ in spoken)
            return
        conversation, exchanges = found
        self._rest, self.closed = conversation.rest, conversation.closed
        for line, recorded in zip(conversation.replies, exchanges, strict=True):
            self._clock.depart(recorded.sent_at)
            started = self._clock.now()
            self._clock.sleep(recorded.duration)
            yield self._reply(line, recorded, started)

    def _reply(self, line: Line, recorded: Recorded, started: float) -> Reply:
        body = self._tape.reveal(recorded)
        return Reply(
            recorded.status,
            line.version,
            _fields(line, recorded),
            gzip.compress(body, mtime=0) if line.coded else body,
            line.interim,
            recorded.failure or "",
            line.silent,
            started,
            started,
            recorded.duration,
        )


def opener(
    tape: Tape, clock: RecordedClock, speaker: Callable[[], str]
) -> Callable[[SplitResult, ssl.SSLContext | None, float], Wire]:
    """Return what opens recorded connections for `Client.wire`."""
    return lambda _base, _context, _seconds: RecordedWire(tape, clock, speaker)


def _fields(line: Line, recorded: Recorded) -> tuple[tuple[str, str], ...]:
    """The lines of a reply's head that the exchange has still, and those that it has besides."""
    known = {name.lower() for name, _ in line.fields}
    kept = [each for each in line.fields if each[0].lower() in recorded.answer_headers]
    added = [each for each in recorded.answer_headers.items() if each[0] not in known]
    return (*kept, *added)
