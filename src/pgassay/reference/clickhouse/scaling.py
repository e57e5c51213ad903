"""CDC scaling of ClickPipes: one pair of CPU and memory for all database pipes of a service."""

from typing import Any

from msgspec import UNSET

from pgassay.reference.clickhouse.backend import WAREHOUSE, Backend
from pgassay.reference.clickhouse.models import ScalingRequest, convert
from pgassay.reference.http import bad_request, not_found
from pgassay.reference.schedule import outlook, plan
from pgassay.reference.store import Document

CPU, MEMORY = "replicaCpuMillicores", "replicaMemoryGb"


class Scaling(Backend):
    """The operations on `clickpipesCdcScaling` of a ClickHouse service."""

    def find_warehouse(self, organization: Document, service_id: str) -> Document:
        """Return a ClickHouse service; ApiError 404 when it has no database pipe yet."""
        document = self.present_state(WAREHOUSE, self.store.get(WAREHOUSE, service_id))
        if document is None or document["organization"] != organization["id"]:
            raise not_found(service_id)
        if document["scaling"] is None:
            detail = f"{service_id} has no database ClickPipe to scale"
            unknown = self.rules.scaling.missing_pipe_status == 404
            raise not_found(detail) if unknown else bad_request(detail)
        return document

    def scaling(self, document: Document) -> Document:
        """Return the pair that is in effect."""
        pair: Document = document["scaling"]
        return pair

    def scale(self, document: Document, body: Any) -> Document:
        """Begin to scale to the pair that the request makes, and return that pair.

        ApiError 400 when a value is off its steps or memory does not match the cores.
        """
        request = convert(body, ScalingRequest)
        wanted = outlook(document, "scaling")
        pair = self.pair(request, wanted)
        self.check_pair(pair)
        if pair != wanted:
            plan(document, self.due(self.rules.durations.scaling), {"scaling": pair})
            self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return pair

    def pair(self, request: ScalingRequest, wanted: Document) -> Document:
        """Make a pair of a request and of what was last asked for; ApiError 400."""
        rules, pair = self.rules.scaling, {CPU: wanted[CPU], MEMORY: wanted[MEMORY]}
        if request.replica_cpu_millicores is not UNSET:
            pair[CPU] = request.replica_cpu_millicores
        if request.replica_memory_gb is not UNSET:
            pair[MEMORY] = _whole(request.replica_memory_gb)
        alone = (request.replica_cpu_millicores is UNSET) != (request.replica_memory_gb is UNSET)
        if alone and rules.alone == "refuse":
            raise bad_request(f"request body: {CPU} and {MEMORY} belong together")
        if alone and rules.alone == "complete" and request.replica_memory_gb is UNSET:
            pair[MEMORY] = pair[CPU] * rules.memory_per_core // 1000
        elif alone and rules.alone == "complete":
            pair[CPU] = pair[MEMORY] * 1000 // rules.memory_per_core
        return pair

    def check_pair(self, pair: Document) -> None:
        """ApiError 400 unless both numbers are on their steps and belong together."""
        rules = self.rules.scaling
        for member, rule in ((CPU, rules.cpu), (MEMORY, rules.memory)):
            if problem := rule.problem(pair[member]):
                raise bad_request(f"request body.{member}: {problem}")
        if pair[MEMORY] * 1000 != pair[CPU] * rules.memory_per_core:
            ratio = rules.memory_per_core
            raise bad_request(f"request body.{MEMORY}: must be {ratio} GiB for each core")


def _whole(number: float) -> int:
    if number != int(number):
        raise bad_request(f"request body.{MEMORY}: must be a whole number")
    return int(number)
