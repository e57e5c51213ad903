# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in how bytes are read and written: framing, connections, broken messages."""

import re

from pgassay.mutants.mutant import Faults
from pgassay.mutants.speech import Speech

FAULTS = Faults()

#: Bytes; a busy machine joins several of those that were sent one by one.
_PIECE = 40
_LENGTH = re.compile(rb"content-length: (\d+)")
#: A path that no check needs in order to begin.
_ORGANIZATIONS = "/v1/organizations"


@FAULTS.speaking("HTTP-FRAMING")
class AnswerLongerThanTold(Speech):
    """The list of organizations is one byte longer than its answer tells."""

    def spoken(self, data: bytes) -> bytes:
        if self.asked[1] != _ORGANIZATIONS:
            return data
        return _LENGTH.sub(lambda found: b"content-length: %d" % (int(found[1]) - 1), data)


@FAULTS.speaking("HTTP-FRAMING")
class AnswerCutShort(Speech):
    """The list of organizations lacks its last byte."""

    def spoken(self, data: bytes) -> bytes:
        if self.asked[1] == _ORGANIZATIONS and not data.startswith(b"HTTP/"):
            self.cycle.keep_alive = False
            return data[:-1]
        return data


@FAULTS.speaking("HTTP-FRAMING")
class ContentTypeTwice(Speech):
    """The list of organizations has two media types."""

    def spoken(self, data: bytes) -> bytes:
        if self.asked[1] == _ORGANIZATIONS and data.startswith(b"HTTP/"):
            return data.removesuffix(b"\r\n") + b"content-type: text/json\r\n\r\n"
        return data


@FAULTS.speaking("HTTP-FRAMING")
class HeadWithBody(Speech):
    """An answer to HEAD is followed by a body."""

    def spoken(self, data: bytes) -> bytes:
        return data + b"{}" if self.asked[0] == "HEAD" else data


@FAULTS.speaking("HTTP-HEAD")
class HeadDeletes(Speech):
    """HEAD does what DELETE does, to databases."""

    def heard(self, data: bytes) -> bytes:
        return re.sub(rb"^HEAD (\S+/databases/)", rb"DELETE \1", data)


@FAULTS.speaking("HTTP-PIPELINE")
class PipelineReversed(Speech):
    """Requests that arrive together are answered from the last to the first."""

    def heard(self, data: bytes) -> bytes:
        requests = re.findall(rb"GET .+?\r\n\r\n", data, re.DOTALL)
        return b"".join(reversed(requests)) if b"".join(requests) == data else data


@FAULTS.speaking("HTTP-PIPELINE")
class PipelineForgotten(Speech):
    """Of requests that arrive together only the first one is answered."""

    def heard(self, data: bytes) -> bytes:
        requests = re.findall(rb"GET .+?\r\n\r\n", data, re.DOTALL)
        return requests[0] if b"".join(requests) == data else data


@FAULTS.speaking("HTTP-KEEP-ALIVE")
class ConnectionCut(Speech):
    """For clients that take no gzip the connection ends behind every answer, without notice."""

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if (b"accept-encoding", b"identity") in self.cycle.scope["headers"]:
            self.transport.close()


@FAULTS.speaking("HTTP-CLOSE")
class CloseIgnored(Speech):
    """The connection stays open although the client wants to close it."""

    def heard(self, data: bytes) -> bytes:
        return data.replace(b"Connection: close\r\n", b"")


@FAULTS.speaking("HTTP-VERSION")
class ChunksForOldClients(Speech):
    """Clients of HTTP/1.0 get chunks."""

    def spoken(self, data: bytes) -> bytes:
        if self.cycle.scope["http_version"] != "1.0":
            return data
        if data.startswith(b"HTTP/"):
            return _LENGTH.sub(b"transfer-encoding: chunked", data)
        return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


@FAULTS.speaking("HTTP-EXPECT")
class ExpectationIgnored(Speech):
    """The server waits for a body that the client holds back until it is asked for it."""

    def heard(self, data: bytes) -> bytes:
        return data.replace(b"Expect: 100-continue\r\n", b"")


@FAULTS.speaking("HTTP-EXPECT")
class ExpectationMetInVain(Speech):
    """A client that expects 100 (Continue) gets it, and its body is not read."""

    def on_body(self, body: bytes) -> None:
        if not self.expect_100_continue:
            super().on_body(body)


@FAULTS.speaking("HTTP-CHUNKED")
class ChunksIgnored(Speech):
    """A body in chunks is taken for none."""

    def on_body(self, body: bytes) -> None:
        if (b"transfer-encoding", b"chunked") not in self.headers:
            super().on_body(body)


@FAULTS.speaking("HTTP-SLOW-BODY")
class SlowBodyRefused(Speech):
    """A body that comes in small pieces is not waited for."""

    def heard(self, data: bytes) -> bytes:
        return self.crash() if self.cycle and self.cycle.more_body and len(data) < _PIECE else data


@FAULTS.speaking("HTTP-INCOMPLETE-BODY")
class CutBodyCompleted(Speech):
    """A body whose end is missing is carried out as if it were whole."""

    def eof_received(self) -> bool:  # type: ignore[override]
        if self.cycle and self.cycle.more_body:
            self.data_received(b" " * 16)
        return True


@FAULTS.speaking("HTTP-EARLY-REFUSAL")
class LargeBodyCutOff(Speech):
    """Who sends a large body loses the connection instead of being told."""

    def heard(self, data: bytes) -> bytes:
        found = _LENGTH.search(data.lower())
        if found and int(found[1]) > 1 << 19:
            self.transport.abort()
            return b""
        return data


@FAULTS.speaking("HTTP-METHOD-UNKNOWN")
class SmallLettersTaken(Speech):
    """A method in small letters is taken for the one in capitals."""

    def heard(self, data: bytes) -> bytes:
        return re.sub(rb"^get ", b"GET ", data)


@FAULTS.speaking("HTTP-FIELD-SYNTAX")
class BlankBeforeColonTaken(Speech):
    """A blank between the name of a field and its colon is overlooked."""

    def heard(self, data: bytes) -> bytes:
        return re.sub(rb"\n([\w-]+) +:", rb"\n\1:", data)


@FAULTS.speaking("HTTP-BODY-LENGTH")
class FirstLengthTaken(Speech):
    """Of two lengths the first one counts."""

    def heard(self, data: bytes) -> bytes:
        return re.sub(rb"(?s)(\nContent-Length: \d+\r.*)\nContent-Length: \d+\r", rb"\1", data)


@FAULTS.speaking("HTTP-LENIENCE")
class FoldedFieldCrashes(Speech):
    """A field that is folded over two lines is answered with 500."""

    def heard(self, data: bytes) -> bytes:
        return self.crash() if b"\r\n two" in data else data


@FAULTS.speaking("HTTP-TARGET-ABSOLUTE")
class AbsoluteTargetLost(Speech):
    """A whole URL as target is taken for a path."""

    def heard(self, data: bytes) -> bytes:
        return re.sub(rb"^GET http:/", b"GET /http:", data)


@FAULTS.speaking("HTTP-HEAD-SIZE")
class LongHeadCrashes(Speech):
    """A field of many kibibytes is answered with 500."""

    def heard(self, data: bytes) -> bytes:
        return self.crash() if b"x" * 50_000 in data else data


@FAULTS.speaking("HTTP-DATE", shown_by=("HTTP-RANGE",))
class DateByIso(Speech):
    """The date of an answer is told in the form of ISO 8601."""

    def spoken(self, data: bytes) -> bytes:
        return re.sub(rb"\ndate: [^\r]+", b"\ndate: 1994-11-06T08:49:37Z", data)
