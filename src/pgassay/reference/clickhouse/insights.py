"""Slow query patterns of a service, and the latest executions of one of them."""

from collections.abc import Sequence
from typing import Any

from pgassay.reference.clickhouse.metrics import Metrics, Window
from pgassay.reference.clickhouse.reading import never_ran
from pgassay.reference.clickhouse.services import timestamp
from pgassay.reference.clickhouse.workload import CANCELED, Execution, Pattern, patterns
from pgassay.reference.http import not_found
from pgassay.reference.query_string import QueryString, refused
from pgassay.reference.store import Document

#: The values of `sort_by`, and the member that each sorts by; the first is the default.
SORT_KEYS = {
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
FILTERS = {"db_name": "dbName", "db_user": "dbUser", "db_operation": "dbOperation", "app": "app"}
_REQUIRED = ("db_name", "db_user", "db_operation")

_DAY = 86_400_000
_BLOCK_READ_TIME = 120
_WAL_RECORD = 140

# Neither temporary tables nor spilled sorts nor just-in-time compilation, and one process alone.
_UNUSED = dict.fromkeys(
    """sharedBlksWritten sharedBlkWriteTimeUs localBlksHit localBlksRead localBlksWritten
    localBlksDirtied tempBlksRead tempBlksWritten tempBlkReadTimeUs tempBlkWriteTimeUs walFpi
    jitFunctions jitGenerationTimeUs jitInliningTimeUs jitOptimizationTimeUs jitEmissionTimeUs
    jitDeformTimeUs parallelWorkersPlanned parallelWorkersLaunched""".split(),
    0,
)


class Insights(Metrics):
    """The operations on `/slowQueryPatterns` (OpenAPI: slowQueryPatternsGetList, -PatternGet).

    A window that has passed has the same figures whenever it is read, until it is kept no longer.
    """

    def query_patterns(self, document: Document, query: QueryString) -> list[Document]:
        """Return a page of the patterns of a window; ApiError 400."""
        window = self.window(query)
        wanted = self.filters(query)
        order = query.choice("sort_by", tuple(SORT_KEYS), next(iter(SORT_KEYS)))
        falling = query.choice("sort_order", ("asc", "desc"), "desc") == "desc"
        limit, offset = self.limit(query), self.offset(query)
        found = self.aggregates(document, window, wanted)
        return self.sort(found, SORT_KEYS[order], falling=falling)[offset : offset + limit]

    def query_pattern(self, document: Document, query_id: str, query: QueryString) -> Document:
        """Return a pattern over all that is kept, with its latest executions; ApiError 400."""
        for name in _REQUIRED:
            query.required_text(name)
        wanted, moment = self.filters(query), query.moment("timestamp")
        for pattern in self.patterns(document):
            identity = self.identity(pattern)
            if identity["queryId"] == query_id and wanted.items() <= identity.items():
                return self.pattern_detail(document, pattern, moment)
        if self.rules.insights.refuses_unknown:
            raise not_found(query_id[:64])
        return {"recentExecutions": []}

    def filters(self, query: QueryString) -> dict[str, str]:
        """Return the members that must have a given value."""
        given = {member: query.text(name) for name, member in FILTERS.items()}
        return {member: value for member, value in given.items() if value is not None}

    def limit(self, query: QueryString) -> int:
        """Return the longest list wanted; ApiError 400 when it is out of range."""
        rules, limit = self.rules.insights, query.whole("limit")
        if limit is not None and (problem := rules.limit.problem(limit)):
            raise refused("limit", problem)
        return rules.default_limit if limit is None else limit

    def offset(self, query: QueryString) -> int:
        """Return how many patterns to leave out; ApiError 400 when it is out of range."""
        offset = query.whole("offset") or 0
        if problem := self.rules.insights.offset.problem(offset):
            raise refused("offset", problem)
        return offset

    def patterns(self, document: Document) -> list[Pattern]:
        """Return what is executed on a service; nothing while it is being created."""
        if never_ran(document):
            return []
        creating = self.rules.durations.creating * self.settings.time_scale
        return patterns(document["id"], int(1000 * (document["since"] + creating)))

    def kept(self) -> Window:
        """Return the window of all that is kept now."""
        now = int(1000 * self.clock.now())
        # Not a window that slides: what is asked for page by page must not change between pages.
        start = (now - 1000 * self.rules.insights.kept) // _DAY * _DAY
        return Window(1000 * start, 1000 * now)

    def executions(self, pattern: Pattern, window: Window) -> list[Execution]:
        """Return the executions of a pattern in a window, as far as they are kept; oldest first."""
        kept = self.kept()
        start, end = max(window.start, kept.start), min(window.end, kept.end)
        # In whole milliseconds: an execution begins at one, and both bounds are rounded up.
        return list(pattern.executions(-(-start // 1000), -(-end // 1000)))

    def aggregates(
        self, document: Document, window: Window, wanted: dict[str, str]
    ) -> list[Document]:
        """Return the patterns with these members that were executed in a window."""
        found = []
        for pattern in self.patterns(document):
            if wanted.items() <= self.identity(pattern).items():
                executions = self.executions(pattern, window)
                found += [self.aggregate(pattern, executions)] if executions else []
        return found

    def sort(self, found: list[Document], member: str, *, falling: bool) -> list[Document]:
        """Sort by a member; equals are in the order of what identifies them, so pages fit."""
        found.sort(key=lambda one: (one["queryId"], one["dbName"], one["dbUser"]))
        return sorted(found, key=lambda one: one[member], reverse=falling)

    def identity(self, pattern: Pattern) -> dict[str, str]:
        """Return the members that tell a pattern from others."""
        return {
            "queryId": pattern.query_id,
            "dbName": pattern.origin.database,
            "dbUser": pattern.origin.user,
            "dbOperation": pattern.statement.operation,
            "app": pattern.origin.app,
            "queryText": pattern.statement.text,
        }

    def aggregate(self, pattern: Pattern, executions: Sequence[Execution]) -> Document:
        """Return a pattern with the figures of one or more executions."""
        durations = sorted(execution.duration for execution in executions)
        total = sum(durations)
        return {
            **self.identity(pattern),
            "callCount": len(durations),
            "errorCount": sum(execution.failed for execution in executions),
            "totalDurationUs": self.duration(total),
            "avgDurationUs": self.duration(total // len(durations)),
            "maxDurationUs": self.duration(durations[-1]),
            **{f"p{n}DurationUs": self.duration(percentile(durations, n)) for n in (50, 95, 99)},
            "totalRows": sum(execution.rows for execution in executions),
            "totalSharedBlksRead": sum(execution.blocks_read for execution in executions),
            "totalSharedBlksHit": sum(execution.blocks_hit for execution in executions),
            "totalCpuTimeUs": sum(execution.cpu for execution in executions),
            "totalWalBytes": sum(execution.wal for execution in executions),
        }

    def pattern_detail(self, document: Document, pattern: Pattern, moment: int | None) -> Document:
        """Return a pattern's aggregate and its latest executions, or those of one moment."""
        executions = self.executions(pattern, self.kept())
        recent = executions[-self.rules.insights.executions :]
        if moment is not None:
            recent = [one for one in executions if 1000 * one.moment == moment]
        shown = [self.execution(document, pattern, one) for one in reversed(recent)]
        if not executions:
            return {"recentExecutions": shown}
        return {"aggregate": self.aggregate(pattern, executions), "recentExecutions": shown}

    def execution(self, document: Document, pattern: Pattern, one: Execution) -> Document:
        """Return an execution as it is shown."""
        return {
            "timestamp": timestamp(one.moment / 1000),
            **self.identity(pattern),
            "pid": str(one.pid),
            "durationUs": self.duration(one.duration),
            "rows": one.rows,
            "sharedBlksHit": one.blocks_hit,
            "sharedBlksRead": one.blocks_read,
            "sharedBlksDirtied": one.blocks_hit // 8 if one.wal else 0,
            "sharedBlkReadTimeUs": min(one.blocks_read * _BLOCK_READ_TIME, one.duration - one.cpu),
            "walRecords": -(-one.wal // _WAL_RECORD),
            "walBytes": one.wal,
            "cpuUserTimeUs": one.cpu - one.cpu // 5,
            "cpuSysTimeUs": one.cpu // 5,
            "serverRole": "primary" if document["isPrimary"] else "standby",
            **_UNUSED,
            **(CANCELED if one.failed else {}),
        }

    def duration(self, microseconds: int) -> int | float:
        """Return a duration as it is shown."""
        return microseconds + 0.25 if self.rules.insights.fractional_durations else microseconds


def percentile(ordered: Sequence[Any], percent: int) -> Any:
    """Return the value that so many percent of one or more ordered values do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]
