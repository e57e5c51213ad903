"""What came before each exchange of a record."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from pgassay.falsification.change import Past
from pgassay.falsification.record import Record, Recorded
from pgassay.redaction import markers
from pgassay.run.session import Session

#: How many of an operation's first answers may come up again, and how many of the latest.
_FIRST: Final = 2
_LAST: Final = 2


def pasts(record: Record, session: Session) -> Iterator[tuple[int, Past]]:
    """Tell of each exchange what came before it, its operation's first answers and the last."""
    before: dict[str, list[Recorded]] = defaultdict(list)
    successes: dict[str, Recorded] = {}
    secret = ""
    for each in record.exchanges:
        secret = max(markers(each.body or ""), default=secret)
        path = session.target.documented(each.path)
        operation = session.specification.match(each.method, path)
        name = operation.id if operation else each.path
        earlier = tuple(one for one in before[name] if one.answer != each.answer)
        others = {known: one for known, one in successes.items() if known != name}
        yield each.sequence, Past(earlier, secret, others)
        before[name] = [*before[name][:_FIRST], *before[name][_FIRST:][-_LAST:], each]
        if operation and each.method == "GET" and 200 <= each.status < 300:
            successes[name] = each
