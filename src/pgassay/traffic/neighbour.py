"""A second tenant: traffic of its own beside that of the first, and what the noise did to it."""

from dataclasses import replace

from pgassay.results import LoadOperation, LoadScenario, SloResult
from pgassay.target.model import Credential, Family
from pgassay.traffic.adapter import Adapter
from pgassay.traffic.clickhouse import ClickhouseAdapter
from pgassay.traffic.dbaas import DbaasAdapter
from pgassay.traffic.lifecycle import Arrival, Traffic
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.session import Session
from pgassay.verdict import Verdict

ALONE = "_alone"
IN_NOISE = "_in_noise"


def neighbour(session: Session, name: str, credential: Credential) -> Traffic:
    """Traffic of the tenant `name`: its own organization or project, and its own ledger."""
    own = replace(session.plan, nonce=f"{session.plan.nonce}{name[0]}", population=1)
    return Traffic(session.of_tenant(own, name, credential), _adapter(own))


def suffix(arrival: Arrival) -> str:
    """What is added to the operations of the quiet tenant: whether its phase has noise in it."""
    traffic = arrival.traffic
    due = (arrival.due or 0.0) - traffic.session.recorder.origin
    phase = traffic.plan.phase_at(due)
    return IN_NOISE if phase.arrivals else ALONE


def judged(result: LoadScenario) -> LoadScenario:
    """Add what the quiet tenant felt: its p95 with and without noise, and who was throttled.

    The objective that no request of the quiet tenant is throttled is always part of it: a limit
    that one tenant uses up must not be another one's.
    """
    if not result.operations:
        return result
    slo = _throttling(result)
    note = "; ".join(filter(None, (result.note, *map(_felt, _pairs(result)))))
    verdict = max(result.verdict, slo.verdict)
    return replace(result, slos=(*result.slos, slo), note=note, verdict=verdict)


def _adapter(plan: LoadPlan) -> Adapter:
    """The adapter of another tenant: what the target file says of projects is the main one's."""
    if plan.family is Family.CLICKHOUSE:
        settings = plan.target.clickhouse
        return ClickhouseAdapter(replace(settings, organization_id=settings.other_organization_id))
    return DbaasAdapter(replace(plan.target.dbaas, project_id=""))


def _pairs(result: LoadScenario) -> list[tuple[str, LoadOperation, LoadOperation]]:
    named = {operation.name: operation for operation in result.operations}
    return [
        (name.removesuffix(ALONE), alone, named[name.removesuffix(ALONE) + IN_NOISE])
        for name, alone in named.items()
        if name.endswith(ALONE) and name.removesuffix(ALONE) + IN_NOISE in named
    ]


def _felt(pair: tuple[str, LoadOperation, LoadOperation]) -> str:
    name, alone, noise = pair
    before, after = _p95(alone), _p95(noise)
    if before is None or after is None:
        return f"the quiet tenant's {name}: too few samples for a p95 with and without noise"
    return f"the quiet tenant's {name}: p95 {before:.4f} s alone, {after:.4f} s in noise"


def _p95(operation: LoadOperation) -> float | None:
    return next((one.value for one in operation.percentiles if one.q == 95.0), None)


def _throttling(result: LoadScenario) -> SloResult:
    ends = (ALONE, IN_NOISE)
    quiet = [one for one in result.operations if one.name.endswith(ends)]
    throttled = sum(one.throttled for one in quiet)
    noisy = sum(one.throttled for one in result.operations) - throttled
    sent = sum(one.sent for one in quiet)
    verdict = Verdict.FAIL if throttled else Verdict.PASS if sent else Verdict.INCONCLUSIVE
    return SloResult(
        id="neighbour-throttled",
        scenario=result.scenario,
        operation="*",
        objective="429 to the quiet tenant <= 0",
        limit=0.0,
        value=float(throttled),
        lower=None,
        upper=None,
        samples=sent,
        verdict=verdict,
        note=f"{throttled} requests of the quiet tenant and {noisy} of the noisy one got a 429",
    )
