"""Internal parts of an instance that no answer may show."""

from collections.abc import Iterator

from pgassay.exchange import Exchange, Json
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation
from pgassay.target.model import Family

JUDGES = ("DB-INST-NODES-INTERNAL",)

_INTERNAL = frozenset({"nodes", "node_set", "node_sets", "nodeset", "nodesets"})


class InternalsMonitor:
    """Judge that neither node sets nor nodes show."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None or operation.family is not Family.DBAAS or not exchange.succeeded:
            return
        shown = sorted(set(_members(exchange.json())) & _INTERNAL)
        yield judge(
            "DB-INST-NODES-INTERNAL",
            not shown,
            "an answer shows nodes",
            "no member about node sets or nodes",
            ", ".join(shown),
        )


def _members(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _members(member)
    elif isinstance(value, list):
        for item in value:
            yield from _members(item)
