"""The run's append-only record: intents before they are sent, exchanges after they came back.

One JSON object a line. Each line is handed to the operating system before the suite goes on, so
that a killed run leaves a readable journal from which its resources can be found.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from pgassay.errors import UsageError
from pgassay.exchange import Exchange, Json, Request
from pgassay.redaction import Vault

#: The version of the journal's form; readers refuse what they do not know.
FORMAT = 1


class Journal:
    """Write the record of one run; nothing reaches the file without passing the vault."""

    def __init__(self, path: Path, vault: Vault, header: Mapping[str, Json]) -> None:
        """Open `path` for appending and write `header` (run id, nonce, target, seed)."""
        self.path = path
        self._vault = vault
        self._lock = threading.Lock()
        self._file: IO[bytes] = path.open("ab", buffering=0)
        self._write({"kind": "run", "format": FORMAT, **header})

    def __enter__(self) -> Self:
        """Return the open journal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Write the footer, whose absence shows a run that was cut off, and close the file."""
        if not self._file.closed:
            self._write({"kind": "end"})
            self._file.close()

    def intent(self, sequence: int, check: str, request: Request) -> None:
        """Record what is about to be sent."""
        redacted = self._vault.request(request)
        entry = {"kind": "intent", "sequence": sequence, "check": check, **_request(redacted)}
        self._write(entry)

    def exchange(self, redacted: Exchange) -> None:
        """Record an exchange that `Vault.exchange` made fit to be written."""
        self._write(
            {
                "kind": "exchange",
                "sequence": redacted.sequence,
                "check": redacted.check,
                **_request(redacted.request),
                "sent_at": round(redacted.sent_at, 6),
                "duration": round(redacted.duration, 6),
                "status": redacted.status,
                "answer_headers": dict(redacted.headers),
                "answer": redacted.text,
                "failure": redacted.failure,
            }
        )

    def event(self, kind: str, **members: Json) -> None:
        """Record anything else (a resource that was created or removed, a verdict)."""
        self._write(json.loads(self._vault.body(json.dumps({"kind": kind, **members}).encode())))

    def _write(self, entry: Mapping[str, Json]) -> None:
        line = _encoded(entry) + b"\n"
        with self._lock:
            if not self._file.closed:
                self._file.write(line)


def _encoded(entry: Mapping[str, Json]) -> bytes:
    try:
        # Several times as fast as the standard library, which a load's generator feels.
        return msgspec.json.encode(entry, enc_hook=str)
    except UnicodeEncodeError:  # half a character, which an answer may hold
        text = json.dumps(entry, ensure_ascii=False, default=str)
        return text.encode("utf-8", "backslashreplace")


def _request(request: Request) -> dict[str, Json]:
    entry = {
        "method": request.method,
        "path": request.path,
        "credential": request.credential,
        "headers": dict(request.headers),
        "body": None if request.body is None else request.body.decode("utf-8", "backslashreplace"),
    }
    if request.raw is not None:
        entry["raw"] = request.raw.decode("utf-8", "backslashreplace")
    return entry


def read(path: Path) -> Iterator[dict[str, Json]]:
    """Yield the entries of a journal; a last line that a killed run cut off is left out.

    Raises `UsageError` where the file cannot be read or a line inside it is not JSON.
    """
    try:
        # Not splitlines: JSON texts may hold line separators of Unicode.
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise UsageError(
            f"the journal cannot be read: {error.strerror}", where=str(path)
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            if number == len(lines):
                return
            raise UsageError(
                "a line of the journal is not JSON", where=f"{path}:{number}"
            ) from error
