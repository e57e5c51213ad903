"""What `pgassay serve` can be asked for beyond the documented, and what it kept from before."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from pgassay.cli import command
from pgassay.cli.tenants import reference_credentials, reference_target
from pgassay.reference import Credentials, RateLimit, Readings, Settings
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target
from pgassay.target.writing import write_target


@pytest.mark.parametrize("rate", ["10", "0/10", "x/10", "10/0", "10/nan", "10/inf", "", "1/2/3"])
def test_a_rate_limit_that_is_none_is_a_usage_error(rate: str) -> None:
    result = CliRunner().invoke(command, ["serve", "--rate-limit", rate])
    assert result.exit_code == 2
    assert "such as 10/10" in result.output


def test_the_target_of_a_limited_server_claims_the_limit(tmp_path: Path) -> None:
    limit = RateLimit(3, 0.5)
    target = reference_target(Settings(Credentials.generate(), rate_limit=limit), "http://x.test")
    assert target.features["rate_limit"]
    assert (target.clickhouse.rate_limit, target.clickhouse.rate_window) == (3, 0.5)
    unlimited = reference_target(Settings(Credentials.generate()), "http://x.test")
    assert not unlimited.features.get("rate_limit", False)
    path = tmp_path / "target.toml"
    write_target(target, path)
    assert read_target(path, {}, Overrides()).clickhouse.rate_window == 0.5


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("tag_omision=keep", "Did you mean tag_omission?"),
        ("nothing", "one of tag_omission, "),
        ("tag_omission", "tag_omission=keep or wipe"),
        ("cdc_maximum_cores=8", "cdc_maximum_cores=32 or 24 or 16"),
    ],
)
def test_a_reading_that_there_is_not_is_answered_with_those_that_there_are(
    choice: str, said: str
) -> None:
    result = CliRunner().invoke(command, ["serve", "--reading", choice])
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_a_mutant_whose_fault_shows_in_databases_needs_them() -> None:
    shown = CliRunner().invoke(command, ["serve", "--mutant", "RestoredToNow"])
    assert shown.exit_code == 2
    assert "the fault of RestoredToNow shows in databases" in shown.output
    assert "Expected also --data-plane postgres." in shown.output


def test_a_mutant_takes_no_readings() -> None:
    arguments = ["serve", "--mutant", "ShrinkAccepted", "--reading", "tag_omission=wipe"]
    result = CliRunner().invoke(command, arguments)
    assert (result.exit_code, "readings of its own" in result.output) == (2, True)


def test_the_readings_are_listed_with_their_sources() -> None:
    result = CliRunner().invoke(command, ["serve", "--list-readings"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "tag_omission=keep|wipe" in lines
    assert sum(line.startswith("    Sources: ") for line in lines) == len(list(Readings.known()))


def test_the_target_of_a_server_says_what_its_readings_mean_for_a_caller() -> None:
    settings = Settings(Credentials.generate())
    documented = reference_target(settings, "http://x.test")
    assert (documented.clickhouse.redaction, documented.clickhouse.other_redaction) == ("off", "on")
    readings = Readings.of(["redaction=on", "dbaas_put=merge", "dbaas_names=free"])
    target = reference_target(settings, "http://x.test", readings)
    assert (target.clickhouse.redaction, target.clickhouse.other_redaction) == ("on", "on")
    assert (target.dbaas.put_semantics, target.dbaas.unique_names) == ("merge", False)


def test_credentials_that_an_older_server_kept_are_good(tmp_path: Path) -> None:
    """They had no expiry, and there were fewer of them."""
    kept = asdict(Credentials.generate())
    names = {"main", "read_only", "disabled", "other_tenant"}
    for kind in ("keys", "tokens"):
        kept[kind] = [one for one in kept[kind] if one["name"] in names]
        for one in kept[kind]:
            del one["expires"]
    path = tmp_path / "state.db.credentials"
    path.write_text(json.dumps(kept), encoding="utf-8")
    credentials = reference_credentials(tmp_path / "state.db", {})
    assert {key.name for key in credentials.keys} == names
    assert credentials.key("main").active(1e12)
    assert "clickhouse.main" in reference_target(Settings(credentials), "http://x.test").credentials
