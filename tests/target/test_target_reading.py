"""A target file becomes a `Target`: file < environment < flags."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pgassay.errors import ConfigurationError, UsageError
from pgassay.target.model import Family, Limits, Scheme, Target, Timing
from pgassay.target.overrides import Overrides

Read = Callable[..., Target]


def test_a_short_file_is_enough_and_the_rest_has_defaults(read: Read) -> None:
    target = read("")
    assert target == Target(
        "staging", "https://api.example.test", (Family.CLICKHOUSE, Family.DBAAS)
    )


@pytest.mark.usefixtures("catalogue")
def test_every_table_reaches_the_target(read: Read) -> None:
    target = read(
        """
        [clickhouse]
        sizes = ["r6gd.medium"]
        [dbaas]
        prefix = "/v2/postgres"
        put_semantics = "merge"
        [features]
        redaction = true
        [timing]
        create = 10
        [limits]
        total_resources = 3
        """
    )
    assert target.clickhouse.sizes == ("r6gd.medium",)
    assert (target.dbaas.prefix, target.dbaas.put_semantics) == ("/v2/postgres", "merge")
    assert target.features == {"redaction": True}
    assert target.timing == Timing(create=10.0)
    assert target.limits == Limits(total_resources=3)


def test_a_factor_multiplies_all_budgets_and_nothing_else(read: Read) -> None:
    timing = read("[timing]\nfactor = 2\ncreate = 10").timing
    given = Timing()
    assert (timing.create, timing.cdc) == (20.0, 2 * given.cdc)
    assert (timing.poll, timing.settle, timing.request) == (given.poll, given.settle, given.request)


def test_a_choice_about_the_documents_reaches_the_target(read: Read) -> None:
    target = read('[clickhouse]\ncdc_max_cores = 24\ntag_omission = "wipe"\nprefix = "/api"')
    assert (target.clickhouse.cdc_max_cores, target.clickhouse.tag_omission) == (24, "wipe")
    assert target.url("/v1/organizations") == "https://api.example.test/api/organizations"


def test_paths_of_dbaas_are_told_as_the_text_writes_them(read: Read) -> None:
    prefix = "/v1/types/postgres"
    target = read(f'[dbaas]\nprefix = "{prefix}"')
    assert target.documented(f"{prefix}/instances/u") == "/v1/postgres/instances/u"
    assert target.documented(f"{prefix}/versions") == f"{prefix}/versions"


def test_secrets_come_from_the_environment_and_from_files_beside_the_target(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "token.txt").write_text("from-a-file\n")
    target = read(
        """
        [auth.main]
        scheme = "basic"
        username = "env:KEY_ID"
        password = "env:KEY_SECRET"
        [dbaas.auth.main]
        scheme = "bearer"
        token = "file:token.txt"
        """
    )
    clickhouse = target.credential("main", Family.CLICKHOUSE)
    dbaas = target.credential("main", Family.DBAAS)
    assert clickhouse is not None
    assert dbaas is not None
    assert (clickhouse.username, clickhouse.password) == ("an-id", "a-secret")
    assert (dbaas.scheme, dbaas.token) == (Scheme.BEARER, "from-a-file")


def test_a_user_name_may_stand_in_the_file(read: Read) -> None:
    target = read(
        '[auth.main]\nscheme = "basic"\nusername = "release"\npassword = "env:KEY_SECRET"'
    )
    assert target.credentials["main"].username == "release"


def test_the_environment_goes_before_the_file_and_flags_before_both(read: Read) -> None:
    environ = {"PGASSAY_BASE_URL": "http://127.0.0.1:8080/"}
    flags = Overrides(base_url="http://127.0.0.1:9090")
    assert read("", environ=environ).base_url == "http://127.0.0.1:8080"
    assert read("", environ=environ, overrides=flags).base_url == "http://127.0.0.1:9090"


def test_families_can_be_narrowed_but_not_widened(read: Read) -> None:
    narrowed = read("", overrides=Overrides(families=(Family.DBAAS,)))
    assert narrowed.families == (Family.DBAAS,)
    head = '[target]\nname = "a"\nbase_url = "http://a.test"\nfamilies = ["dbaas"]\n'
    with pytest.raises(UsageError, match="does not offer the family 'clickhouse'"):
        read("", head=head, overrides=Overrides(families=(Family.CLICKHOUSE,)))


@pytest.mark.usefixtures("catalogue")
def test_a_waiver_has_a_toml_date(read: Read) -> None:
    target = read(
        """
        [[waiver]]
        requirement = "DB-INST-CPU-RANGE"
        reason = "fixed in the next release"
        owner = "platform team"
        expires = 2030-01-31
        """
    )
    assert target.waivers[0].expires == date(2030, 1, 31)


def test_errors_of_the_file_have_exit_status_2() -> None:
    assert ConfigurationError.exit_code == UsageError.exit_code == 2
