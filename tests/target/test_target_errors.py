"""Each mistake in a target file is named: file, key, what was expected, what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pgassay.errors import ConfigurationError
from pgassay.target.model import Target
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target

Read = Callable[..., Target]

BASIC = '[auth.main]\nscheme = "basic"\nusername = "env:KEY_ID"\npassword = '
HEAD = '[target]\nname = "a"\nfamilies = ["dbaas"]\n'

MISTAKES = [
    pytest.param(
        "[timing]\ncraete = 5",
        "staging.toml, timing: unknown key 'craete'. Expected one of backup, cdc, config, ",
        "Did you mean 'create'?",
        id="misspelt key",
    ),
    pytest.param(
        "[clickhose]",
        "staging.toml: unknown key 'clickhose'.",
        "Did you mean 'clickhouse'?",
        id="misspelt table",
    ),
    pytest.param(
        "[timing]\ncreate = 0",
        "staging.toml, timing.create: 0 is not accepted.",
        "Expected a number of seconds greater than 0.",
        id="zero",
    ),
    pytest.param(
        "[timing]\ncreate = inf",
        "staging.toml, timing.create: inf is not accepted.",
        "Expected a finite number.",
        id="infinite",
    ),
    pytest.param(
        "[limits]\ntotal_resources = true",
        "staging.toml, limits.total_resources: true is not accepted.",
        "Expected a whole number of at least 1",
        id="wrong type",
    ),
    pytest.param(
        '[dbaas]\nprefix = "/v1/"',
        'staging.toml, dbaas.prefix: "/v1/" is not accepted.',
        "without a slash at its end.",
        id="path with a final slash",
    ),
    pytest.param(
        '[dbaas]\nconninfo = "host={ipsv4} user=admin"',
        "staging.toml, dbaas.conninfo:",
        "and without user, password and dbname.",
        id="way in with a user",
    ),
    pytest.param(
        '[dbaas]\nprefix = "/v1\\n"',
        "staging.toml, dbaas.prefix: the text holds a line break",
        "Expected a text of one line.",
        id="line break",
    ),
    pytest.param(
        '[clickhouse]\ntag_omision = "wipe"',
        "staging.toml, clickhouse: unknown key 'tag_omision'.",
        "Did you mean 'tag_omission'?",
        id="misspelt choice",
    ),
    pytest.param(
        "[clickhouse]\ncdc_max_cores = 20",
        "staging.toml, clickhouse.cdc_max_cores: 20 is not accepted.",
        "Expected 32, 24 or 16",
        id="choice that is none",
    ),
    pytest.param(
        "[clickhouse]\nsizes = []",
        "staging.toml, clickhouse.sizes: an empty list is not accepted.",
        "Expected a non-empty list of sizes",
        id="empty list",
    ),
    pytest.param(
        BASIC + '"hunter2"',
        "staging.toml, auth.main.password: a secret must not stand in the target file itself.",
        "for example 'env:AUTH_MAIN_PASSWORD'",
        id="literal secret",
    ),
    pytest.param(
        BASIC + '"env:KEY_SECRETS"',
        "staging.toml, auth.main.password: the environment variable 'KEY_SECRETS' is not set.",
        "A similar variable is set: KEY_SECRET.",
        id="missing variable",
    ),
    pytest.param(
        BASIC + '"env:EMPTY"',
        "staging.toml, auth.main.password: what 'env:EMPTY' refers to is empty",
        "Expected printable ASCII characters on one line.",
        id="empty variable",
    ),
    pytest.param(
        BASIC + '"file:missing.txt"',
        "staging.toml, auth.main.password: the secret file ",
        "cannot be read: No such file or directory.",
        id="missing file",
    ),
    pytest.param(
        '[auth.main]\nscheme = "basic"\ntoken = "env:TOKEN"',
        "staging.toml, auth.main: the scheme 'basic' does not use token.",
        "Expected scheme and password, username.",
        id="key of another scheme",
    ),
    pytest.param(
        '[auth.main]\nscheme = "bearer"',
        "staging.toml, auth.main: the scheme 'bearer' needs token.",
        "Expected scheme and token.",
        id="incomplete scheme",
    ),
    pytest.param(
        '[auth.main]\nscheme = "header"\nheader = "Host"\ntoken = "env:TOKEN"',
        "staging.toml, auth.main.header: the header 'Host' is reserved",
        "such as X-Api-Key.",
        id="reserved header",
    ),
    pytest.param(
        '[auth.mian]\nscheme = "none"',
        "staging.toml, auth: unknown key 'mian'.",
        "Did you mean 'main'?",
        id="misspelt credential",
    ),
    pytest.param(
        '[auth.main]\nscheme = "bearer"\ntoken = "env:TOKEN"\n'
        '[dbaas.auth.other_tenant]\nscheme = "bearer"\ntoken = "env:TOKEN"',
        "staging.toml, dbaas.auth.other_tenant: the credential is the same as 'main'.",
        "checks about 'other_tenant' would judge nothing.",
        id="the same credential twice",
    ),
    pytest.param(
        '[[waiver]]\nrequirement = "DB-X"\nreason = "r"\nowner = "o"',
        "staging.toml, waiver[0]: the key 'expires' is missing.",
        "Expected a date without quotes such as 2030-01-31.",
        id="waiver without an end",
    ),
    pytest.param(
        '[[waiver]]\nrequirement = "DB-X"\nreason = "r"\nowner = "o"\nexpires = "2030-02-31"',
        "staging.toml, waiver[0].expires: 2030-02-31 is not a date.",
        "Expected a date of the calendar",
        id="a day that does not exist",
    ),
]


@pytest.mark.parametrize(("text", "beginning", "end"), MISTAKES)
def test_the_message_names_place_and_expectation(
    read: Read, text: str, beginning: str, end: str
) -> None:
    environ = {"KEY_ID": "an-id", "KEY_SECRET": "a-secret", "TOKEN": "a-token", "EMPTY": ""}
    with pytest.raises(ConfigurationError) as caught:
        read(text, environ=environ)
    message = str(caught.value)
    assert beginning in message
    assert end in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("head", "beginning"),
    [
        ("", "staging.toml: the key 'target' is missing."),
        (HEAD, "staging.toml, target: the key 'base_url' is missing. Expected an absolute http"),
        (HEAD + 'base-url = "http://a.test"', "staging.toml, target: unknown key 'base-url'."),
        (HEAD + "base_url = 5", "staging.toml, target.base_url: 5 is not accepted."),
        (HEAD + 'base_url = "a.test"', "target.base_url: the base URL is not a usable address."),
        (HEAD + 'base_url = "http://a:99999"', "target.base_url: the base URL is not a usable"),
        (HEAD + 'base_url = "http://me:hunter2@a.test"', "target.base_url: the base URL holds cre"),
        (HEAD + 'base_url = "http://a.test/?k=hunter2"', "target.base_url: the base URL holds a q"),
        (HEAD.replace('"dbaas"', ""), "target.families: an empty list is not accepted."),
        (HEAD.replace("dbaas", "dbass"), 'target.families[0]: "dbass" is not accepted. Expected '),
        (
            HEAD + 'base_url = "http://a.test"\n[clickhouse]',
            "the table [clickhouse] is given, but target.families does not name 'clickhouse'.",
        ),
        ("[target\n", "staging.toml: the file is not valid TOML: "),
        ("[target]\nname = staging", "(at line 2, column 8)"),
    ],
)
def test_the_table_target_is_explained(read: Read, head: str, beginning: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("", head=head)
    assert beginning in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_missing_file_points_to_init(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_target(tmp_path / "none.toml", {}, Overrides())
    assert "none.toml: the target file cannot be read: No such file" in str(caught.value)
    assert "`pgassay init`" in str(caught.value)


def test_a_base_url_from_the_environment_is_blamed_on_the_environment(read: Read) -> None:
    with pytest.raises(ConfigurationError, match="the environment variable PGASSAY_BASE_URL: the"):
        read("", environ={"PGASSAY_BASE_URL": "localhost:8080"})


WAIVER = '[[waiver]]\nrequirement = "{}"\nreason = "r"\nowner = "o"\nexpires = 2030-01-31\n'


@pytest.mark.usefixtures("catalogue")
def test_a_waiver_of_an_unknown_requirement_names_a_similar_one(read: Read) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(WAIVER.format("DB-INST-CPU-RANGES"))
    assert str(caught.value).endswith(
        "staging.toml, waiver[0].requirement: the requirement 'DB-INST-CPU-RANGES' does not exist. "
        "Did you mean DB-INST-CPU-RANGE? `pgassay requirements` lists all of them."
    )


@pytest.mark.usefixtures("catalogue")
def test_a_requirement_is_waived_once(read: Read) -> None:
    with pytest.raises(ConfigurationError, match=r"waiver\[1\].requirement: .* is waived twice"):
        read(WAIVER.format("DB-INST-CPU-RANGE") * 2)


@pytest.mark.usefixtures("catalogue")
def test_an_unknown_feature_names_those_that_exist(read: Read) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read("[features]\nredactoin = true")
    assert str(caught.value).endswith(
        "staging.toml, features.redactoin: there is no optional feature 'redactoin'. "
        "Expected one of redaction. Did you mean 'redaction'?"
    )
