"""Answers as they come: h11 knows how they are framed, and their spelling is kept."""

import gzip
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import h11

from pgassay.exchange import Exchange, Json

#: The longest head of an answer that is read, in bytes.
_LONGEST_HEAD: Final = 1024 * 1024
CLOSED: Final = "the server closed the connection without an answer"
HUNG_UP: Final = "the client closed the connection without waiting for an answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """The final answer to a message, and what came before it.

    `fields` are names and values in their order, as they were spelt; `octets` is the body without
    its transfer coding. Without a complete answer `failure` says why, and `silent` tells
    whether nothing came in time, or nobody could be reached. `sent_at` is Unix time,
    `started` the monotonic clock, `duration` seconds until the last byte.
    """

    status: int = 0
    version: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    octets: bytes = b""
    interim: tuple[int, ...] = ()
    failure: str = ""
    silent: bool = False
    sent_at: float = 0.0
    started: float = 0.0
    duration: float = 0.0

    def values(self, name: str) -> list[str]:
        """The values of every line of a field."""
        return [value for known, value in self.fields if known.lower() == name]

    @property
    def headers(self) -> dict[str, str]:
        """The fields by their names in lower case, lines of one name joined by commas."""
        names = dict.fromkeys(name.lower() for name, _ in self.fields)
        return {name: ", ".join(self.values(name)) for name in names}

    @property
    def body(self) -> bytes:
        """The body without its content coding, where that is gzip and well done."""
        if self.headers.get("content-encoding", "").strip().lower() not in {"gzip", "x-gzip"}:
            return self.octets
        try:
            return gzip.decompress(self.octets)
        except (OSError, EOFError, zlib.error):
            return self.octets


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said on one connection: live exchanges, and the replies they were made from.

    `rest` came after the last answer; `closed` tells whether the server had closed the connection
    by the time that the client stopped listening.
    """

    exchanges: tuple[Exchange, ...]
    replies: tuple[Reply, ...]
    rest: bytes = b""
    closed: bool = False

    @property
    def recorded(self) -> dict[str, Json]:
        """What a journal says of it beside the exchanges: no body, which may hold secrets."""
        return {
            "sequences": [each.sequence for each in self.exchanges],
            "replies": [
                {
                    "version": reply.version,
                    "fields": reply.fields,
                    "interim": reply.interim,
                    "coded": reply.octets != reply.body,
                    "silent": reply.silent,
                }
                for reply in self.replies
            ],
            "rest": len(self.rest),
            "closed": self.closed,
        }

    @property
    def exchange(self) -> Exchange:
        """The last exchange."""
        return self.exchanges[-1]

    @property
    def reply(self) -> Reply:
        """The last reply."""
        return self.replies[-1]


@dataclass(slots=True)
class Reading:
    """One answer while it is read; `h11` knows how it is framed."""

    method: str
    reply: Reply = field(default_factory=Reply)
    done: bool = False
    _parser: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        # The parser must know what it is an answer to; these bytes go nowhere.
        self._parser.send(h11.Request(method=self.method, target="/", headers=[("Host", "h")]))
        self._parser.send(h11.EndOfMessage())

    @property
    def rest(self) -> bytes:
        """What came after the end of the answer."""
        return self._parser.trailing_data[0]

    def failed(self, why: str, *, silent: bool = False) -> Reply:
        """End without a complete answer."""
        self.done = True
        self.reply = replace(self.reply, failure=why, silent=silent)
        return self.reply

    def feed(self, data: bytes, *, ended: bool = False) -> None:
        """Take bytes, and whether the server closed the connection behind them."""
        try:
            if data:
                self._parser.receive_data(data)
                self._take()
            if ended and not self.done:
                if not self.reply.status and not self._parser.trailing_data[0]:
                    self.failed(CLOSED)
                    return
                self._parser.receive_data(b"")
                self._take()
        except h11.RemoteProtocolError as error:
            self.failed(f"the answer is malformed: {error}")

    def _take(self) -> None:
        while not self.done:
            event = self._parser.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            self._note(event)

    def _note(self, event: object) -> None:
        if isinstance(event, h11.InformationalResponse):
            interim = (*self.reply.interim, event.status_code)
            self.reply = replace(self.reply, interim=interim)
        elif isinstance(event, h11.Response):
            self.reply = replace(
                self.reply,
                status=event.status_code,
                version=event.http_version.decode("ascii"),
                fields=tuple(_texts(event.headers.raw_items())),
            )
        elif isinstance(event, h11.Data):
            self.reply = replace(self.reply, octets=self.reply.octets + event.data)
        else:
            self.done = True


def _texts(fields: Sequence[tuple[bytes, bytes]]) -> Iterable[tuple[str, str]]:
    return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)
