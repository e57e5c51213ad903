"""What a run recorded, as far as it takes to replay it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from pgassay import __version__, journal
from pgassay.errors import UsageError
from pgassay.exchange import Json
from pgassay.ownership import SHARED
from pgassay.run.recipe import Recipe
from pgassay.verdict import Verdict

_AGAIN: Final = "Record the run again with `pgassay check`."


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request and its answer as the journal has them: redacted, times in seconds.

    `check` is on whose behalf it was sent. `answer` is the body as text; without an answer `status`
    is 0 and `failure` says why.
    """

    sequence: int
    check: str
    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    sent_at: float
    duration: float
    status: int
    answer_headers: dict[str, str]
    answer: str
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a conversation's reply was besides its exchange; `coded` tells of gzip."""

    version: str
    fields: tuple[tuple[str, str], ...]
    interim: tuple[int, ...]
    coded: bool
    silent: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """A conversation, byte for byte, on a connection of its own; `rest` counts bytes after it."""

    sequences: tuple[int, ...]
    replies: tuple[Line, ...]
    rest: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One journal: how the run was asked for, its exchanges in order, its checks' verdicts."""

    nonce: str
    recipe: Recipe
    exchanges: tuple[Recorded, ...]
    conversations: tuple[Spoken, ...]
    verdicts: Mapping[str, Verdict]
    #: What fixtures asked while a check ran that was the first to need them.
    lent: Mapping[str, tuple[Recorded, ...]]

    def of(self, check: str) -> tuple[Recorded, ...]:
        """The exchanges of one check."""
        return tuple(each for each in self.exchanges if each.check == check)


@dataclass(slots=True)
class _Gathered:
    header: dict[str, Json] = field(default_factory=dict)
    exchanges: list[Recorded] = field(default_factory=list)
    conversations: list[Spoken] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    lent: dict[str, tuple[Recorded, ...]] = field(default_factory=dict)
    shared: list[Recorded] = field(default_factory=list)

    def take(self, entry: dict[str, Json]) -> None:
        match entry.get("kind"):
            case "run":
                self.header = entry
            case "exchange":
                self.exchanges.append(msgspec.convert(entry, Recorded))
                self.shared += [each for each in self.exchanges[-1:] if each.check == SHARED]
            case "conversation":
                self.conversations.append(msgspec.convert(entry, Spoken))
            case "verdict":
                self.verdicts[str(entry["check"])] = Verdict(entry["verdict"])
                self.lent[str(entry["check"])] = tuple(self.shared)
                self.shared.clear()


def records(run: Path) -> tuple[Record, ...]:
    """Read the journals of a run's folder, those of its workers each by itself.

    Raises `UsageError` where there is none, no check ran, or another version recorded them.
    """
    if not run.is_dir():
        raise UsageError("there is no such folder", str(run), "the folder of a run")
    paths = sorted(run.glob("journal*.jsonl"))
    if not paths:
        raise UsageError("there is no journal", str(run), "the folder of a run")
    found = tuple(record for path in paths if (record := _record(path)).verdicts)
    if not found:
        raise UsageError("no check ran in this run", str(run), "a run of `pgassay check`")
    return found


def _record(path: Path) -> Record:
    gathered = _Gathered()
    try:
        for entry in journal.read(path):
            gathered.take(entry)
        recipe = _recipe(path, gathered.header)
    except (msgspec.ValidationError, LookupError, ValueError, AttributeError) as error:
        raise UsageError(f"this is no journal of a run ({error})", str(path)) from error
    nonce = str(gathered.header.get("nonce", ""))
    exchanges = tuple(sorted(gathered.exchanges, key=lambda each: each.sequence))
    conversations = tuple(gathered.conversations)
    return Record(nonce, recipe, exchanges, conversations, gathered.verdicts, gathered.lent)


def _recipe(path: Path, header: Mapping[str, Json]) -> Recipe:
    if header.get("format") != journal.FORMAT:
        raise UsageError(
            "the journal does not begin with the header of a run",
            str(path),
            f"the form {journal.FORMAT} of pgassay's journals",
            _AGAIN,
        )
    recorded_by = header.get("pgassay", "an older version")
    if recorded_by != __version__ or "recipe" not in header:
        raise UsageError(
            f"{recorded_by} recorded the run, and its checks may differ",
            str(path),
            f"a run of pgassay {__version__}",
            _AGAIN,
        )
    return msgspec.convert(header["recipe"], Recipe)
