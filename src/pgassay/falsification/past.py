"""What came before each exchange of a record."""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Final

from pgassay.falsification.change import Past
from pgassay.falsification.record import Record, Recorded
from pgassay.ownership import SHARED
from pgassay.redaction import markers
from pgassay.run.session import Session

#: How many answers of an operation may come up again: the first ones, the latest, and the latest
#: that fixtures got, with which checks compare theirs.
_FIRST: Final = 2
_LATEST: Final = 2
_SHARED: Final = 6


def pasts(record: Record, session: Session) -> Iterator[tuple[int, Past]]:
    """Tell of each exchange what came before it."""
    before: dict[str, _Answers] = defaultdict(_Answers)
    successes: dict[str, Recorded] = {}
    secret = ""
    for each in record.exchanges:
        secret = max(markers(each.body or ""), default=secret)
        path = session.target.documented(each.path)
        operation = session.specification.match(each.method, path)
        name = operation.id if operation else each.path
        others = {known: one for known, one in successes.items() if known != name}
        yield each.sequence, Past(before[name].other_than(each), secret, others)
        before[name].add(each)
        if operation and each.method == "GET" and 200 <= each.status < 300:
            successes[name] = each


class _Answers:
    """The answers of one operation that may come up again."""

    def __init__(self) -> None:
        self._first: list[Recorded] = []
        self._latest: deque[Recorded] = deque(maxlen=_LATEST)
        self._shared: deque[Recorded] = deque(maxlen=_SHARED)

    def add(self, recorded: Recorded) -> None:
        if len(self._first) < _FIRST:
            self._first.append(recorded)
        elif recorded.check == SHARED:
            self._shared.append(recorded)
        else:
            self._latest.append(recorded)

    def other_than(self, recorded: Recorded) -> tuple[Recorded, ...]:
        known = (*self._first, *self._latest, *self._shared)
        return tuple(each for each in known if each.answer != recorded.answer)
