"""Pairs of the CDC scaling whose members are each allowed, though not with one another.

A generator that negates a schema breaks what a member says; that it gets both members right and
their relation wrong is luck. The relation is a rule of its own (ClickHouse Cloud API,
ClickPipesCdcScalingPatchRequest: 4 GB for each core), so the draws are given some that break it.
"""

import random

from pgassay.exchange import Json
from pgassay.specification import Specification

_TEMPLATE = "/clickpipesCdcScaling"


class Crossing:
    """Turn every second body of the scaling into a pair that no size has."""

    def __init__(self, specification: Specification, seed: str) -> None:
        """Draw from `seed`, within what the document says of each member."""
        self._random = random.Random(f"{seed}/crossing")
        self._cores = _steps(specification, "CdcCpu")
        self._memory = _steps(specification, "CdcMemory")
        self._related = specification.component("CdcPair")
        self._seen = 0

    def body(self, template: str, drawn: Json) -> Json:
        """Return what to send to the operation at `template` in place of what was drawn."""
        if not template.endswith(_TEMPLATE):
            return drawn
        self._seen += 1
        return drawn if self._seen % 2 else self._pair()

    def _pair(self) -> Json:
        while True:
            pair = {
                "replicaCpuMillicores": self._random.choice(self._cores),
                "replicaMemoryGb": self._random.choice(self._memory),
            }
            if not self._related.is_valid(pair):
                return pair


def _steps(specification: Specification, component: str) -> range:
    schema = specification.resolved({"$ref": f"#/components/schemas/{component}"})
    return range(schema["minimum"], schema["maximum"] + 1, schema["multipleOf"])
