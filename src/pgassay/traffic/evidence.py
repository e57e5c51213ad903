"""What is known of a worker that left no record: what its journal proves.

The journal is written before and after every request, so that it survives the death of its writer.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pgassay import journal
from pgassay.errors import UsageError
from pgassay.exchange import Json
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord


def of_lost(share: LoadPlan, sentence: str) -> LoadRecord:
    """Return the record of a lost worker: its requests and resources, without any figure.

    `sentence` says how it was lost. What it created and was not seen to remove is `left`.
    """
    requests: Counter[str] = Counter()
    created: dict[str, str] = {}
    removed: set[str] = set()
    for entry in _entries(Path(share.journal)):
        match entry.get("kind"):
            case "intent":
                requests[str(entry["check"]).rpartition("/")[2]] += 1
            case "created":
                created[str(entry["path"])] = f"{entry['name']!r} ({entry['id']})"
            case "removed":
                removed.add(str(entry["path"]))
            case "exchange" if entry["method"] == "DELETE" and _gone(int(entry["status"])):
                removed.add(str(entry["path"]))
    left = tuple(name for path, name in created.items() if path not in removed)
    return LoadRecord(
        requests=dict(requests),
        created=len(created),
        removed=len(created) - len(left),
        left=left,
        lost=(_told(sentence, share, len(requests), len(left)),),
    )


def _gone(status: int) -> bool:
    return 200 <= status < 300 or status in {404, 410}


def _told(sentence: str, share: LoadPlan, known: int, left: int) -> str:
    if not known:
        return f"{sentence}; its journal {Path(share.journal).name} stayed with it"
    return f"{sentence}; {left} resources that it created are left for `pgassay sweep`"


def _entries(path: Path) -> list[Mapping[str, Json]]:
    try:
        return list(journal.read(path))
    except UsageError:
        return []
