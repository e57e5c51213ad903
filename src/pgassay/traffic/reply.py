"""Read the answers that come on one connection (RFC 9112), one after the other.

The parser is llhttp, the one of Node.js, in its strict setting. Header fields are decoded only when
somebody asks for them: most answers under load are judged by their status and body.
"""

from collections.abc import Iterator, Mapping

import httptools

_END_OF_HEAD = b"\r\n\r\n"


class Malformed(Exception):
    """What came is not an answer of HTTP/1; the text says why."""


class Headers(Mapping[str, str]):
    """The header fields of an answer, by names in lower case.

    A field that came more than once has its values joined by commas (RFC 9110, 5.3).
    """

    __slots__ = ("_fields", "_raw")

    def __init__(self, raw: bytes) -> None:
        """`raw` begins with the answer's head, or with interim answers before it."""
        self._raw = raw
        self._fields: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        if self._fields is None:
            # One field is mostly all that is asked for, of each of thousands of answers a second.
            head = _head(self._raw)
            mark = f"\r\n{name}:".encode("latin-1", "replace")
            folded = head.lower()
            at = folded.find(mark)
            if at < 0:
                raise KeyError(name)
            if folded.find(mark, at + 1) < 0:
                value = head[at + len(mark) :].partition(b"\r\n")[0]
                return value.decode("latin-1").strip(" \t")
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[str, str]:
        if self._fields is None:
            self._fields = _fields(self._raw)
        return self._fields


class Reply:
    """The answer that is awaited on a connection; `done` once all of it is there."""

    __slots__ = ("_body", "_headed", "_parser", "_raw", "done", "reusable", "status")

    def __init__(self) -> None:
        """Await nothing yet."""
        self._parser = httptools.HttpResponseParser(self)
        self.expect()

    def expect(self) -> None:
        """Await the next answer."""
        self._raw = b""
        self._body: list[bytes] = []
        self._headed = False
        self.done = False
        self.reusable = False
        self.status = 0

    @property
    def begun(self) -> bool:
        """Tell whether any byte of the answer has come."""
        return bool(self._raw)

    @property
    def body(self) -> bytes:
        """The body without its framing."""
        return self._body[0] if len(self._body) == 1 else b"".join(self._body)

    @property
    def headers(self) -> Headers:
        """The header fields."""
        return Headers(self._raw)

    def feed(self, data: bytes) -> bool:
        """Take in bytes that came; tell whether the answer is complete. Raises `Malformed`."""
        if not self._headed:
            self._raw = self._raw + data if self._raw else data
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self.done:
                # It is what followed the answer that makes no sense.
                self.reusable = False
                return True
            raise Malformed(str(error)) from error
        return self.done

    def end(self) -> bool:
        """Take in the end of the connection; tell whether it completes the answer.

        It does where nothing else marks the body's end (RFC 9112, 6.3, rule 8).
        """
        if self._headed and not self.done:
            headers = self.headers
            self.done = not {"content-length", "transfer-encoding"} & headers.keys()
        self.reusable = False
        return self.done

    def on_message_begin(self) -> None:
        """The parser found the first byte of an answer."""
        if self.done:
            self.reusable = False

    def on_headers_complete(self) -> None:
        """The parser read the whole head."""
        if not self.done:
            self.status = self._parser.get_status_code()
            self._headed = self.status >= 200 or self.status == 101  # others are interim answers

    def on_body(self, part: bytes) -> None:
        """The parser read a part of the body."""
        if not self.done:
            self._body.append(part)

    def on_message_complete(self) -> None:
        """The parser read the last byte."""
        if self._headed and not self.done:
            self.done = True
            self.reusable = self._parser.should_keep_alive()


def _fields(raw: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _head(raw).decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip(" \t")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _head(raw: bytes) -> bytes:
    """The first head that is not an interim answer's."""
    while True:
        head, _, rest = raw.partition(_END_OF_HEAD)
        if head[9:10] != b"1" or head[9:12] == b"101" or not rest:
            return head
        raw = rest
