"""Slow query patterns as the clickhouse family lists them: how they sort, and how figures agree."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from pgassay.exchange import Json

#: What `sort_by` takes, and the member that it sorts by.
SORT_KEYS: Final[Mapping[str, str]] = {
    "total_duration": "totalDurationUs",
    "avg_duration": "avgDurationUs",
    "call_count": "callCount",
    "total_blks_read": "totalSharedBlksRead",
    "total_cpu_time": "totalCpuTimeUs",
    "error_count": "errorCount",
    "max_duration": "maxDurationUs",
    "p50_duration": "p50DurationUs",
    "p95_duration": "p95DurationUs",
    "p99_duration": "p99DurationUs",
    "total_rows": "totalRows",
    "total_shared_blks_hit": "totalSharedBlksHit",
    "total_wal_bytes": "totalWalBytes",
}
#: The filters of the list, and the member that each one compares with.
FILTERS: Final[Mapping[str, str]] = {
    "db_name": "dbName",
    "db_user": "dbUser",
    "db_operation": "dbOperation",
    "app": "app",
}
#: The filters that a detail needs besides the identifier.
NEEDED: Final = ("db_name", "db_user", "db_operation")
#: What makes a pattern the same as another one.
IDENTITY: Final = ("queryId", "dbName", "dbUser", "dbOperation", "app")
_RISING: Final = ("p50DurationUs", "p95DurationUs", "p99DurationUs", "maxDurationUs")


def identity(pattern: Mapping[str, Json]) -> tuple[Json, ...]:
    """Return what makes a pattern this one."""
    return tuple(pattern.get(member) for member in IDENTITY)


def detail_query(pattern: Mapping[str, Json], **rest: str) -> dict[str, str]:
    """Return the query that asks for the detail of a listed pattern."""
    return {name: str(pattern.get(FILTERS[name])) for name in NEEDED} | rest


def disagreements(pattern: Mapping[str, Json]) -> Iterator[str]:
    """Say which figures of a pattern contradict each other.

    Figures may be rounded to whole numbers, each by up to one.
    """
    figures: dict[str, Json] = {name: pattern.get(name) for name in SORT_KEYS.values()}
    wrong = [name for name, value in figures.items() if not _counts(value)]
    if wrong:
        yield f"{', '.join(wrong)}: no number from 0 on"
        return
    for low, high in pairwise(_RISING):
        if figures[low] > figures[high] + 1:
            yield f"{low} {figures[low]} is more than {high} {figures[high]}"
    calls, total = figures["callCount"], figures["totalDurationUs"]
    average, longest = figures["avgDurationUs"], figures["maxDurationUs"]
    if average > longest + 1 or longest > total + 1:
        yield f"average {average}, maximum {longest} and total {total} do not rise"
    if abs(total - average * calls) > calls + 1:
        yield f"total {total} is not average {average} times {calls} calls"
    if figures["errorCount"] > calls:
        yield f"{figures['errorCount']} errors in {calls} calls"


def _counts(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
