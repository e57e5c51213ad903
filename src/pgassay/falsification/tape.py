"""What was answered, given again: request for request, in the order of the record."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from pgassay.client import legal_url, origin_form
from pgassay.falsification.disclosure import Disclosure
from pgassay.falsification.record import Record, Recorded, Spoken
from pgassay.target.model import Target

#: A kind of request: the check that sends it, its method, its path without the query.
Kind: TypeAlias = tuple[str, str, str]


class Tape:
    """Gives what was recorded for the same request of the same check, in the same order.

    Attributes:
        changed: An exchange that is given in the place of the recorded one of that number.
        strayed: Whether something was asked that is not in the record, or more often.
        overlapped: Whether requests came from more than one thread.
    """

    def __init__(self, record: Record, target: Target) -> None:
        """Play `record` of `target`."""
        self.changed: Recorded | None = None
        self.strayed = self.overlapped = False
        self._disclosure = Disclosure()
        self._lock = threading.Lock()
        self._first = threading.get_ident()
        self._latest: dict[tuple[str, str], Recorded] = {}
        self._past: set[int] = set()
        self._by_number = {each.sequence: each for each in record.exchanges}
        self._conversations: dict[str, list[Spoken]] = defaultdict(list)
        for spoken in record.conversations:
            self._conversations[self._by_number[spoken.sequences[0]].check].append(spoken)
        apart = {number for spoken in record.conversations for number in spoken.sequences}
        self._left: dict[Kind, list[tuple[str, Recorded]]] = defaultdict(list)
        for each in record.exchanges:
            if each.sequence not in apart:
                path = origin_form(legal_url(target.url(each.path)))
                self._left[each.check, each.method, path.partition("?")[0]].append((path, each))

    def begin(self) -> None:
        """Forget what became of the check before."""
        self.changed = None
        self.strayed = self.overlapped = False

    def answer(
        self, check: str, method: str, path: str, headers: Mapping[str, str], body: str
    ) -> Recorded | None:
        """Return what was recorded for a request, or what was last answered to its like.

        None where nothing was.
        """
        with self._lock:
            self.overlapped |= threading.get_ident() != self._first
            bare = path.partition("?")[0]
            found = self._next(self._left[check, method, bare], path, body)
            if found is None:
                self.strayed = True
            else:
                self._latest[method, bare] = found
                self._disclosure.learn(found.headers, headers)
            latest = self._latest.get((method, bare))
            return None if latest is None else self._given(latest)

    def conversation(self, check: str, messages: int) -> tuple[Spoken, list[Recorded]] | None:
        """Return the next conversation of a check, if it was one of so many messages."""
        left = self._conversations[check]
        if not left or len(left[0].sequences) != messages:
            self.strayed = True
            return None
        spoken = left.pop(0)
        return spoken, [self._given(self._by_number[number]) for number in spoken.sequences]

    def is_past(self, sequence: int) -> bool:
        """Tell whether an exchange was given already."""
        return sequence in self._past

    def reveal(self, recorded: Recorded) -> bytes:
        """Return the body of an answer, with secrets where the journal has markers."""
        in_json = "json" in recorded.answer_headers.get("content-type", "")
        return self._disclosure.reveal(recorded.answer, in_json=in_json).encode()

    def _given(self, recorded: Recorded) -> Recorded:
        self._past.add(recorded.sequence)
        changed = self.changed
        return changed if changed and changed.sequence == recorded.sequence else recorded

    def _next(self, left: list[tuple[str, Recorded]], path: str, body: str) -> Recorded | None:
        """Take the first that is the same; else that is like it, for times stand in requests."""
        for at in (*self._same(left, path, body), *range(len(left))):
            return left.pop(at)[1]
        return None

    def _same(self, left: Iterable[tuple[str, Recorded]], path: str, body: str) -> Iterator[int]:
        for at, (known, each) in enumerate(left):
            if known == path and self._disclosure.matches(each.body or "", body):
                yield at
