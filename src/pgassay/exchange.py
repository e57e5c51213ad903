"""A request to a target and its answer, as values.

An `Exchange` as the client returns it is *live*: it may hold secrets. Everything that is written
down (journal, findings, reports) is made from the redacted copy, see `pgassay.redaction`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

#: A parsed JSON value. What it really holds is checked where it is used.
Json: TypeAlias = Any

#: The label of requests that carry no credentials at all.
ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent: method, path with its query below the base URL, headers, body bytes.

    `credential` names an `[auth.NAME]` table of the target file, or is `ANONYMOUS`; `family` tells
    which family's table is meant. `raw` is what was really sent, where that is not the request as
    any client forms it (see `pgassay.wire`).
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    credential: str = "main"
    family: str = ""
    raw: bytes | None = None

    @classmethod
    def of(
        cls,
        method: str,
        path: str,
        *,
        json_body: Json = ...,
        query: Mapping[str, str] | None = None,
        credential: str = "main",
        headers: Mapping[str, str] | None = None,
        family: str = "",
    ) -> "Request":
        """Build a request; `json_body` is encoded as JSON and sets the content type."""
        own = dict(headers or {})
        body = None
        if json_body is not ...:
            body = json.dumps(json_body, ensure_ascii=False).encode("utf-8", "surrogatepass")
            own.setdefault("Content-Type", "application/json")
        full = path + (f"?{urlencode(query)}" if query else "")
        return cls(method, full, own, body, credential, family)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back.

    `sequence` counts the run's requests from 1, `sent_at` is Unix time in seconds, `duration` is
    seconds until the last byte; `started` is when it was sent on the monotonic clock, by which
    exchanges can be ordered. Without an answer `status` is 0 and `failure` says why.
    """

    sequence: int
    check: str
    request: Request
    url: str
    sent_at: float
    duration: float
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str | None = None
    started: float = 0.0
    #: What the body was read as: a dozen monitors read each answer.
    _readings: list[tuple[bool, Json]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def ended(self) -> float:
        """When the last byte had come, on the monotonic clock."""
        return self.started + self.duration

    @property
    def answered(self) -> bool:
        """Tell whether a complete answer came back."""
        return self.failure is None

    @property
    def succeeded(self) -> bool:
        """Tell whether the answer is a 2xx."""
        return 200 <= self.status < 300

    @property
    def rejected(self) -> bool:
        """Tell whether the answer is a 4xx."""
        return 400 <= self.status < 500

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def json(self) -> Json:
        """The body as JSON, or None where it is not JSON (use `is_json` to tell null apart)."""
        return self._reading()[1]

    @property
    def is_json(self) -> bool:
        """Tell whether the body parses as JSON."""
        return self._reading()[0]

    def _reading(self) -> tuple[bool, Json]:
        if not self._readings:
            try:
                self._readings.append((True, json.loads(self.body)))
            except (ValueError, RecursionError):
                self._readings.append((False, None))
        return self._readings[0]

    @property
    def line(self) -> str:
        """One line for people: method, path and what came back."""
        outcome = str(self.status) if self.answered else f"no answer ({self.failure})"
        return f"{self.request.method} {self.request.path} -> {outcome}"
