"""The CDC scaling pair in every answer that shows one."""

from collections.abc import Iterator

from pgassay.exchange import Exchange, Json
from pgassay.expectation import show
from pgassay.monitors.judgement import Judgement, judge
from pgassay.specification import Operation

JUDGES = ("CH-CDC-NO-MIXED-PAIR",)

_OPERATIONS = frozenset({"clickPipeCdcScalingGet", "clickPipeCdcScalingUpdate"})


class ScalingMonitor:
    """Judge that memory is four times the cores, in whole cores from 1 to 32."""

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None or operation.id not in _OPERATIONS or not exchange.succeeded:
            return
        body = exchange.json()
        pair = body.get("result") if isinstance(body, dict) else None
        yield judge(
            "CH-CDC-NO-MIXED-PAIR",
            _documented(pair),
            "a pair that no size has",
            "1000 millicores and 4 GiB for each of 1 to 32 cores",
            show(pair),
        )


def _documented(pair: Json) -> bool:
    if not isinstance(pair, dict):
        return False
    cpu, memory = pair.get("replicaCpuMillicores"), pair.get("replicaMemoryGb")
    return any(cpu == 1000 * cores and memory == 4 * cores for cores in range(1, 33))
