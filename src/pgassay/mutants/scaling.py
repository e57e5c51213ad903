# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the scaling of change data capture."""

from typing import Any

from pgassay.mutants.mutant import Faults, Mutant
from pgassay.reference import Behaviour
from pgassay.reference.clickhouse.backend import WAREHOUSE
from pgassay.reference.clickhouse.rules import ClickhouseRules, ScalingRules, StepRule
from pgassay.reference.clickhouse.scaling import CPU, MEMORY
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.http import ApiError, bad_request
from pgassay.reference.schedule import outlook
from pgassay.reference.settings import ApiKey
from pgassay.reference.store import Document

FAULTS = Faults()


class _Free(ClickhouseService):
    """Makes nothing of the ratio between memory and cores."""

    def check_pair(self, pair: Document) -> None:
        rules = self.rules.scaling
        for member, rule in ((CPU, rules.cpu), (MEMORY, rules.memory)):
            if problem := rule.problem(pair[member]):
                raise bad_request(f"request body.{member}: {problem}")

    def scale(self, document: Document, body: Any) -> Document:
        """Scale to the documented size that has the cores asked for."""
        pair = super().scale(document, body)
        fitting = {CPU: pair[CPU], MEMORY: pair[CPU] * self.rules.scaling.memory_per_core // 1000}
        for step in document.get("pending", ()):
            step["set"]["scaling"] = fitting
        self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return fitting


@FAULTS.clickhouse("CH-CDC-PAIR")
class PairUnchecked(_Free):
    """Memory that does not go with the cores is accepted, and the cores decide."""


@FAULTS.clickhouse("CH-CDC-GET")
class ScalingInCores(ClickhouseService):
    """Reading the scaling shows memory as text."""

    def scaling(self, document: Document) -> Document:
        pair = super().scaling(document)
        return {CPU: pair[CPU], MEMORY: f"{pair[MEMORY]}GiB"}


@FAULTS.clickhouse("CH-CDC-UPDATE")
class LargestGuideSizeRefused(ClickhouseService):
    """Nothing above 16 cores can be had."""

    def check_pair(self, pair: Document) -> None:
        super().check_pair(pair)
        if pair[CPU] > 16000:
            raise bad_request(f"request body.{CPU}: too much")


@FAULTS.clickhouse("CH-CDC-CPU-STEP")
class HalfCoresAccepted(_Free):
    """Half cores are accepted, and rounded down."""

    def scale(self, document: Document, body: Any) -> Document:
        return super().scale(document, _rounded(body, CPU, 500, 1000))


@FAULTS.clickhouse("CH-CDC-MEMORY-STEP")
class OddMemoryAccepted(_Free):
    """Memory between two sizes is accepted, and rounded down."""

    def scale(self, document: Document, body: Any) -> Document:
        return super().scale(document, _rounded(body, MEMORY, 1, 4))


@FAULTS.clickhouse("CH-CDC-TYPES")
class ScalingCoerced(ClickhouseService):
    """CPU and memory may be given as text or as a truth value."""

    def scale(self, document: Document, body: Any) -> Document:
        members = body if isinstance(body, dict) else {}
        read = {name: value if value is None else int(value) for name, value in members.items()}
        return super().scale(document, {name: v for name, v in read.items() if v is not None})


@FAULTS.clickhouse("CH-CDC-NO-MIXED-PAIR")
class MixedPairShown(ClickhouseService):
    """While scaling, the new cores show beside the old memory."""

    def scaling(self, document: Document) -> Document:
        return {**super().scaling(document), CPU: outlook(document, "scaling")[CPU]}


@FAULTS.clickhouse("CH-CDC-DELAYED-EFFECT")
class ScalingNeverHappens(ClickhouseService):
    """A change is acknowledged, and the scaling stays."""

    def scale(self, document: Document, body: Any) -> Document:
        pair = super().scale(document, body)
        document["pending"] = []
        self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return pair


@FAULTS.clickhouse("CH-CDC-DELAYED-OLD")
class ScalingFlaps(ClickhouseService):
    """After the read that first shows a change, the next one shows the old pair again."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.shown: list[Document] = []

    def scaling(self, document: Document) -> Document:
        self.shown = [*self.shown[-2:], super().scaling(document)]
        before, last, now = (*self.shown[:1] * 2, *self.shown)[-3:]
        return before if last == now else now


class _Enlarging(ClickhouseService):
    def enlarge(self, document: Document) -> Document:
        """Set the scaling to the largest size at once, and return that."""
        pair = super().scale(document, {CPU: 32000, MEMORY: 128})
        document["scaling"] = pair
        self.store.put(WAREHOUSE, document["id"], document["organization"], document)
        return pair


@FAULTS.clickhouse("CH-CDC-REJECT-UNTOUCHED")
class RefusedScalingApplied(_Enlarging):
    """A change is refused, and the scaling goes to the largest size."""

    def scale(self, document: Document, body: Any) -> Document:
        try:
            return super().scale(document, body)
        except ApiError:
            self.enlarge(document)
            raise


@FAULTS.clickhouse("CH-CDC-ONE-MEMBER")
class OneMemberForgotten(ClickhouseService):
    """A request for cores alone is accepted, and ends in the smallest size."""

    def scale(self, document: Document, body: Any) -> Document:
        alone = isinstance(body, dict) and len({CPU, MEMORY} & body.keys()) == 1
        return super().scale(document, {CPU: 1000, MEMORY: 4} if alone else body)


@FAULTS.clickhouse("CH-CDC-AVAILABILITY")
class ScalingWithoutPipe(ClickhouseService):
    """A service without a database ClickPipe can be scaled as well."""

    def find_warehouse(self, organization: Document, service_id: str) -> Document:
        document = self.present_state(WAREHOUSE, self.store.get(WAREHOUSE, service_id))
        if document is not None and document["scaling"] is None:
            document["scaling"] = {CPU: 1000, MEMORY: 4}
            self.store.put(WAREHOUSE, service_id, document["organization"], document)
        return super().find_warehouse(organization, service_id)


@FAULTS.clickhouse("CH-CDC-ADMIN-KEY")
class ReadOnlyKeyScales(ClickhouseService):
    """A key that may only read can change the scaling."""

    def authorize_change(self, key: ApiKey) -> None:
        pass


def _rules(name: str, description: str, breaks: str, rules: ScalingRules) -> Mutant:
    return Mutant(name, description, (breaks,), Behaviour(ClickhouseRules(scaling=rules)))


def _rounded(body: Any, member: str, step: int, whole: int) -> Any:
    number = body.get(member) if isinstance(body, dict) else None
    if type(number) is not int or number < whole or number % step or number % whole == 0:
        return body
    return {**body, member: number // whole * whole}


RULES: tuple[Mutant, ...] = (
    _rules(
        "ThirtyThreeCoresAccepted",
        "A change to 33 cores is accepted.",
        "CH-CDC-CPU-RANGE",
        ScalingRules(cpu=StepRule(1000, 33000, 1000), memory=StepRule(4, 132, 4)),
    ),
    _rules(
        "NoCoreAccepted",
        "A change to no core and no memory is accepted.",
        "CH-CDC-CPU-RANGE",
        ScalingRules(cpu=StepRule(0, 32000, 1000), memory=StepRule(0, 128, 4)),
    ),
    _rules(
        "LargestSizeRefused",
        "A change to 32 cores is refused, as the older guide has it.",
        "CH-CDC-UPDATE-LARGE",
        ScalingRules(cpu=StepRule(1000, 24000, 1000), memory=StepRule(4, 96, 4)),
    ),
    _rules(
        "HalfMemoryDemanded",
        "A core comes with two GiB instead of four.",
        "CH-CDC-UPDATE",
        ScalingRules(memory_per_core=2),
    ),
)


@FAULTS.clickhouse("CH-CDC-MEMORY-RANGE")
class MemoryAboveMaximumAccepted(_Free):
    """Memory beyond the largest size is accepted, and cut."""

    def scale(self, document: Document, body: Any) -> Document:
        memory = body.get(MEMORY) if isinstance(body, dict) else None
        wanted = memory if type(memory) is int and memory > 128 else None
        return super().scale(document, {**body, MEMORY: 128} if wanted else body)


@FAULTS.clickhouse("CH-CDC-REJECT-UNTOUCHED")
class EmptyChangeStartsOver(_Enlarging):
    """A change of nothing sets the scaling to the largest size at once."""

    def scale(self, document: Document, body: Any) -> Document:
        return super().scale(document, body) if body else self.enlarge(document)
