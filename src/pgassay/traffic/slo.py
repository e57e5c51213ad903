"""Service level objectives: read from `load/slo.toml`, judged in three values.

A latency objective passes when the upper end of the percentile's 95 % interval keeps the limit,
fails when the lower end breaks it, and is inconclusive in between, with too few samples, or when
the generator itself was too late to be believed. An error budget is plain accounting: so many of
the requests that were sent may go without a good answer.
"""

import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from pgassay.errors import ConfigurationError
from pgassay.results import SloResult
from pgassay.traffic.percentile import minimum_samples, percentile
from pgassay.traffic.samples import OperationRecord, Outcome, Sample
from pgassay.verdict import Verdict

#: The generator is believed while its p99 lag stays below this, or below a tenth of the limit.
LAG_FLOOR = 0.005
LAG_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Objective:
    """A limit in seconds for one percentile of one operation (or lifecycle figure)."""

    id: str
    scenario: str
    operation: str
    percentile: float
    limit: float
    minimum_samples: int = 0
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """The share (0 to 1) of a scenario's requests that may fail or stay without an answer."""

    id: str
    scenario: str
    share: float
    minimum_samples: int = 1
    families: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Objectives:
    """Everything that an SLO file demands."""

    objective: tuple[Objective, ...] = ()
    budget: tuple[Budget, ...] = ()

    def of(self, scenario: str, family: str) -> "Objectives":
        """Return those that apply to one scenario on one family."""

        def applies(clause: Objective | Budget) -> bool:
            return clause.scenario == scenario and family in (clause.families or (family,))

        return Objectives(
            tuple(filter(applies, self.objective)), tuple(filter(applies, self.budget))
        )


@dataclass(frozen=True, slots=True)
class Conditions:
    """How far the load that was meant is the load that was applied: p99 lag in seconds, drops."""

    lag: float
    dropped: int


def read(path: Path, schema: Path) -> Objectives:
    """Read an SLO file; raises `ConfigurationError` that names the key concerned."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"the file cannot be read: {error.strerror}", str(path)) from error
    except ValueError as error:
        raise ConfigurationError(f"this is not TOML: {error}", str(path)) from error
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    problem = best_match(validator.iter_errors(document))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "top level"
        raise ConfigurationError(problem.message, f"{path}: {where}", remedy=f"See {schema.name}.")
    objectives = msgspec.convert(document, Objectives)
    _check_ids(objectives, path)
    return objectives


def judge(
    objective: Objective, record: OperationRecord | None, conditions: Conditions
) -> SloResult:
    """Judge a latency objective on what was recorded of its operation."""
    samples = answered(record.samples if record else ())
    figure = percentile(
        sorted(sample.lower for sample in samples),
        sorted(math.inf if sample.upper is None else sample.upper for sample in samples),
        objective.percentile,
    )
    needed = max(objective.minimum_samples, minimum_samples(objective.percentile))
    verdict, note = _compare(objective.limit, figure.lower, figure.upper)
    if len(samples) < needed and verdict is not Verdict.FAIL:
        verdict, note = (
            Verdict.INCONCLUSIVE,
            f"{len(samples)} samples, {needed} are needed",
        )
    verdict, note = _believe(verdict, note, objective.limit, conditions)
    return SloResult(
        objective.id,
        objective.scenario,
        objective.operation,
        f"p{objective.percentile:g} <= {objective.limit:g} s",
        objective.limit,
        figure.value,
        figure.lower,
        figure.upper,
        len(samples),
        verdict,
        note,
    )


def account(budget: Budget, records: Sequence[OperationRecord], dropped: int) -> SloResult:
    """Judge an error budget on all requests of a scenario; throttled ones are told apart."""
    sent = sum(record.sent for record in records)
    spent = sum(
        record.count(Outcome.FAILED) + record.count(Outcome.UNFINISHED) for record in records
    )
    throttled = sum(record.count(Outcome.THROTTLED) for record in records)
    allowed = math.floor(budget.share * sent + 1e-9)
    notes = [f"{spent} of {allowed} allowed errors in {sent} requests"]
    verdict = Verdict.PASS if spent <= allowed else Verdict.FAIL
    if throttled:
        notes.append(f"{throttled} throttled requests are not counted as errors")
    if verdict is Verdict.PASS and (sent - throttled < budget.minimum_samples or dropped):
        verdict = Verdict.INCONCLUSIVE
        notes.append(
            f"{dropped} arrivals were dropped"
            if dropped
            else f"{budget.minimum_samples} answered requests are needed"
        )
    return SloResult(
        budget.id,
        budget.scenario,
        "*",
        f"errors <= {budget.share:.3%}",
        budget.share,
        spent / sent if sent else None,
        None,
        None,
        sent,
        verdict,
        "; ".join(notes),
    )


def answered(samples: Sequence[Sample]) -> list[Sample]:
    """Those that tell a latency: good answers, and waits without an answer as lower bounds.

    Fast refusals would flatter the percentiles; they belong to the error budget.
    """
    return [
        sample for sample in samples if sample.outcome is Outcome.SUCCEEDED or sample.upper is None
    ]


def _compare(limit: float, lower: float | None, upper: float | None) -> tuple[Verdict, str]:
    if lower is not None and lower > limit:
        return Verdict.FAIL, f"even the lower bound, {lower:.3f} s, breaks the limit"
    if upper is not None and upper <= limit:
        return Verdict.PASS, ""
    return Verdict.INCONCLUSIVE, "the confidence interval contains the limit"


def _believe(
    verdict: Verdict, note: str, limit: float, conditions: Conditions
) -> tuple[Verdict, str]:
    """Withdraw a verdict that rests on a load which was not the one that was meant."""
    bound = max(LAG_FLOOR, LAG_SHARE * limit)
    if conditions.lag > bound:
        reason = f"the generator was late: p99 lag {conditions.lag:.4f} s, at most {bound:.4f} s"
        return Verdict.INCONCLUSIVE, reason
    if conditions.dropped and verdict is Verdict.PASS:
        reason = f"{conditions.dropped} arrivals were dropped: the load was lower than meant"
        return Verdict.INCONCLUSIVE, reason
    return verdict, note


def _check_ids(objectives: Objectives, path: Path) -> None:
    seen: set[str] = set()
    ids = [item.id for item in objectives.objective] + [item.id for item in objectives.budget]
    for identifier in ids:
        if identifier in seen:
            raise ConfigurationError(
                f"the id '{identifier}' is used twice",
                str(path),
                "each objective to have its own id",
            )
        seen.add(identifier)
