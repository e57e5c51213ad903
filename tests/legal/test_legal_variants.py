"""The suite does not cry wolf: servers that chose differently within the documents do not fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.cli.tenants import reference_target
from pgassay.cli.trial import Moment
from pgassay.clock import LeapingClock, going_by
from pgassay.inprocess import InProcess
from pgassay.reference import Credentials, Settings
from pgassay.reference.server import running
from pgassay.reference.stand import standing
from pgassay.results import Results
from pgassay.run import RunOptions, examine
from pgassay.verdict import Verdict

from . import (
    clickhouse_variants,
    dbaas_variants,
    http_variants,
    reading_variants,
    state_variants,
    wire_variants,
)
from .variant import Variant

VARIANTS = (
    *dbaas_variants.VARIANTS,
    *clickhouse_variants.VARIANTS,
    *state_variants.VARIANTS,
    *wire_variants.VARIANTS,
    *http_variants.VARIANTS,
    *reading_variants.VARIANTS,
)


@contextmanager
def served(variant: Variant, settings: Settings) -> Iterator[tuple[str, InProcess | None]]:
    """Keep a variant ready while the block runs; gives its address and its way in process."""
    if variant.connected:
        with running(variant.app(settings, variant.clock())) as url:
            yield url, None
        return
    clock = LeapingClock()
    moment = Moment(clock)
    with standing(variant.app(settings, moment), moment) as stand, going_by(clock):
        yield stand.url, InProcess(stand.answer)


def examined(variant: Variant, output: Path) -> Results:
    settings = Settings(Credentials.generate(), variant.time_scale)
    with served(variant, settings) as (url, way):
        target = replace(reference_target(settings, url, variant.readings), embedded=True)
        sizes = replace(target.clickhouse, sizes=target.clickhouse.sizes[:3])
        target = variant.describe(replace(target, families=variant.families, clickhouse=sizes))
        return examine(target, RunOptions(output=output), transport=way)


@pytest.mark.parametrize(
    "variant", VARIANTS, ids=lambda variant: f"{'-'.join(variant.families)}-{variant.name}"
)
def test_a_legal_variant_does_not_fail(variant: Variant, tmp_path: Path) -> None:
    results = examined(variant, tmp_path)
    alarms = [
        f"{check.id}: {check.verdict}: {check.note}"
        for check in results.checks
        if check.verdict in {Verdict.FAIL, Verdict.ERROR}
    ]
    failed = [f"{row.id}: {row.note}" for row in results.of_verdict(Verdict.FAIL, Verdict.ERROR)]
    assert not failed, alarms
    warned = {row.id: row.note for row in results.of_verdict(Verdict.WARN)}
    assert warned.keys() == variant.warned, warned
    seen = {gap.id: "/".join(branch.name for branch in gap.seen) for gap in results.gaps}
    assert {gap: seen[gap] for gap in variant.told} == variant.told
    assert results.exit_status == variant.status, [
        f"{row.id}: {row.verdict}: {row.note}"
        for row in results.requirements
        if row.testable and row.verdict is not Verdict.PASS
    ]
