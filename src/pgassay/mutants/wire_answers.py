# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in what HTTP has for all resources: methods, conditions, ranges, negotiation."""

import gzip
from dataclasses import replace
from hashlib import sha256

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.mutant import Faults

FAULTS = Faults()


def _read(answer: Answer) -> bool:
    return answer.method == "GET" and answer.status == 200


def _not_modified(answer: Answer) -> Answer:
    return replace(answer, status=304, body=b"")


@FAULTS.bending("HTTP-HEAD")
class HeadNotFound(Bending):
    """HEAD finds nothing where GET finds something."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(404) if answer.method == "HEAD" else answer


@FAULTS.bending("HTTP-OPTIONS")
class OptionsCrash(Bending):
    """OPTIONS is answered with 500."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(500) if answer.method == "OPTIONS" else answer


@FAULTS.bending("HTTP-OPTIONS")
class OptionsUntrue(Bending):
    """OPTIONS tells that every path can be read and nothing else."""

    def bend(self, answer: Answer) -> Answer:
        if answer.method != "OPTIONS":
            return answer
        return Answer(answer.method, answer.path, 204, {"allow": "GET, HEAD, OPTIONS"}, b"")


@FAULTS.bending("HTTP-ALLOW")
class AllowMissing(Bending):
    """A method that a path does not have is refused without telling those that it has."""

    def bend(self, answer: Answer) -> Answer:
        kept = {name: value for name, value in answer.headers.items() if name != "allow"}
        return replace(answer, headers=kept)


@FAULTS.bending("HTTP-ALLOW")
class AllowEverything(Bending):
    """A method is refused, and told to be allowed."""

    def bend(self, answer: Answer) -> Answer:
        allowed = "GET, HEAD, POST, PUT, PATCH, DELETE"
        return answer.with_header("allow", allowed) if answer.status == 405 else answer


@FAULTS.bending("CH-ENVELOPE-UNKNOWN-PATH")
class UnknownPathInText(Bending):
    """A path that does not exist is refused in plain text."""

    def bend(self, answer: Answer) -> Answer:
        if answer.status == 404 and b"no such path" in answer.body:
            return replace(answer, headers={"content-type": "text/plain"}, body=b"Not Found")
        return answer


@FAULTS.bending("HTTP-PATH-LENGTH")
class LongPathCrashes(Bending):
    """A path of many kibibytes is answered with 500."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(500) if len(answer.path) > 8192 else answer


@FAULTS.bending("HTTP-CONDITIONAL")
class NeverModified(Bending):
    """Whoever names a tag is told that nothing has changed."""

    def bend(self, answer: Answer) -> Answer:
        return _not_modified(answer) if "if-none-match" in answer.asked else answer


@FAULTS.bending("HTTP-CONDITIONAL-TAG")
class TagForever(Bending):
    """All versions of a resource have the same tag."""

    def bend(self, answer: Answer) -> Answer:
        if not _read(answer):
            return answer
        tagged = answer.with_header("etag", '"1"')
        return _not_modified(tagged) if answer.asked.get("if-none-match") == '"1"' else tagged


@FAULTS.bending("HTTP-IF-MATCH")
class MatchIgnored(Bending):
    """Answers have tags, and a change for another tag goes through."""

    def bend(self, answer: Answer) -> Answer:
        tag = sha256(answer.body).hexdigest()
        return answer.with_header("etag", f'"{tag}"') if _read(answer) else answer


@FAULTS.bending("HTTP-RANGE")
class RangeUntold(Bending):
    """A part of an answer does not tell which part it is."""

    def bend(self, answer: Answer) -> Answer:
        if _read(answer) and "range" in answer.asked:
            return replace(answer, status=206, body=answer.body[:1])
        return answer


@FAULTS.bending("HTTP-ACCEPT")
class HtmlForBrowsers(Bending):
    """Who accepts HTML is shown a page."""

    def bend(self, answer: Answer) -> Answer:
        if _read(answer) and "text/html" in answer.asked.get("accept", ""):
            return replace(answer, headers={"content-type": "text/html"}, body=b"<h1>Hello</h1>")
        return answer


@FAULTS.bending("HTTP-CONTENT-CODING")
class GzipUntrue(Bending):
    """An answer is said to be compressed and is not, for who likes gzip best."""

    def bend(self, answer: Answer) -> Answer:
        liked = "gzip;q=1.0" in answer.asked.get("accept-encoding", "")
        return answer.with_header("content-encoding", "gzip") if liked else answer


@FAULTS.bending("HTTP-CONTENT-CODING")
class GzipForced(Bending):
    """An answer is compressed for a client that does not take gzip."""

    def bend(self, answer: Answer) -> Answer:
        if "gzip;q=0," not in answer.asked.get("accept-encoding", ""):
            return answer
        coded = answer.with_header("content-encoding", "gzip")
        return replace(coded, body=gzip.compress(answer.body))


@FAULTS.bending("HTTP-HOST")
class AnyHostTaken(Bending):
    """A request is served without a host, with two, or with an impossible one."""

    def headers(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        return {**headers, b"host": b"localhost"}


@FAULTS.bending("HTTP-CONTENT-TYPE-PRESENT", shown_by=("HTTP-UNKNOWN-PATH",))
class RefusalsUntyped(Bending):
    """A refusal has a body and no media type."""

    def bend(self, answer: Answer) -> Answer:
        return replace(answer, headers={}) if answer.refused else answer


@FAULTS.bending("HTTP-PATH-LENGTH")
class LongQueryCrashes(Bending):
    """A query of many kibibytes is answered with 500."""

    def bend(self, answer: Answer) -> Answer:
        return answer.with_status(500) if len(answer.query) > 8192 else answer


@FAULTS.bending("HTTP-ACCEPT")
class CharsetRefused(Bending):
    """Who wishes for another charset is told that the request has a wrong type."""

    def bend(self, answer: Answer) -> Answer:
        wished = answer.asked.get("accept-charset", "utf-8")
        return answer if wished == "utf-8" else answer.with_status(415)
