"""The suite does not cry wolf: servers that chose differently within the documents do not fail."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.cli.tenants import reference_target
from pgassay.reference import Credentials, Settings, SystemClock
from pgassay.reference.server import running
from pgassay.results import Results
from pgassay.run import RunOptions, examine
from pgassay.verdict import Verdict

from . import clickhouse_variants, dbaas_variants, wire_variants
from .variant import Variant

VARIANTS = (
    *dbaas_variants.VARIANTS,
    *clickhouse_variants.VARIANTS,
    *wire_variants.VARIANTS,
)


@pytest.fixture(scope="session")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped checks but the drawn requests, which take as long as all others together."""
    checks = tmp_path_factory.mktemp("conformance")
    for module in folder("conformance").glob("test_*.py"):
        if module.name != "test_fuzzing.py":
            shutil.copy(module, checks)
    return checks


def examined(variant: Variant, checks: Path, output: Path) -> Results:
    settings = Settings(Credentials.generate(), variant.time_scale)
    with running(variant.app(settings, SystemClock())) as url:
        target = replace(reference_target(settings, url), embedded=True)
        sizes = replace(target.clickhouse, sizes=target.clickhouse.sizes[:3])
        target = variant.describe(replace(target, families=variant.families, clickhouse=sizes))
        return examine(target, RunOptions(output=output, checks=checks))


@pytest.mark.parametrize(
    "variant", VARIANTS, ids=lambda variant: f"{'-'.join(variant.families)}-{variant.name}"
)
def test_a_legal_variant_does_not_fail(variant: Variant, checks: Path, tmp_path: Path) -> None:
    results = examined(variant, checks, tmp_path)
    alarms = [
        f"{check.id}: {check.verdict}: {check.note}"
        for check in results.checks
        if check.verdict in {Verdict.FAIL, Verdict.ERROR}
    ]
    failed = [f"{row.id}: {row.note}" for row in results.of_verdict(Verdict.FAIL, Verdict.ERROR)]
    assert not failed, alarms
    warned = {row.id: row.note for row in results.of_verdict(Verdict.WARN)}
    assert warned.keys() == variant.warned, warned
    assert results.exit_status == variant.status, [
        f"{row.id}: {row.verdict}: {row.note}"
        for row in results.requirements
        if row.testable and row.verdict is not Verdict.PASS
    ]
