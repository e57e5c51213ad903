"""Tell in a few sentences what a run would do."""

from pgassay.reporting.tally import count
from pgassay.reporting.units import seconds
from pgassay.run.plan import Plan


def told(plan: Plan) -> str:
    """How many checks, how many services and instances, and how long they are waited for."""
    families = ", ".join(f"{name} {number:,}" for name, number in sorted(plan.checks.items()))
    lines = [f"{count(plan.checks.total(), 'check')}: {families}."]
    if plan.workers > 1:
        lines.append(f"{plan.workers} processes share them.")
    if not plan.total:
        lines.append(
            "Services and instances: as many as the checks ask for. [limits] total_resources and"
            " concurrent_resources of the target file set bounds."
        )
        return "\n".join(lines)
    at_once = f", {plan.at_once} at a time" if plan.at_once else ""
    lines.append(f"At most {plan.total} services and instances are created{at_once}.")
    lines.append(
        f"Where each takes {seconds(plan.creation)} ([timing] create), they are waited for"
        f" {seconds(plan.waiting)}."
    )
    return "\n".join(lines)
