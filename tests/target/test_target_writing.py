"""What is written can be read back: the template of `init`, and the file that `serve` writes."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pgassay.errors import ConfigurationError
from pgassay.target.model import (
    ClickhouseSettings,
    Credential,
    DbaasSettings,
    Family,
    Limits,
    Scheme,
    Target,
    Timing,
    Waiver,
)
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target
from pgassay.target.template import VARIABLES, template
from pgassay.target.writing import write_target

TARGET = Target(
    name='the "first"\\one',
    base_url="http://127.0.0.1:8080",
    families=(Family.CLICKHOUSE, Family.DBAAS),
    credentials={
        "main": Credential(Scheme.HEADER, header="X-Api-Key", token="header-secret"),
        "clickhouse.main": Credential(Scheme.BASIC, username="an-id", password="key-secret"),
        "dbaas.read_only": Credential(Scheme.BEARER, token="bearer-secret"),
        "dbaas.disabled": Credential(Scheme.NONE),
    },
    clickhouse=ClickhouseSettings(sizes=("r6gd.large",)),
    dbaas=DbaasSettings(collection_slash=True, conninfo="host={ipsv4} port=5432"),
    features={"redaction": False},
    timing=Timing(create=10.0, poll=0.02),
    limits=Limits(total_resources=4),
    waivers=(Waiver("DB-INST-CPU-RANGE", "r", "o", date(2030, 1, 31)),),
    verify_tls=False,
)


pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize("families", [tuple(Family), (Family.DBAAS,), (Family.CLICKHOUSE,)])
def test_the_template_is_a_valid_target_file(tmp_path: Path, families: tuple[Family, ...]) -> None:
    path = tmp_path / "pgassay.toml"
    path.write_text(template(families))
    target = read_target(path, dict.fromkeys(VARIABLES, "a-value"), Overrides())
    assert target.families == families
    assert all(target.credential("main", family) for family in families)


def test_the_commented_numbers_of_the_template_are_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "pgassay.toml"
    timing = template().partition("[timing]")[2].partition("[limits]")[0]
    lines = [line.removeprefix("# ") for line in timing.splitlines()[1:]]
    path.write_text(template(()).replace("families = []", 'families = ["dbaas"]'))
    path.write_text(path.read_text().partition("[timing]")[0] + "[timing]\n" + "\n".join(lines))
    assert read_target(path, {}, Overrides()).timing == Timing()


def test_a_written_target_reads_back_as_the_same_value(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "local.toml"
    write_target(TARGET, path)
    assert read_target(path, {}, Overrides()) == TARGET


def test_secrets_are_written_to_files_that_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "local.toml"
    write_target(TARGET, path)
    write_target(replace(TARGET, name="again"), path)
    secrets = sorted((tmp_path / "local.secrets").iterdir())
    assert [secret.name for secret in secrets] == [
        "clickhouse.main.password",
        "clickhouse.main.username",
        "dbaas.read_only.token",
        "main.token",
    ]
    assert {secret.stat().st_mode & 0o777 for secret in secrets} == {0o600}
    assert "-secret" not in path.read_text()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="the target file cannot be written: "):
        write_target(TARGET, tmp_path / "file" / "local.toml")
