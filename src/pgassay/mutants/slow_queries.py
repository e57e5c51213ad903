# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the list of slow query patterns and in their details."""

from collections.abc import Sequence

from pgassay.mutants.mutant import Faults
from pgassay.reference.clickhouse.metrics import Window
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clickhouse.workload import Execution, Pattern
from pgassay.reference.http import ApiError
from pgassay.reference.query_string import QueryString
from pgassay.reference.store import Document

FAULTS = Faults()


@FAULTS.clickhouse("CH-SLOW-QUERIES-LIMIT")
class LimitIgnored(ClickhouseService):
    """The list has all patterns, whatever the limit."""

    def limit(self, query: QueryString) -> int:
        super().limit(query)
        return 500


@FAULTS.clickhouse("CH-SLOW-QUERIES-LIMIT")
class LimitClamped(ClickhouseService):
    """A limit that is out of range counts as the nearest one within."""

    def limit(self, query: QueryString) -> int:
        limit = query.whole("limit")
        return 20 if limit is None else min(max(limit, 1), 500)


@FAULTS.clickhouse("CH-SLOW-QUERIES-OFFSET")
class StrangeOffsetsIgnored(ClickhouseService):
    """An offset that is none is passed over."""

    def offset(self, query: QueryString) -> int:
        try:
            return super().offset(query)
        except ApiError:
            return 0


@FAULTS.clickhouse("CH-SLOW-QUERIES-PAGING")
class OffsetOneShort(ClickhouseService):
    """Each page begins with the last pattern of the one before."""

    def offset(self, query: QueryString) -> int:
        return max(super().offset(query) - 1, 0)


@FAULTS.clickhouse("CH-SLOW-QUERIES-SORT")
class SortedByTotalAlways(ClickhouseService):
    """The list is sorted by total duration whatever was asked for."""

    def sort(self, found: list[Document], member: str, *, falling: bool) -> list[Document]:
        return super().sort(found, "totalDurationUs", falling=falling)


@FAULTS.clickhouse("CH-SLOW-QUERIES-SORT")
class SortedAfterTheCut(ClickhouseService):
    """The list is cut off before it is sorted."""

    def query_patterns(self, document: Document, query: QueryString) -> list[Document]:
        self._longest = self.limit(query)
        return super().query_patterns(document, query)

    def sort(self, found: list[Document], member: str, *, falling: bool) -> list[Document]:
        return super().sort(found[: self._longest], member, falling=falling)


@FAULTS.clickhouse("CH-SLOW-QUERIES-SORT-DEFAULT")
class ShortestFirst(ClickhouseService):
    """Without any choice the list begins with the shortest total duration."""

    def query_patterns(self, document: Document, query: QueryString) -> list[Document]:
        found = super().query_patterns(document, query)
        chosen = query.text("sort_by") or query.text("sort_order")
        return found if chosen else found[::-1]


@FAULTS.clickhouse("CH-SLOW-QUERIES-SORT-INVALID")
class StrangeOrderIgnored(ClickhouseService):
    """An order that nobody documented is passed over."""

    def query_patterns(self, document: Document, query: QueryString) -> list[Document]:
        try:
            return super().query_patterns(document, query)
        except ApiError as error:
            if "sort_" not in error.detail:
                raise
            found = self.aggregates(document, self.window(query), self.filters(query))
            return self.sort(found, "totalDurationUs", falling=True)[: self.limit(query)]


@FAULTS.clickhouse("CH-SLOW-QUERIES-FILTERS")
class FiltersIgnored(ClickhouseService):
    """The list has the patterns of everybody, whatever the filters."""

    def aggregates(
        self, document: Document, window: Window, wanted: dict[str, str]
    ) -> list[Document]:
        return super().aggregates(document, window, {})


@FAULTS.clickhouse("CH-SLOW-QUERIES-INVARIANTS")
class PercentilesSwapped(ClickhouseService):
    """The median stands where the 99th percentile belongs."""

    def aggregate(self, pattern: Pattern, executions: Sequence[Execution]) -> Document:
        right = super().aggregate(pattern, executions)
        swapped = {"p50DurationUs": right["p99DurationUs"], "p99DurationUs": right["p50DurationUs"]}
        return right | swapped


@FAULTS.clickhouse("CH-SLOW-QUERIES-INVARIANTS")
class TotalInMilliseconds(ClickhouseService):
    """The total duration is in milliseconds, all others are in microseconds."""

    def aggregate(self, pattern: Pattern, executions: Sequence[Execution]) -> Document:
        right = super().aggregate(pattern, executions)
        return right | {"totalDurationUs": right["totalDurationUs"] // 1000}


@FAULTS.clickhouse("CH-SLOW-QUERIES-DETAIL", "CH-SLOW-QUERIES-UNKNOWN-ID")
class FirstPatternDetailed(ClickhouseService):
    """Every detail is of the service's first pattern."""

    def query_pattern(self, document: Document, query_id: str, query: QueryString) -> Document:
        super().query_pattern(document, query_id, query)
        return self.pattern_detail(document, self.patterns(document)[0], None)


@FAULTS.clickhouse("CH-SLOW-QUERIES-DETAIL-REQUIRED")
class DetailByIdentifierAlone(ClickhouseService):
    """A detail needs neither database nor role nor kind of statement."""

    def query_pattern(self, document: Document, query_id: str, query: QueryString) -> Document:
        try:
            return super().query_pattern(document, query_id, query)
        except ApiError:
            named = [one for one in self.patterns(document) if one.query_id == query_id]
            return self.pattern_detail(document, named[0], None)


@FAULTS.clickhouse("CH-SLOW-QUERIES-NEGATIVE-ID")
class SignLost(ClickhouseService):
    """The minus sign of an identifier in the path is passed over."""

    def query_pattern(self, document: Document, query_id: str, query: QueryString) -> Document:
        return super().query_pattern(document, query_id.lstrip("-"), query)
